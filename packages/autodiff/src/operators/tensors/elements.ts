// The elements of small constant tensors, moved about: how shapes that exporters compute in the graph are known before it runs.
import type { Dimension } from '../../model/types.js';
import type { Tensor } from '../record.js';
import { isStatic } from '../shapes.js';

type Elements = readonly Dimension[];

/** A tensor whose shape and elements are known (an element may be a symbol). */
export interface Known {
  readonly shape: readonly number[];
  readonly value: Elements;
}

export function known(tensor: Tensor | undefined): Known | undefined {
  return tensor?.value && isStatic(tensor.shape) ? { shape: tensor.shape, value: tensor.value } : undefined;
}

/** For each position of a shape, row by row, what a function makes of its coordinates. */
export function mapPositions<T>(shape: readonly number[], f: (position: readonly number[]) => T): T[] {
  const count = shape.reduce((product, size) => product * size, 1);
  const position = shape.map(() => 0);
  return Array.from({ length: count }, () => {
    const result = f(position);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      position[axis]! += 1;
      if (position[axis]! < shape[axis]!) break;
      position[axis] = 0;
    }
    return result;
  });
}

/** The place of a position among the elements; undefined outside the tensor. */
function flatIndex(shape: readonly number[], position: readonly number[]): number | undefined {
  let index = 0;
  for (const [axis, size] of shape.entries()) {
    const at = position[axis]!;
    if (!(at >= 0 && at < size)) return undefined;
    index = index * size + at;
  }
  return index;
}

/** The element at a position; '?' outside the tensor. */
export function elementAt({ shape, value }: Known, position: readonly number[]): Dimension {
  return value[flatIndex(shape, position) ?? -1] ?? '?';
}

/** The element that broadcasting puts at a position of the larger shape. */
export function broadcastElement(tensor: Known, position: readonly number[]): Dimension {
  const extra = position.length - tensor.shape.length;
  return elementAt(
    tensor,
    tensor.shape.map((size, axis) => (size === 1 ? 0 : position[axis + extra]!)),
  );
}

/** The elements of a function of tensors that are broadcast against each other. */
export function mapBroadcast(
  tensors: readonly (Tensor | undefined)[],
  f: (...elements: Dimension[]) => Dimension,
): Dimension[] | undefined {
  const all = tensors.map(known);
  if (!all.every((tensor) => tensor !== undefined)) return undefined;
  const rank = Math.max(...all.map(({ shape }) => shape.length));
  const shape = Array.from({ length: rank }, (_, axis) =>
    all.reduce((size, tensor) => {
      const other = tensor.shape[axis - rank + tensor.shape.length] ?? 1;
      return size === 1 ? other : size;
    }, 1),
  );
  return mapPositions(shape, (position) => f(...all.map((tensor) => broadcastElement(tensor, position))));
}
