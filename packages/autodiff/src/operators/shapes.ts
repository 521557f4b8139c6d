// Shape functions that several families share. '?' stands for a dimension that cannot be told before run time.
import type { Dimension, Shape } from '../model/types.js';
import type { Tensor } from './record.js';

/** Between the factors of a symbolic product: 64×n is 64 times the size named n. Names that files give hold no such sign. */
const TIMES = '×';
const FLOOR = '⌊';
/** A symbolic product longer than this is given up: factors could multiply from node to node. */
const LONGEST_NAME = 256;

/** The end of an axis, whatever its size: what exporters write for it in a Slice, and larger. */
export const TO_THE_END = 2 ** 31 - 1;

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

/** The number and the symbols that a dimension is the product of; undefined for '?'. */
export function factorsOf(dimension: Dimension): { readonly number: number; readonly symbols: string[] } | undefined {
  if (dimension === '?') return undefined;
  if (typeof dimension === 'number') return { number: dimension, symbols: [] };
  const [first, ...rest] = dimension.split(TIMES);
  return rest.length > 0 && /^\d+$/.test(first!)
    ? { number: Number(first), symbols: rest }
    : { number: 1, symbols: [first!, ...rest] };
}

/** The one dimension that stands for a product: equal products have equal names. */
function productName(number: number, symbols: readonly string[]): Dimension {
  if (symbols.length === 0 || number === 0) return number;
  const name = [...(number === 1 ? [] : [number]), ...[...symbols].sort()].join(TIMES);
  return name.length > LONGEST_NAME ? '?' : name;
}

/** The product of dimensions. */
export function productOf(dimensions: readonly Dimension[]): Dimension {
  if (dimensions.includes(0)) return 0;
  const factors = dimensions.map(factorsOf);
  if (!factors.every((factor) => factor !== undefined)) return '?';
  return productName(
    factors.reduce((product, { number }) => product * number, 1),
    factors.flatMap(({ symbols }) => symbols),
  );
}

/** The product of some dimensions divided by that of others; symbols that stand in both cancel. */
export function quotientOf(dimensions: readonly Dimension[], divisors: readonly Dimension[]): Dimension {
  const [above, below] = [factorsOf(productOf(dimensions)), factorsOf(productOf(divisors))];
  if (!above || !below || below.number === 0) return '?';
  const left = [...above.symbols];
  for (const symbol of below.symbols) {
    const at = left.indexOf(symbol);
    if (at < 0) return '?';
    left.splice(at, 1);
  }
  const number = above.number / below.number;
  return Number.isInteger(number) ? productName(number, left) : '?';
}

/**
 * The number of steps over an axis of which `offset` elements more (or less) take part: floor((size + offset) / stride) + 1. For a symbol it is named so
 * that branches which step over the same axis in the same way, as the two of a residual block, are known to have equal sizes.
 */
export function steppedSize(size: Dimension, offset: number, stride: number): Dimension {
  if (typeof size === 'number') return Math.floor((size + offset) / stride) + 1;
  if (size === '?') return '?';
  if (stride === 1 && offset === -1) return size;
  const base = size.replaceAll(TIMES, '·');
  const name = stride === 1 ? `${base}${signed(offset + 1)}` : `${FLOOR}(${base}${signed(offset)})/${stride}⌋+1`;
  return name.length > LONGEST_NAME ? '?' : name;
}

function signed(value: number): string {
  return value === 0 ? '' : value > 0 ? `+${value}` : `${value}`;
}

/** A name as a file gives it, fit to be a symbol: '?' for one that would read as a number, or as one that is made here. */
export function symbolOf(name: string): Dimension {
  return /^-?\d*$/.test(name) || name.includes(TIMES) || name.includes(FLOOR) ? '?' : name;
}

/** Gives each unknown dimension of a tensor a name of its own, so that equal names mean equal sizes. */
export function nameUnknown(shape: Shape | undefined, tensor: string): Shape | undefined {
  return shape?.map((size, axis) => (size === '?' ? `${tensor.replaceAll(TIMES, 'x')}[${axis}]` : size));
}

/** The axes of space of [N, C, ...]. */
export function spatialAxes(x: Tensor): number[] {
  return (x.shape ?? []).slice(2).map((_, axis) => axis + 2);
}

/** Counts a negative axis from the end. */
export function resolveAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** Why an operator cannot be differentiated that needs to know how many axes some tensors have; absent ones count as known. */
export function unknownRank(...tensors: readonly (Tensor | undefined)[]): string | undefined {
  const unknown = tensors.find((tensor) => tensor && !tensor.shape);
  return unknown && `the rank of its input "${unknown.name}" is not known before run time`;
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
