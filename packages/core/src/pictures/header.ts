import { SaywhyError } from '../errors.js';
import type { Orientation } from '../images/orientation.js';
import { readAvif } from './avif.js';
import { readBmp, readGif } from './bitmap.js';
import type { PictureFormat } from './format.js';
import { readJpeg } from './jpeg.js';
import { readPng } from './png.js';
import { Reader } from './reader.js';
import { readTiff } from './tiff.js';
import { readWebp } from './webp.js';

/** What a file says about its picture before a pixel is decoded: enough to refuse one that is too large, and to turn it upright. */
export interface PictureHeader {
  /** Pixels as stored, before the orientation is applied. */
  readonly width: number;
  readonly height: number;
  readonly orientation: Orientation;
  /** PNG and WebP only: the chunk that says so, from its first byte to the one after its last. */
  readonly exif?: { readonly start: number; readonly end: number };
  /** Pixels of all pages or frames that a decoder would hold; `width * height` for a file with one picture. */
  readonly pixels?: number;
  /** JPEG only: the three channels are stored as RGB, not as YCbCr. */
  readonly storedAsRgb?: boolean;
  /** Several frames, of which WebP's decoder reads none. */
  readonly animated?: boolean;
}

const readers: Readonly<Record<PictureFormat, (file: Reader) => PictureHeader>> = {
  PNG: readPng,
  JPEG: readJpeg,
  GIF: readGif,
  BMP: readBmp,
  TIFF: readTiff,
  WebP: readWebp,
  AVIF: readAvif,
};

/**
 * @throws SaywhyError `invalid-picture` where the file ends too early or its sizes make no sense.
 */
export function readHeader(format: PictureFormat, bytes: Uint8Array, name: string): PictureHeader {
  let header: PictureHeader;
  try {
    header = readers[format](new Reader(bytes));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new SaywhyError(
      'invalid-picture',
      `${name} is a ${format} file that ends too early: it is damaged or was not copied whole.`,
      {
        cause: error,
      },
    );
  }
  if (!(header.width > 0 && header.height > 0)) {
    throw new SaywhyError(
      'invalid-picture',
      `${name} is a ${format} file of ${header.width} x ${header.height} pixels: there is nothing to see.`,
    );
  }
  return header;
}
