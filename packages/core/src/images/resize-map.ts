import { SaywhyError } from '../errors.js';

/**
 * Brings a map to another size by linear interpolation between the centres of its cells, along each axis in turn: equal
 * to PyTorch's `interpolate(mode='linear' | 'bilinear' | 'trilinear', align_corners=False)` and, for two axes, to
 * OpenCV's INTER_LINEAR. Not antialiased. At the border the outermost cells' values are kept.
 *
 * @param data one value a cell, the last axis fastest.
 * @param shape the map's size along each axis, in cells.
 * @param size the size wanted along each axis; as many as `shape` has.
 * @throws SaywhyError `invalid-map` when the shapes do not fit the data or one another.
 */
export function resizeMap(data: Float32Array, shape: readonly number[], size: readonly number[]): Float32Array {
  const cells = shape.reduce((product, n) => product * n, 1);
  if (cells !== data.length || cells === 0) {
    throw new SaywhyError('invalid-map', `A map of shape [${shape}] has ${cells} values, not ${data.length}.`);
  }
  if (size.length !== shape.length || !size.every((n) => Number.isInteger(n) && n > 0)) {
    throw new SaywhyError(
      'invalid-map',
      `A map of shape [${shape}] cannot be resized to [${size}]: give a positive size for each of its ${shape.length} axes.`,
    );
  }
  const current = [...shape];
  let values = data;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const before = current.slice(0, axis).reduce((product, n) => product * n, 1);
    const after = current.slice(axis + 1).reduce((product, n) => product * n, 1);
    values = resizeAxis(values, before, current[axis]!, after, size[axis]!);
    current[axis] = size[axis]!;
  }
  return values === data ? data.slice() : values;
}

/** Linear interpolation along the middle axis of [before, from, after]. */
function resizeAxis(data: Float32Array, before: number, from: number, after: number, to: number): Float32Array {
  if (from === to) return data;
  const out = new Float32Array(before * to * after);
  const scale = from / to;
  for (let i = 0; i < to; i++) {
    const position = Math.max(0, (i + 0.5) * scale - 0.5);
    const low = Math.min(from - 1, Math.floor(position));
    const high = Math.min(from - 1, low + 1);
    const share = position - low;
    for (let b = 0; b < before; b++) {
      const lowRow = (b * from + low) * after;
      const highRow = (b * from + high) * after;
      const row = (b * to + i) * after;
      for (let a = 0; a < after; a++) {
        out[row + a] = data[lowRow + a]! * (1 - share) + data[highRow + a]! * share;
      }
    }
  }
  return out;
}
