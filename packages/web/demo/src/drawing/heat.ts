// A map as pixels: its colour at its value, as opaque as it is strong.
import type { ExplanationMap } from '@saywhy/core';
import { type ColormapName, colormapTable, type Scale, scaleOf } from '@saywhy/core/render';
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
  const scale = scaleOf(values, {
    range: cells ? range : inUnitsOfData(range, map),
    signed: map.signed,
    ...(!map.signed && { colormap }),
  });
  const pixels = new Uint32Array(values.length);
  if (!scale.flat && !isConstant(map)) {
    const [low, high] = scale.range;
    const shades = shadesOf(scale);
    const toShade = 255 / (high - low);
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (!Number.isNaN(value)) pixels[i] = shades[Math.max(0, Math.min(255, Math.round((value - low) * toShade)))]!;
    }
  }
  return { data: new Uint8ClampedArray(pixels.buffer), width, height };
}

/** The 256 colours of a scale, a pixel each, as opaque as they are far from its zero. */
function shadesOf({ colormap, signed }: Scale): Uint32Array {
  const table = colormapTable(colormap);
  const bytes = new Uint8Array(256 * 4);
  for (let i = 0; i < 256; i++) {
    bytes.set(table.subarray(3 * i, 3 * i + 3), 4 * i);
    // Zero lies between the two middle ones, which both stand for it.
    bytes[4 * i + 3] = signed ? Math.round(((Math.abs(2 * i - 255) - 1) / 254) * 255) : i;
  }
  return new Uint32Array(bytes.buffer);
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
