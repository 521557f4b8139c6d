import type { Orientation } from '../images/orientation.js';
import { exifOrientation } from './exif.js';
import type { PictureHeader } from './header.js';
import type { Reader } from './reader.js';

/** Walks all chunks up to IEND, so that a file that was cut off is known for one. */
export function readPng(file: Reader): PictureHeader {
  let orientation: Orientation = 1;
  let exif: PictureHeader['exif'];
  for (let at = 8; ; ) {
    const length = file.u32(at);
    const type = file.text(at + 4, 4);
    const body = file.slice(at + 8, length);
    if (type === 'eXIf') {
      orientation = exifOrientation(body.bytes);
      exif = { start: at, end: at + 12 + length };
    }
    if (type === 'IEND') break;
    at += 12 + length;
  }
  return { width: file.u32(16), height: file.u32(20), orientation, ...(exif && { exif }) };
}
