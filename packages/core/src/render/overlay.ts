import { SaywhyError } from '../errors.js';
import { checkPicture, type Picture } from '../images/picture.js';
import type { Rectangle } from '../images/raster.js';
import { type ColormapName, colormapTable } from './colormap.js';
import { drawContours } from './contours.js';
import { type HeatMap, placeMap } from './place.js';
import { type Scale, scaleOf } from './scale.js';

export interface OverlayOptions {
  /** How opaque the strongest value is, 0 to 1; weaker ones are fainter in proportion. Default 0.7. */
  readonly opacity?: number;
  /** Defaults to `diverging` for signed maps, `inferno` for others. */
  readonly colormap?: ColormapName;
  /** Linear between the centres of cells (default), or each cell of the layer as it is. */
  readonly smooth?: boolean;
  /** The photograph under the map: `color` (default) or `gray`. */
  readonly base?: 'color' | 'gray';
  /** How much darker what the model did not see becomes, 0 to 1. Default 0.6. */
  readonly dim?: number;
  /** Lines where the map reaches these shares of its range (signed: of its magnitude, on both sides), as 0.5. */
  readonly contours?: readonly number[];
  /** The raw values at the ends of the colours, in place of the map's own range: one for several maps compares them. */
  readonly range?: readonly [min: number, max: number];
}

/** An explanation's map fits. */
export interface OverlayMap extends HeatMap {
  /** From 0 to 1, signed from -1 to 1; beyond that the ends' colours are taken. */
  readonly data: Float32Array;
  readonly signed: boolean;
  /** The raw values that the ends of `data` stand for. */
  readonly range: readonly [min: number, max: number];
  /** The values at the layer's own resolution. Where these are [h, w], they are the cells that `smooth: false` shows. */
  readonly raw?: HeatMap;
}

/**
 * The photograph at its own size with the map over it. Opacity grows with the value (signed: with the magnitude), so
 * that the photograph stays visible where the map says little; a constant map colours nothing. What the model did not
 * see, outside `region`, is dimmed.
 *
 * @param region where the map lies, in pixels of the picture, as an explanation tells it: all of it if left out.
 * @throws SaywhyError `invalid-picture`, `invalid-map`, `unknown-colormap`, `invalid-option`.
 */
export function overlay(
  picture: Picture,
  map: OverlayMap,
  region: Rectangle = { x: 0, y: 0, width: picture.width, height: picture.height },
  options: OverlayOptions = {},
): Picture & { readonly data: Uint8ClampedArray<ArrayBuffer> } {
  const { smooth = true, base = 'color', contours = [] } = options;
  const opacity = share('opacity', options.opacity ?? 0.7);
  const kept = 1 - share('dim', options.dim ?? 0.6);
  const { data, width, height } = checkPicture(picture);
  const cells = !smooth && map.raw?.shape.length === 2 ? map.raw : map;
  const ends = options.range ?? map.range;
  const range = cells === map ? inUnitsOfData(ends, map) : ends;
  const scale = scaleOf(cells.data, { range, signed: map.signed, colormap: options.colormap });
  const strengths = strengthsOf(placeMap(cells, region, picture, smooth, map.signed ? 0 : scale.range[0]), scale);

  const table = colormapTable(scale.colormap);
  const out = new Uint8ClampedArray(data.length);
  for (let i = 0, p = 0; i < strengths.length; i++, p += 4) {
    let r = data[p]!;
    let g = data[p + 1]!;
    let b = data[p + 2]!;
    if (base === 'gray') r = g = b = 0.299 * r + 0.587 * g + 0.114 * b;
    const strength = strengths[i]!;
    if (Number.isNaN(strength)) {
      out[p] = r * kept;
      out[p + 1] = g * kept;
      out[p + 2] = b * kept;
    } else {
      const alpha = opacity * Math.abs(strength);
      const entry = Math.round(scale.signed ? 127.5 + strength * 127.5 : strength * 255) * 3;
      out[p] = r + (table[entry]! - r) * alpha;
      out[p + 1] = g + (table[entry + 1]! - g) * alpha;
      out[p + 2] = b + (table[entry + 2]! - b) * alpha;
    }
    out[p + 3] = 255;
  }
  const drawn = { data: out, width, height };
  if (contours.length > 0 && !scale.flat) drawContours(drawn, strengths, contours, scale.signed);
  return drawn;
}

/** Raw values as `data` would have them; both zero where the map is constant. */
function inUnitsOfData(raw: readonly [number, number], { range, signed }: OverlayMap): [number, number] {
  const zero = signed ? 0 : range[0];
  const unit = signed ? Math.max(Math.abs(range[0]), Math.abs(range[1])) : range[1] - range[0];
  return unit > 0 ? [(raw[0] - zero) / unit, (raw[1] - zero) / unit] : [0, 0];
}

/** Values to 0..1 (signed: -1..1) in place, NaN kept; all zero where the scale is flat. */
function strengthsOf(values: Float32Array, { range, signed, flat }: Scale): Float32Array {
  const zero = signed ? 0 : range[0];
  const unit = flat ? 0 : 1 / (range[1] - zero);
  const least = signed ? -1 : 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isNaN(value)) values[i] = flat ? 0 : Math.max(least, Math.min(1, (value - zero) * unit));
  }
  return values;
}

function share(name: string, value: number): number {
  if (value >= 0 && value <= 1) return value;
  throw new SaywhyError('invalid-option', `An overlay's ${name} is from 0 to 1, not ${value}.`);
}
