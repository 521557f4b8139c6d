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

/**
 * Brings a raw map to a size and scales it: a CAM from its smallest value to its largest, as pytorch-grad-cam does; the largest magnitude over the
 * channels of a gradient, [C, H, W], from 0; a map with a sign by its largest magnitude, to [-1, 1]. A constant map is not stretched: it is all zeros.
 *
 * @param size what the model sees, along each axis of space
 */
export function scaleMap(raw: Floats, size: readonly number[], signed: boolean): Scaled {
  const gradient = raw.shape.length === size.length + 1;
  const flat = gradient ? magnitudes(raw) : raw;
  const data = flat.shape.length === size.length ? resizeMap(flat.data, flat.shape, size) : flat.data.slice();
  const shape = flat.shape.length === size.length ? size : flat.shape;
  const [low, high] = extent(data);
  const magnitude = Math.max(Math.abs(low), Math.abs(high));
  const range: [number, number] = signed ? [-magnitude, magnitude] : [gradient ? 0 : low, high];
  const constant = high - low <= magnitude * ROUNDING;
  if (constant) return { data: data.fill(0), shape, range, constant };
  const [offset, factor] = signed ? [0, 1 / magnitude] : [range[0], 1 / (high - range[0])];
  for (let i = 0; i < data.length; i++) data[i] = (data[i]! - offset) * factor;
  return { data, shape, range, constant };
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

function extent(values: Float32Array): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}
