// Shape functions that several families share. '?' stands for a dimension that cannot be told before run time.
import type { Dimension, Shape } from '../model/types.js';
import type { Tensor } from './record.js';

/** The shape of the first input: what elementwise functions of one tensor have. */
export function same({ inputs }: { readonly inputs: readonly (Tensor | undefined)[] }): Shape | undefined {
  return inputs[0]?.shape;
}

/** NumPy's broadcasting over every input. */
export function broadcast({ inputs }: { readonly inputs: readonly (Tensor | undefined)[] }): Shape | undefined {
  return inputs.reduce<Shape | undefined>(
    (shape, input) => input?.shape && shape && broadcastShapes(shape, input.shape),
    [],
  );
}

export function broadcastShapes(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => broadcastDimension(fromEnd(a, rank, axis), fromEnd(b, rank, axis)));
}

function fromEnd(shape: Shape, rank: number, axis: number): Dimension {
  return shape[axis - rank + shape.length] ?? 1;
}

function broadcastDimension(a: Dimension, b: Dimension): Dimension {
  if (a === b || b === 1) return a;
  if (a === 1) return b;
  if (typeof a === 'number') return a;
  return typeof b === 'number' ? b : '?';
}

/** Applies a function to a dimension that is known, and gives '?' for one that is not. */
export function mapDimension(dimension: Dimension | undefined, f: (size: number) => number): Dimension {
  return typeof dimension === 'number' ? f(dimension) : '?';
}

/** The product of dimensions; a single symbol among ones keeps its name. */
export function productOf(dimensions: readonly Dimension[]): Dimension {
  if (dimensions.includes(0)) return 0;
  const factors = dimensions.filter((dimension) => dimension !== 1);
  if (factors.length === 1) return factors[0]!;
  return factors.every((dimension) => typeof dimension === 'number')
    ? factors.reduce<number>((p, d) => p * (d as number), 1)
    : '?';
}

/** Counts a negative axis from the end. */
export function resolveAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** The numbers of a constant tensor, or undefined where some are not known before run time. */
export function numbersOf(tensor: Tensor | undefined): readonly number[] | undefined {
  return tensor?.value?.every((element) => typeof element === 'number')
    ? (tensor.value as readonly number[])
    : undefined;
}

/** Whether every dimension of a shape is a known number. */
export function isStatic(shape: Shape | undefined): shape is readonly number[] {
  return shape?.every((dimension) => typeof dimension === 'number') ?? false;
}
