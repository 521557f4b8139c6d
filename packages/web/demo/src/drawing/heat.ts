// A map as pixels: its colour at its value, as opaque as it is strong.
import type { ExplanationMap } from '@saywhy/core';
import { type ColormapName, colorize, colormapTable, scaleOf } from '@saywhy/core/render';
import { inUnitsOfData, type Range } from '../state/scale.js';

export interface HeatOptions {
  /** Raw values at the ends of the colours. */
  readonly range: Range;
  /** For maps without a sign. */
  readonly colormap: ColormapName;
  /** Linear between the centres of cells, or the cells as they are. */
  readonly smooth: boolean;
}

export interface Pixels {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** Whether a map has a value for each pixel of the input, rather than for each cell of a layer. */
export function isFine({ raw, shape }: ExplanationMap): boolean {
  return raw.shape.length !== 2 || (raw.shape[0] === shape[0] && raw.shape[1] === shape[1]);
}

/** The layer's cells in rows and columns; of a fine map, the pixels of the input. */
export function gridOf(map: ExplanationMap): readonly [rows: number, columns: number] {
  const [rows = 1, columns = 1] = map.raw.shape.slice(-2);
  return [rows, columns];
}

/** RGBA at the map's own resolution; the browser enlarges it. A map without a difference in it is transparent. */
export function heatOf(map: ExplanationMap, { range, colormap, smooth }: HeatOptions): Pixels {
  const cells = !smooth && !isFine(map);
  const values = cells ? map.raw.data : map.data;
  const [height, width] = cells ? gridOf(map) : (map.shape.slice(-2) as [number, number]);
  const options = {
    range: cells ? range : inUnitsOfData(range, map),
    signed: map.signed,
    ...(!map.signed && { colormap }),
  };
  const data = colorize(values, options);
  const { range: ends, flat } = scaleOf(values, options);
  const zero = map.signed ? 0 : ends[0];
  const blank = flat || isConstant(map);
  for (let i = 0; i < values.length; i++) {
    const strength = blank || Number.isNaN(values[i]!) ? 0 : Math.abs(values[i]! - zero) / (ends[1] - zero);
    data[i * 4 + 3] = Math.round(255 * Math.max(0, Math.min(1, strength)));
  }
  return { data, width, height };
}

/** A map with one value everywhere shows nothing: it is not stretched. */
export const isConstant = ({ range: [low, high] }: Pick<ExplanationMap, 'range'>): boolean => low === high;

const STOPS = 17;

/** The colours from the lowest value to the highest, as a CSS image. */
export function rampOf(signed: boolean, colormap: ColormapName): string {
  const table = colormapTable(signed ? 'diverging' : colormap);
  const colours = Array.from({ length: STOPS }, (_, i) => {
    const entry = Math.round((i / (STOPS - 1)) * 255) * 3;
    return `rgb(${table[entry]} ${table[entry + 1]} ${table[entry + 2]})`;
  });
  return `linear-gradient(90deg, ${colours.join(', ')})`;
}
