// What undoes taking a part of a tensor: the part in its place, zeros around it.
import type { Builder } from '../../builder/builder.js';
import { exists } from '../../schema/read.js';
import { indices } from '../limits.js';
import type { Tensor } from '../record.js';
import { numbersOf } from '../shapes.js';

/** Where the positions of one axis of a part lie in the whole. Sizes and positions are lists of one integer, known or not. */
export interface Placement {
  readonly axis: number;
  /** Of the whole. */
  readonly size: Tensor;
  /** The lowest position. */
  readonly start: Tensor;
  /** From one position to the next; positive. */
  readonly step: number;
}

/** The size of an axis, as a list of one integer. */
export function sizeAt(b: Builder, x: Tensor, axis: number): Tensor {
  const size = x.shape?.[axis];
  return typeof size === 'number' ? b.integers([size]) : b.gather(b.shape(x), [axis], 0);
}

/**
 * Puts a part where it was taken from; all axes in one Pad. Along an axis taken in steps, the axis is seen as rows of one step each, in every one of
 * which one element is the part's.
 */
export function place(b: Builder, part: Tensor, whole: Tensor, placements: readonly Placement[]): Tensor {
  const rank = whole.shape!.length;
  const at = new Map(placements.map((placement) => [placement.axis, placement]));
  const zero = b.integers([0]);
  const begins: Tensor[] = [];
  const ends: Tensor[] = [];
  const apart: Tensor[] = [];
  const together: Tensor[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const placement = at.get(axis);
    const length = sizeAt(b, part, axis);
    apart.push(length);
    if (!placement) {
      begins.push(zero);
      ends.push(zero);
      together.push(length);
      continue;
    }
    const { size, start, step } = placement;
    if (step === 1) {
      begins.push(start);
      ends.push(b.sub(b.sub(size, start), length));
      together.push(size);
      continue;
    }
    const one = b.integers([step]);
    const rows = b.div(b.add(size, b.integers([step - 1])), one);
    const row = b.div(start, one);
    const within = b.sub(start, b.mul(row, one));
    begins.push(row, within);
    ends.push(b.sub(b.sub(rows, row), length), b.sub(b.integers([step - 1]), within));
    apart.push(b.integers([1]));
    together.push(b.mul(rows, one));
  }
  const stepped = placements.filter(({ step }) => step > 1);
  const rows = stepped.length > 0 ? b.reshape(part, b.concat(apart, 0)) : part;
  const padded = b.pad(rows, b.concat([...begins, ...ends], 0));
  const merged = stepped.length > 0 ? b.reshape(padded, b.concat(together, 0)) : padded;
  return b.reshapeLike(cropped(b, merged, stepped), whole);
}

/** Cuts off what whole rows of steps have too many. */
function cropped(b: Builder, x: Tensor, placements: readonly Placement[]): Tensor {
  const tooLong = placements.filter(({ axis, size }) => {
    const known = numbersOf(size)?.[0];
    return known === undefined || known !== x.shape?.[axis];
  });
  if (tooLong.length === 0) return x;
  return b.slice(
    x,
    tooLong.map(() => 0),
    b.concat(
      tooLong.map(({ size }) => size),
      0,
    ),
    tooLong.map(({ axis }) => axis),
  );
}

/** A tensor reversed along some axes. Below opset 10 a Slice has no steps. */
export function reversed(b: Builder, x: Tensor, axes: readonly number[]): Tensor {
  if (axes.length === 0) return x;
  const sizes = axes.map((axis) => x.shape?.[axis]);
  if (b.opset < 10 && sizes.every((size) => typeof size === 'number'))
    return axes.reduce((result, axis, at) => b.gather(result, descending(sizes[at] as number), axis), x);
  return b.slice(
    x,
    axes.map(() => -1),
    axes.map(() => -(2 ** 31)),
    axes,
    axes.map(() => -1),
  );
}

function descending(count: number): number[] {
  return indices(count).reverse();
}

/** 0, 1, 2 ... up to a size, which is a list of one integer. */
export function range(b: Builder, size: Tensor): Tensor {
  const known = numbersOf(size)?.[0];
  if (exists('Range', b.opset)) {
    const scalar = (value: number) => b.constant('int64', [], [value]);
    return b.emit('Range', [scalar(0), b.reshape(size, []), scalar(1)]);
  }
  if (known !== undefined) return b.integers(indices(known));
  // Before Range came: the positions of ones in a list of that length.
  return b.reshape(b.emit('NonZero', [b.expand(b.constant('int64', [1], [1]), size)]), [-1]);
}

/** Whether a part surely has as many positions along an axis as the whole. */
export function isWhole(part: Tensor, whole: Tensor, axis: number): boolean {
  const [from, to] = [part.shape?.[axis], whole.shape?.[axis]];
  return from !== undefined && from !== '?' && from === to;
}
