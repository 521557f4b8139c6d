import { directoryOrientation } from './exif.js';
import type { PictureHeader } from './header.js';
import type { Reader } from './reader.js';

const WIDTH = 0x0100;
const HEIGHT = 0x0101;
const STRIP_OFFSETS = 0x0111;
const STRIP_BYTES = 0x0117;
const SHORT = 3;

/** More pages than a scanned book has; the directories of a hostile file can form a ring. */
const MAX_PAGES = 1024;

/** The first page's size; `pixels` counts every page, since the decoder decodes them all. */
export function readTiff(file: Reader): PictureHeader {
  const littleEndian = file.text(0, 2) === 'II';
  const first = file.u32(4, littleEndian);
  let pixels = 0;
  let page = first;
  for (let pages = 0; page !== 0; pages++) {
    if (pages === MAX_PAGES) throw new RangeError(`More than ${MAX_PAGES} pages.`);
    pixels += tag(file, page, WIDTH, littleEndian) * tag(file, page, HEIGHT, littleEndian);
    page = file.u32(page + 2 + file.u16(page, littleEndian) * 12, littleEndian);
  }
  const lastStrip = tags(file, first, STRIP_OFFSETS, littleEndian).at(-1);
  if (lastStrip !== undefined) file.slice(lastStrip, tags(file, first, STRIP_BYTES, littleEndian).at(-1) ?? 0);
  return {
    width: tag(file, first, WIDTH, littleEndian),
    height: tag(file, first, HEIGHT, littleEndian),
    orientation: directoryOrientation(file, first, littleEndian),
    pixels,
  };
}

const tag = (file: Reader, directory: number, id: number, littleEndian: boolean): number =>
  tags(file, directory, id, littleEndian)[0] ?? 0;

/** The values of a tag with short or long integers; none where the directory lacks it. */
function tags(file: Reader, directory: number, id: number, littleEndian: boolean): number[] {
  const end = directory + 2 + file.u16(directory, littleEndian) * 12;
  for (let entry = directory + 2; entry < end; entry += 12) {
    if (file.u16(entry, littleEndian) !== id) continue;
    const size = file.u16(entry + 2, littleEndian) === SHORT ? 2 : 4;
    const count = file.u32(entry + 4, littleEndian);
    const at = size * count <= 4 ? entry + 8 : file.u32(entry + 8, littleEndian);
    file.slice(at, size * count);
    return Array.from({ length: count }, (_, i) =>
      size === 2 ? file.u16(at + 2 * i, littleEndian) : file.u32(at + 4 * i, littleEndian),
    );
  }
  return [];
}
