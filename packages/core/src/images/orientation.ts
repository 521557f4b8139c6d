import { SaywhyError } from '../errors.js';
import { checkPicture, type Picture } from './picture.js';

/** EXIF orientation (tag 0x0112): how a camera's stored rows and columns have to be turned to stand upright. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** Whether the stored picture has rows for columns, and from which side its columns (x) and rows (y) are then read. */
const turns: Record<Orientation, { readonly transposed: boolean; readonly flipX: boolean; readonly flipY: boolean }> = {
  1: { transposed: false, flipX: false, flipY: false },
  2: { transposed: false, flipX: true, flipY: false },
  3: { transposed: false, flipX: true, flipY: true },
  4: { transposed: false, flipX: false, flipY: true },
  5: { transposed: true, flipX: false, flipY: false },
  6: { transposed: true, flipX: true, flipY: false },
  7: { transposed: true, flipX: true, flipY: true },
  8: { transposed: true, flipX: false, flipY: true },
};

/**
 * Turns a stored picture upright. Orientations 5 to 8 swap width and height; 1 gives the same object back.
 * @throws SaywhyError `invalid-orientation` when the value is none of EXIF's.
 */
export function applyOrientation(picture: Picture, orientation: number): Picture {
  const turn = turns[orientation as Orientation];
  if (!turn) {
    throw new SaywhyError('invalid-orientation', `An EXIF orientation is an integer from 1 to 8, not ${orientation}.`);
  }
  const { data, width, height } = checkPicture(picture);
  if (orientation === 1) return picture;

  const [outWidth, outHeight] = turn.transposed ? [height, width] : [width, height];
  // Steps in the source, in pixels, for one step to the right and one step down in the result.
  const right = (turn.transposed ? width : 1) * (turn.flipX ? -1 : 1);
  const down = (turn.transposed ? 1 : width) * (turn.flipY ? -1 : 1);
  const start = (turn.flipX ? -right * (outWidth - 1) : 0) + (turn.flipY ? -down * (outHeight - 1) : 0);

  const source = asPixels(data);
  const pixels = new Uint32Array(outWidth * outHeight);
  for (let y = 0, to = 0; y < outHeight; y++) {
    for (let x = 0, from = start + y * down; x < outWidth; x++, from += right) pixels[to++] = source[from]!;
  }
  return { data: new Uint8ClampedArray(pixels.buffer), width: outWidth, height: outHeight };
}

/** The same bytes, a pixel an element; copied only where they do not start at a multiple of four. */
function asPixels(data: Uint8ClampedArray | Uint8Array): Uint32Array {
  const aligned = data.byteOffset % 4 === 0 ? data : new Uint8Array(data);
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
}
