import type { Orientation } from '../images/orientation.js';
import { exifOrientation } from './exif.js';
import type { PictureHeader } from './header.js';
import type { Reader } from './reader.js';

/** The chunks of a RIFF container: lossy (VP8), lossless (VP8L), and extended (VP8X) with EXIF beside either. */
export function readWebp(file: Reader): PictureHeader {
  const end = Math.min(8 + file.u32(4, true), 2 ** 31);
  file.slice(0, end);
  let size: { width: number; height: number } | undefined;
  let orientation: Orientation = 1;
  let exif: PictureHeader['exif'];
  let animated = false;
  for (let at = 12; at + 8 <= end; ) {
    const type = file.text(at, 4);
    const length = file.u32(at + 4, true);
    const body = file.slice(at + 8, length);
    if (type === 'VP8X') {
      animated = (body.u8(0) & 0x02) !== 0;
      size = { width: 1 + (body.u32(3, true) >>> 8), height: 1 + (body.u32(6, true) >>> 8) };
    } else if (type === 'VP8 ') {
      size ??= { width: body.u16(6, true) & 0x3fff, height: body.u16(8, true) & 0x3fff };
    } else if (type === 'VP8L') {
      const bits = body.u32(1, true);
      size ??= { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
    } else if (type === 'EXIF') {
      orientation = exifOrientation(body.bytes);
      exif = { start: at, end: at + 8 + length };
    }
    at += 8 + length + (length & 1);
  }
  return { width: size?.width ?? 0, height: size?.height ?? 0, orientation, animated, ...(exif && { exif }) };
}
