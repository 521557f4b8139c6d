import { type AxisWeights, axisWeights, type Filter, nearestIndices, precisionBits } from './filters.js';
import { cut, type Raster, type Rectangle } from './raster.js';

/** Half of the last kept bit: sums start from it, so that the shift rounds. */
const half = 1 << (precisionBits - 1);

interface Extent {
  readonly width: number;
  readonly height: number;
}

/**
 * Resizes 8-bit pixels as PIL's `Image.resize` does, equal to the last bit: antialiased when shrinking, 22-bit
 * fixed-point weights, one axis after the other, rounded to 8 bits in between.
 *
 * @param size width and height of the whole result, in pixels.
 * @param window the part of the result that is wanted; nothing else is computed. It lies within the result.
 */
export function resize(
  raster: Raster,
  size: Extent,
  filter: Filter,
  window: Rectangle = { x: 0, y: 0, width: size.width, height: size.height },
): Raster {
  if (filter === 'nearest') return pickNearest(raster, size, window);
  const { width, height } = raster;
  const horizontal = size.width === width ? undefined : axisWeights(filter, width, size.width, window.x, window.width);
  const vertical =
    size.height === height ? undefined : axisWeights(filter, height, size.height, window.y, window.height);

  const [top, bottom] = vertical ? sourceOf(vertical) : [window.y, window.y + window.height];
  if (horizontal && !rowsFirst(raster, size)) {
    const narrowed = resizeColumns(raster, horizontal, 0, top, bottom);
    return vertical ? resizeRows(narrowed, vertical, top) : narrowed;
  }
  const [left, right] = horizontal ? sourceOf(horizontal) : [window.x, window.x + window.width];
  const part = cut(raster, { x: left, y: top, width: right - left, height: bottom - top });
  const lowered = vertical ? resizeRows(part, vertical, top) : part;
  return horizontal ? resizeColumns(lowered, horizontal, left, 0, lowered.height) : lowered;
}

/**
 * The order decides the last bit. Pillow 13 shrinks the height first where it loses more than twice the pixels that the
 * width does (python-pillow/Pillow#9549); otherwise, and always before Pillow 13, the width comes first.
 */
function rowsFirst(from: Extent, to: Extent): boolean {
  return to.height < from.height && from.height - to.height > 2 * (from.width - to.width);
}

/** The source indices that an axis reads: the first, and the one after the last. */
function sourceOf({ starts, counts }: AxisWeights): [number, number] {
  return [starts[0]!, starts.at(-1)! + counts.at(-1)!];
}

/** Gives the rows from `top` to `bottom` a new width. The first column of `raster` is the source's column `left`. */
function resizeColumns(raster: Raster, axis: AxisWeights, left: number, top: number, bottom: number): Raster {
  const { data, width, channels, stride } = raster;
  const { starts, counts, weights, taps } = axis;
  const outWidth = starts.length;
  const out = new Uint8Array(outWidth * (bottom - top) * channels);
  let to = 0;
  for (let y = top; y < bottom; y++) {
    const row = (y * width - left) * stride;
    for (let x = 0; x < outWidth; x++) {
      const first = row + starts[x]! * stride;
      const weightEnd = x * taps + counts[x]!;
      if (channels === 3) {
        let r = half;
        let g = half;
        let b = half;
        for (let w = x * taps, p = first; w < weightEnd; w++, p += stride) {
          const weight = weights[w]!;
          r += Math.imul(data[p]!, weight);
          g += Math.imul(data[p + 1]!, weight);
          b += Math.imul(data[p + 2]!, weight);
        }
        out[to] = clip(r);
        out[to + 1] = clip(g);
        out[to + 2] = clip(b);
      } else {
        for (let c = 0; c < channels; c++) {
          let sum = half;
          for (let w = x * taps, p = first + c; w < weightEnd; w++, p += stride)
            sum += Math.imul(data[p]!, weights[w]!);
          out[to + c] = clip(sum);
        }
      }
      to += channels;
    }
  }
  return { data: out, width: outWidth, height: bottom - top, channels, stride: channels };
}

/** Gives the picture a new height by weighted sums of whole rows. The first row of `raster` is the source's row `top`. */
function resizeRows(raster: Raster, axis: AxisWeights, top: number): Raster {
  const { data, width, channels } = raster;
  const { starts, counts, weights, taps } = axis;
  const length = width * channels;
  const out = new Uint8Array(length * starts.length);
  for (let y = 0, to = 0; y < starts.length; y++) {
    const first = (starts[y]! - top) * length;
    const weightEnd = y * taps + counts[y]!;
    for (let i = 0; i < length; i++) {
      let sum = half;
      for (let w = y * taps, p = first + i; w < weightEnd; w++, p += length) sum += Math.imul(data[p]!, weights[w]!);
      out[to++] = clip(sum);
    }
  }
  return { data: out, width, height: starts.length, channels, stride: channels };
}

function pickNearest(raster: Raster, size: Extent, window: Rectangle): Raster {
  const { data, width, channels, stride } = raster;
  const columns = nearestIndices(width, size.width, window.x, window.width);
  const rows = nearestIndices(raster.height, size.height, window.y, window.height);
  const out = new Uint8Array(window.width * window.height * channels);
  let to = 0;
  for (const y of rows) {
    for (const x of columns) {
      const from = (y * width + x) * stride;
      for (let c = 0; c < channels; c++) out[to++] = data[from + c]!;
    }
  }
  return { data: out, width: window.width, height: window.height, channels, stride: channels };
}

function clip(sum: number): number {
  return Math.max(0, Math.min(255, sum >> precisionBits));
}
