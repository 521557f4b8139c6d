import type { Picture } from './picture.js';

/** Pixels of one or more channels, interleaved, `stride` elements from one pixel to the next, rows without gaps. */
export interface Raster<T extends Uint8Array | Float32Array = Uint8Array> {
  readonly data: T;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly stride: number;
}

/** A rectangle in pixels; `x` and `y` may be negative and the rectangle larger than what it is laid on. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The picture's colours as three channels, without a copy. One type of array keeps the loops over it fast. */
export function rgbOf({ data, width, height }: Picture): Raster {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.length);
  return { data: bytes, width, height, channels: 3, stride: 4 };
}

/** Luma as PIL's `convert('L')`: ITU-R BT.601 weights in 16-bit fixed point, rounded. */
export function grayOf({ data, width, height }: Picture): Raster {
  const gray = new Uint8Array(width * height);
  for (let i = 0, p = 0; i < gray.length; i++, p += 4) {
    gray[i] = (data[p]! * 19595 + data[p + 1]! * 38470 + data[p + 2]! * 7471 + 0x8000) >> 16;
  }
  return { data: gray, width, height, channels: 1, stride: 1 };
}

/**
 * What lies under `window`, packed (stride = channels). Where the window reaches past the raster it is filled with
 * `fill`, one value a channel.
 */
export function cut<T extends Uint8Array | Float32Array>(
  raster: Raster<T>,
  window: Rectangle,
  fill: readonly number[] = [],
): Raster<T> {
  const { data, width, height, channels, stride } = raster;
  const out = (
    data instanceof Float32Array
      ? new Float32Array(window.width * window.height * channels)
      : new Uint8Array(window.width * window.height * channels)
  ) as T;
  if (fill.some((value) => value !== 0)) {
    for (let i = 0; i < out.length; i += channels) for (let c = 0; c < channels; c++) out[i + c] = fill[c]!;
  }
  const left = Math.max(0, window.x);
  const right = Math.min(width, window.x + window.width);
  const bottom = Math.min(height, window.y + window.height);
  for (let y = Math.max(0, window.y); y < bottom; y++) {
    let to = ((y - window.y) * window.width + left - window.x) * channels;
    for (let x = left, from = (y * width + left) * stride; x < right; x++, from += stride) {
      for (let c = 0; c < channels; c++) out[to++] = data[from + c]!;
    }
  }
  return { data: out, width: window.width, height: window.height, channels, stride: channels };
}
