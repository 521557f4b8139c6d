import { colorize, colormapTable, type ExplanationMap, type Picture, scaleOf } from '@saywhy/core';

/** A map's pixels over the photograph: its colour at its value, as opaque as it is strong. */
export interface Heat {
  /** The map at the model's input size. */
  readonly smooth: Picture;
  /** The cells as the layer has them; absent where the method works on the input's own pixels. */
  readonly cells?: Picture;
  /** Raw values at the two ends of the colours; both are equal for a constant map. */
  readonly ends: readonly [low: number, high: number];
  /** CSS colours from the lowest value to the highest. */
  readonly ramp: readonly string[];
}

const STOPS = 17;

export function heatOf(map: ExplanationMap): Heat {
  const [height, width] = map.shape as [number, number];
  const smooth = layer(map.data, width, height, map.signed ? [-1, 1] : [0, 1], map.signed);
  const scale = scaleOf([], { range: map.range, signed: map.signed });
  const [rows, columns] = map.raw.shape;
  const hasCells = map.raw.shape.length === 2 && (rows !== height || columns !== width);
  const table = colormapTable(scale.colormap);
  const ramp = Array.from({ length: STOPS }, (_, i) => {
    const entry = Math.round((i / (STOPS - 1)) * 255) * 3;
    return `rgb(${table[entry]} ${table[entry + 1]} ${table[entry + 2]})`;
  });
  return {
    smooth,
    ...(hasCells && { cells: layer(map.raw.data, columns!, rows!, map.range, map.signed) }),
    ends: scale.range,
    ramp,
  };
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
