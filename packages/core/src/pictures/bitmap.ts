import type { PictureHeader } from './header.js';
import type { Reader } from './reader.js';

const OS2_HEADER = 12;

/** BMP. A negative height means rows from the top down. Checks that the pixels of an uncompressed file are all there. */
export function readBmp(file: Reader): PictureHeader {
  const headerSize = file.u32(14, true);
  const old = headerSize === OS2_HEADER;
  const width = old ? file.u16(18, true) : file.i32(18, true);
  const height = Math.abs(old ? file.u16(20, true) : file.i32(22, true));
  const bitsPerPixel = file.u16(old ? 24 : 28, true);
  const compression = old ? 0 : file.u32(30, true);
  const runLengthEncoded = compression === 1 || compression === 2;
  if (!runLengthEncoded) file.slice(file.u32(10, true), Math.ceil((width * bitsPerPixel) / 32) * 4 * height);
  return { width, height, orientation: 1 };
}

/** GIF: the size of the screen that its frames are drawn on. Walks the blocks up to the end of the first frame. */
export function readGif(file: Reader): PictureHeader {
  const colours = (flags: number): number => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  let at = 13 + colours(file.u8(10));
  for (;;) {
    const block = file.u8(at);
    const frame = block === 0x2c;
    if (block === 0x3b) throw new RangeError('A GIF without a frame.');
    // An extension has a label before its blocks of data; a frame has its place, perhaps colours, and a code size.
    at += frame ? 11 + colours(file.u8(at + 9)) : 2;
    while (file.u8(at) !== 0) at += 1 + file.u8(at);
    at += 1;
    if (frame) return { width: file.u16(6, true), height: file.u16(8, true), orientation: 1 };
  }
}
