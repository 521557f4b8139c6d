import { SaywhyError } from '../errors.js';
import { applyOrientation } from '../images/orientation.js';
import type { Picture } from '../images/picture.js';
import { type PictureFormat, pictureFormat } from './format.js';
import { type PictureHeader, readHeader } from './header.js';

/** A picture with more pixels than this is refused before it is decoded: 100 megapixels are 400 MB once decoded. */
export const MAX_PIXELS = 100_000_000;

/** What turns the bytes of a known format into pixels; `upright` if it has turned them as the file says already. */
export type Decode = (
  format: PictureFormat,
  bytes: Uint8Array,
  header: PictureHeader,
) => Promise<{ readonly picture: Picture; readonly upright: boolean }>;

/**
 * Reads a picture file: refuses what is none, has it decoded, and turns it upright, once.
 * @param name what to call the picture in an error: its path, mostly
 * @throws SaywhyError `not-a-picture`, `invalid-picture` (damaged or cut off), `picture-too-large`, `unsupported-picture`
 */
export async function readPicture(bytes: Uint8Array, name: string, decode: Decode): Promise<Picture> {
  const format = pictureFormat(bytes, name);
  const header = readHeader(format, bytes, name);
  const pixels = header.pixels ?? header.width * header.height;
  if (pixels > MAX_PIXELS) {
    const size = `${header.width} x ${header.height} pixels${header.pixels === undefined ? '' : ' and further pages'}`;
    throw new SaywhyError(
      'picture-too-large',
      `${name} has ${size}, ${megapixels(pixels)} megapixels in all; the limit is ${megapixels(MAX_PIXELS)}. Make it smaller first: models see a few hundred pixels a side.`,
    );
  }
  if (header.animated) {
    throw new SaywhyError(
      'unsupported-picture',
      `${name} is an animated ${format}, which saywhy does not read. Save the frame that you mean as PNG.`,
    );
  }
  let decoded: Awaited<ReturnType<Decode>>;
  try {
    decoded = await decode(format, bytes, header);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SaywhyError(
      'invalid-picture',
      `${name} is a ${format} file that cannot be decoded (${reason.replace(/\.$/, '')}): it is damaged, was not copied whole, or is of a rare kind. Save it anew as PNG.`,
      { cause: error },
    );
  }
  return decoded.upright ? decoded.picture : applyOrientation(decoded.picture, header.orientation);
}

const megapixels = (pixels: number): string => (pixels / 1e6).toLocaleString('en', { maximumFractionDigits: 1 });
