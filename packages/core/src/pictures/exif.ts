import type { Orientation } from '../images/orientation.js';
import { Reader } from './reader.js';

const ORIENTATION = 0x0112;

/**
 * The orientation that a block of EXIF data (a TIFF header and its first directory) states; 1 where it states none or is
 * damaged, since a broken remark should not keep a whole picture from being read.
 */
export function exifOrientation(block: Uint8Array): Orientation {
  const exif = new Reader(block);
  const start = exif.text(0, 6) === 'Exif\0\0' ? 6 : 0;
  try {
    const littleEndian = exif.text(start, 2) === 'II';
    return directoryOrientation(exif, start + exif.u32(start + 4, littleEndian), littleEndian);
  } catch (error) {
    if (error instanceof RangeError) return 1;
    throw error;
  }
}

/** The orientation in the TIFF directory that starts at `at`. */
export function directoryOrientation(file: Reader, at: number, littleEndian: boolean): Orientation {
  const count = file.u16(at, littleEndian);
  for (let entry = at + 2; entry < at + 2 + count * 12; entry += 12) {
    if (file.u16(entry, littleEndian) !== ORIENTATION) continue;
    const value = file.u16(entry + 8, littleEndian);
    return value >= 1 && value <= 8 ? (value as Orientation) : 1;
  }
  return 1;
}
