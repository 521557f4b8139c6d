// RoiAlign written out loop by loop, after onnxruntime's kernel, with its gradient: what the rule's matrices are compared with.
const indices = (count: number) => Array.from({ length: count }, (_, index) => index);

export interface RoiAlignSetting {
  readonly shape: readonly [number, number, number, number];
  readonly boxes: readonly (readonly number[])[];
  readonly pictures: readonly number[];
  readonly output: readonly [number, number];
  readonly scale: number;
  readonly ratio: number;
  readonly isHalf: boolean;
  readonly mode: 'avg' | 'max';
}

/** The cotangent of X for one of the output. */
export function roiAlignGradient(setting: RoiAlignSetting, x: Float32Array, g: Float32Array): Float64Array {
  const { shape, boxes, pictures, output, scale, ratio, isHalf, mode } = setting;
  const [, channels, height, width] = shape;
  const gradient = new Float64Array(x.length);
  const along = (start: number, end: number, bins: number, bin: number, size: number) => {
    const from = start * scale - (isHalf ? 0.5 : 0);
    const whole = (end - start) * scale;
    const step = (isHalf ? whole : Math.max(whole, 1)) / bins;
    const points = ratio > 0 ? ratio : Math.ceil(step);
    return indices(Math.max(points, 0)).map((point) => {
      const at = from + bin * step + ((point + 0.5) * step) / points;
      if (at < -1 || at > size) return [];
      const inside = Math.min(Math.max(at, 0), size - 1);
      const low = Math.floor(inside);
      return [
        { element: low, weight: 1 - (inside - low) },
        { element: Math.min(low + 1, size - 1), weight: inside - low },
      ];
    });
  };
  let position = 0;
  boxes.forEach(([x1, y1, x2, y2], box) => {
    for (let channel = 0; channel < channels; channel++)
      for (let p = 0; p < output[0]; p++)
        for (let q = 0; q < output[1]; q++) {
          const given = g[position++]!;
          const rows = along(y1!, y2!, output[0], p, height);
          const columns = along(x1!, x2!, output[1], q, width);
          const base = (pictures[box]! * channels + channel) * height;
          const readings = rows.flatMap((row) =>
            columns.flatMap((column) => {
              if (row.length === 0 || column.length === 0) return [{ at: -1, weight: 0 }];
              return row.flatMap((r) =>
                column.map((c) => ({ at: (base + r.element) * width + c.element, weight: r.weight * c.weight })),
              );
            }),
          );
          const value = ({ at, weight }: { at: number; weight: number }) => (at < 0 ? 0 : weight * x[at]!);
          const points = Math.max(rows.length * columns.length, 1);
          const used =
            mode === 'avg'
              ? readings.map(({ at, weight }) => ({ at, weight: weight / points }))
              : readings.filter((reading) => value(reading) === Math.max(...readings.map(value))).slice(0, 1);
          for (const { at, weight } of used) if (at >= 0) gradient[at]! += weight * given;
        }
  });
  return gradient;
}
