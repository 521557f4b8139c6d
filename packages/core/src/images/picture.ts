import { SaywhyError } from '../errors.js';

/**
 * A decoded picture: 8-bit RGBA, row by row from the top left, four bytes a pixel (what ImageData and jimp's bitmap
 * are). Alpha is ignored everywhere, as PIL's `convert('RGB')` does: a transparent pixel counts with the colour stored
 * under it, so that a model sees in saywhy what it saw in PyTorch.
 */
export interface Picture {
  readonly data: Uint8ClampedArray | Uint8Array;
  readonly width: number;
  readonly height: number;
}

const unchanging = new WeakSet<Picture>();

/**
 * Says of a picture that nobody will ever write to it, as who decoded it and keeps it to oneself can say: how a model sees it is then worked out once.
 * Adapters that give the same object for the same file spare their users the preprocessing.
 */
export function unchangingPicture<P extends Picture>(picture: P): P {
  unchanging.add(picture);
  return picture;
}

export function isUnchanging(picture: Picture): boolean {
  return unchanging.has(picture);
}

/**
 * Returns the picture if it is one.
 * @throws SaywhyError `invalid-picture` when a size is no positive integer or `data` is not `width * height * 4` bytes.
 */
export function checkPicture(picture: Picture): Picture {
  const { data, width, height } = picture;
  for (const [name, value] of Object.entries({ width, height })) {
    if (!Number.isInteger(value) || value <= 0) {
      throw new SaywhyError('invalid-picture', `A picture's ${name} is a positive integer, not ${String(value)}.`);
    }
  }
  if (!(data instanceof Uint8ClampedArray || data instanceof Uint8Array)) {
    throw new SaywhyError(
      'invalid-picture',
      `A picture's data is a Uint8ClampedArray or Uint8Array, not ${kindOf(data)}.`,
    );
  }
  const expected = width * height * 4;
  if (data.length !== expected) {
    const rgb = data.length === width * height * 3 ? ' This looks like RGB: add an alpha byte to each pixel.' : '';
    throw new SaywhyError(
      'invalid-picture',
      `A picture of ${width} x ${height} pixels is ${expected} bytes (RGBA), not ${data.length}.${rgb}`,
    );
  }
  return picture;
}

function kindOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? (value.constructor?.name ?? 'object') : String(value);
}
