import type { Orientation } from '../images/orientation.js';
import { exifOrientation } from './exif.js';
import type { PictureHeader } from './header.js';
import type { Reader } from './reader.js';

const START_OF_SCAN = 0xda;
const EXIF = 0xe1;
const ADOBE = 0xee;

/** Start-of-frame markers, which hold the size; C4, C8 and CC in their midst mean something else. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

export function readJpeg(file: Reader): PictureHeader {
  let size = { width: 0, height: 0 };
  let orientation: Orientation = 1;
  let components = '';
  let adobeTransform: number | undefined;
  let seenExif = false;
  for (let at = 2; ; ) {
    const marker = file.u8(at + 1);
    if (file.u8(at) !== 0xff) {
      at += 1;
      continue;
    }
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === START_OF_SCAN) break;
    const length = file.u16(at + 2);
    const body = file.slice(at + 4, Math.max(0, length - 2));
    if (isFrame(marker)) {
      size = { height: body.u16(1), width: body.u16(3) };
      components = Array.from({ length: body.u8(5) }, (_, i) => String.fromCharCode(body.u8(6 + 3 * i))).join('');
    } else if (marker === EXIF && !seenExif && body.text(0, 6) === 'Exif\0\0') {
      seenExif = true;
      orientation = exifOrientation(body.bytes);
    } else if (marker === ADOBE && body.text(0, 5) === 'Adobe') {
      adobeTransform = body.u8(11);
    }
    at += 2 + length;
  }
  const storedAsRgb =
    components.length === 3 && (adobeTransform === undefined ? components === 'RGB' : adobeTransform === 0);
  return { ...size, orientation, storedAsRgb };
}
