import type { ExplanationMap, Picture } from '@saywhy/core';
import { colorize, colormapTable, scaleOf } from '@saywhy/core/render';
import { drawnRange, isFine } from '../drawing.js';

/** A map's pixels over the photograph: its colour at its value, as opaque as it is strong. */
export interface Heat {
  /** The map at the model's input size. */
  readonly smooth: Picture;
  /** The cells as the layer has them; absent where the method works on the input's own pixels. */
  readonly cells?: Picture;
  /** Raw values at the two ends of the colours; both are equal for a constant map. */
  readonly ends: readonly [low: number, high: number];
  /** Whether values beyond the ends are drawn as the ends are. */
  readonly clipped: boolean;
  /** CSS colours from the lowest value to the highest. */
  readonly ramp: readonly string[];
}

const STOPS = 17;

export function heatOf(map: ExplanationMap): Heat {
  const [height, width] = map.shape as [number, number];
  const range = drawnRange(map);
  const scale = scaleOf([], { range, signed: map.signed });
  const table = colormapTable(scale.colormap);
  const ramp = Array.from({ length: STOPS }, (_, i) => {
    const entry = Math.round((i / (STOPS - 1)) * 255) * 3;
    return `rgb(${table[entry]} ${table[entry + 1]} ${table[entry + 2]})`;
  });
  const [rows, columns] = map.raw.shape;
  return {
    smooth: layer(map.data, width, height, unitsOfData(range, map), map.signed),
    ...(!isFine(map) && { cells: layer(map.raw.data, columns!, rows!, range, map.signed) }),
    ends: scale.range,
    clipped: range !== map.range,
    ramp,
  };
}

/** Raw values as `data` has them: from 0 to 1, signed from -1 to 1. */
function unitsOfData([low, high]: readonly [number, number], { range, signed }: ExplanationMap): [number, number] {
  if (range[0] === range[1]) return signed ? [-1, 1] : [0, 1];
  if (signed) {
    const magnitude = Math.max(Math.abs(range[0]), Math.abs(range[1]));
    return [low / magnitude, high / magnitude];
  }
  return [(low - range[0]) / (range[1] - range[0]), (high - range[0]) / (range[1] - range[0])];
}

function layer(
  values: Float32Array,
  width: number,
  height: number,
  range: readonly [number, number],
  signed: boolean,
): Picture {
  const data = colorize(values, { range, signed });
  const { range: ends, flat } = scaleOf(values, { range, signed });
  const zero = signed ? 0 : ends[0];
  for (let i = 0; i < values.length; i++) {
    const strength = flat || Number.isNaN(values[i]!) ? 0 : Math.abs(values[i]! - zero) / (ends[1] - zero);
    data[i * 4 + 3] = Math.round(255 * Math.min(1, strength));
  }
  return { data, width, height };
}
