import { colormapTable } from './colormap.js';
import { type ScaleOptions, scaleOf } from './scale.js';

/**
 * The values in colours: RGBA, four bytes a value, opaque. Values beyond the range take the colour of its end; what is
 * no number is transparent. A constant map is drawn in the colour map's lowest colour (signed: in its middle).
 * @throws SaywhyError `unknown-colormap`, `invalid-map`.
 */
export function colorize(values: ArrayLike<number>, options: ScaleOptions = {}): Uint8ClampedArray<ArrayBuffer> {
  const { colormap, range, signed, flat } = scaleOf(values, options);
  const table = colormapTable(colormap);
  const toIndex = flat ? 0 : 255 / (range[1] - range[0]);
  const offset = flat && signed ? 127.5 : 0;
  const out = new Uint8ClampedArray(values.length * 4);
  for (let i = 0, to = 0; i < values.length; i++, to += 4) {
    const value = values[i]!;
    if (Number.isNaN(value)) continue;
    const index = flat ? offset : (value - range[0]) * toIndex;
    const entry = Math.round(Math.max(0, Math.min(255, index))) * 3;
    out[to] = table[entry]!;
    out[to + 1] = table[entry + 1]!;
    out[to + 2] = table[entry + 2]!;
    out[to + 3] = 255;
  }
  return out;
}
