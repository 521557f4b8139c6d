// From a method's raw map to the one that is shown.
import { resizeMap } from '../images/resize-map.js';
import type { Floats } from '../methods/method.js';
import { countOf } from '../tensors/numbers.js';

export interface Scaled {
  readonly data: Float32Array;
  readonly shape: readonly number[];
  readonly range: readonly [min: number, max: number];
  /** There is nothing to show: the map has one value everywhere. */
  readonly constant: boolean;
}

/** A difference within float32's rounding of the values is none. */
const ROUNDING = 2 ** -20;

/** Single pixels of a gradient are far larger than all others: what lies above this share of the values is shown as 1. */
const PERCENTILE = 0.99;

/**
 * Brings a raw map to a size, as `resizeMap` does, and scales it: a CAM from its smallest value to its largest, as pytorch-grad-cam does; the largest
 * magnitude over the channels of a gradient, [C, H, W], from 0 to its 99th percentile, as PAIR's saliency does; a map with a sign by its largest magnitude, to
 * [-1, 1]. A constant map is not stretched: it is all zeros.
 *
 * @param size what the model sees, along each axis of space
 */
export function scaleMap(raw: Floats, size: readonly number[], signed: boolean): Scaled {
  if (raw.shape.length === size.length + 1) return scaleGradient(raw);
  const shape = raw.shape.length === size.length ? [...size] : [...raw.shape];
  const rows = enlargeRows(raw, shape);
  const [low, high] = extent(rows);
  const magnitude = Math.max(Math.abs(low), Math.abs(high));
  const range: [number, number] = signed ? [-magnitude, magnitude] : [low, high];
  const constant = high - low <= magnitude * ROUNDING;
  if (constant) return { data: new Float32Array(countOf(shape)), shape, range, constant };
  const [offset, factor] = signed ? [0, 1 / magnitude] : [low, 1 / (high - low)];
  return { data: blend(rows, offset, factor), shape, range, constant };
}

function scaleGradient(raw: Floats): Scaled {
  const { data, shape } = magnitudes(raw);
  const sorted = data.slice().sort();
  const [low, max] = [sorted[0]!, sorted.at(-1)!];
  const constant = max - low <= max * ROUNDING;
  const high = percentile(sorted, PERCENTILE) || max;
  return {
    data: constant ? data.fill(0) : data.map((value) => Math.min(1, value / high)),
    shape,
    range: [0, constant ? max : high],
    constant,
  };
}

/** Linear between the two values nearest to it, as NumPy's. */
function percentile(sorted: Float32Array, share: number): number {
  const position = share * (sorted.length - 1);
  const low = Math.floor(position);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (sorted[high]! - sorted[low]!) * (position - low);
}

function magnitudes({ data, shape }: Floats): Floats {
  const space = shape.slice(1);
  const cells = countOf(space);
  const largest = new Float32Array(cells);
  for (let from = 0; from < data.length; )
    for (let i = 0; i < cells; i++, from++) {
      const size = Math.abs(data[from]!);
      if (size > largest[i]!) largest[i] = size;
    }
  return { data: largest, shape: space };
}

/** A map enlarged along every axis but the first: the last step is fused with the scaling, one pass over the result. */
interface Rows {
  readonly data: Float32Array;
  readonly from: number;
  readonly to: number;
  readonly width: number;
}

function enlargeRows({ data, shape }: Floats, size: readonly number[]): Rows {
  const from = shape[0] ?? 1;
  const rest = size.slice(1);
  return { data: resizeMap(data, shape, [from, ...rest]), from, to: size[0] ?? 1, width: countOf(rest) };
}

/** Between which rows a row of the result lies, and how far towards the second. */
function place(i: number, { from, to }: Rows): { low: number; high: number; share: number } {
  const position = Math.max(0, ((i + 0.5) * from) / to - 0.5);
  const low = Math.min(from - 1, Math.floor(position));
  return { low, high: Math.min(from - 1, low + 1), share: position - low };
}

/** The smallest and largest value of the result. Between two rows it is linear, so that the outermost places between them are enough. */
function extent(rows: Rows): [number, number] {
  const { data, to, width } = rows;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < to; i++) {
    const { low, high, share } = place(i, rows);
    const inner = i > 0 && i < to - 1 && place(i - 1, rows).low === low && place(i + 1, rows).low === low;
    if (inner) continue;
    const rest = 1 - share;
    for (let x = 0, l = low * width, h = high * width; x < width; x++, l++, h++) {
      const value = data[l]! * rest + data[h]! * share;
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  return [min, max];
}

/** (value - offset) * factor of every value of the result. */
function blend(rows: Rows, offset: number, factor: number): Float32Array {
  const { data, to, width } = rows;
  const out = new Float32Array(to * width);
  for (let i = 0, o = 0; i < to; i++) {
    const { low, high, share } = place(i, rows);
    const rest = 1 - share;
    let l = low * width;
    let h = high * width;
    for (const end = o + width; o < end; o++, l++, h++) out[o] = (data[l]! * rest + data[h]! * share - offset) * factor;
  }
  return out;
}
