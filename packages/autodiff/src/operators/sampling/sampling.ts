// Reading a tensor between its elements, at positions that are computed at run time: each sample is a weighted sum of the elements around it. Written with
// operators that have derivatives, so that the gradients of what is read, of the positions, and of both again, need no rules of their own.
import type { Builder } from '../../builder/builder.js';
import type { Tensor } from '../record.js';

/** What lies beyond the ends of an axis: nothing, or what is there already (the caller has moved the positions). */
export type Outside = 'zeros' | 'clamped';

/** The elements that make each sample along one axis, and their weights: [batch, taps, samples]. */
export interface Taps {
  readonly index: Tensor;
  readonly weight: Tensor;
}

/** Where the taps lie, counted from the element at or before the sample, and their weights as polynomials of the rest, lowest power first. */
interface Kernel {
  readonly offsets: readonly number[];
  readonly powers: readonly (readonly number[])[];
}

const nearest: Kernel = { offsets: [0], powers: [] };
const linear: Kernel = {
  offsets: [0, 1],
  powers: [
    [1, 0],
    [-1, 1],
  ],
};
/** Keys' cubic convolution (1981) with the coefficient -0.75, as in PyTorch and OpenCV. */
const cubic: Kernel = {
  offsets: [-1, 0, 1, 2],
  powers: [
    [0, 1, 0, 0],
    [-0.75, 0, 0.75, 0],
    [1.5, -2.25, 1.5, -0.75],
    [-0.75, 1.25, -1.25, 0.75],
  ],
};
const kernels = { nearest, linear, cubic };
export type Sampling = keyof typeof kernels;

export function isSampling(mode: string): mode is Sampling {
  return Object.hasOwn(kernels, mode);
}

/** A size, a list of one integer, as a real number. */
export function realSize(b: Builder, x: Tensor, axis: number, like: Tensor): Tensor {
  return b.cast(b.sizes(x, [axis]), like.type);
}

/** Numbers kept between 0 and the last position, what is no number too. As PyTorch has it, nothing flows back through what lies on a bound or beyond it. */
export function between(b: Builder, x: Tensor, last: Tensor): Tensor {
  const above = b.less(x, last);
  return b.where(b.and(b.greater(x, 0), above), x, b.where(above, b.scalar(0, x), last));
}

/**
 * @param x positions along one axis, [batch, samples]; whole numbers for `nearest`
 * @param last the position of the last element, a list of one real number
 * @param inside where the elements of positions beyond the ends are read
 */
export function tapsAt(
  b: Builder,
  sampling: Sampling,
  x: Tensor,
  last: Tensor,
  outside: Outside,
  inside = (position: Tensor) => between(b, position, last),
): Taps {
  const { offsets, powers } = kernels[sampling];
  const column = (values: readonly number[]) => b.filled(values, [values.length, 1], x);
  const at = b.unsqueeze(x, [1]);
  const first = sampling === 'nearest' ? at : b.emit('Floor', [at]);
  const position = offsets.length === 1 ? first : b.add(first, column(offsets));
  const index = b.cast(inside(position), 'int32');
  const weight =
    sampling === 'nearest'
      ? b.expand(b.scalar(1, x), b.shape(at))
      : polynomial(b, b.sub(at, first), powers.map(column));
  if (outside === 'clamped') return { index, weight };
  const isInside = b.neither(b.less(position, 0), b.greater(position, last));
  return { index, weight: b.where(isInside, weight, 0) };
}

/** Horner's rule. */
function polynomial(b: Builder, x: Tensor, [constant, ...higher]: readonly Tensor[]): Tensor {
  return higher.length === 0 ? constant! : b.add(b.mul(x, polynomial(b, x, higher)), constant!);
}

/**
 * Samples of [batch, channels, ...space] at positions that combine the taps of every axis of space.
 *
 * @param taps one an axis of space
 * @returns [batch, channels, samples]
 */
export function sample(b: Builder, x: Tensor, taps: readonly Taps[]): Tensor {
  // The taps of axis k on an axis of their own, so that all combinations are there: [batch, taps of the first, ..., taps of the last, samples].
  const apart = (tensor: Tensor, axis: number) =>
    b.unsqueeze(
      tensor,
      taps.flatMap((_, other) => (other === axis ? [] : [other + 1])),
    );
  const index = taps
    .map((tap, axis) => apart(tap.index, axis))
    .reduce((sum, next, axis) => b.add(b.mul(sum, b.cast(b.sizes(x, [axis + 2]), 'int32')), next));
  const weight = taps.map((tap, axis) => apart(tap.weight, axis)).reduce((product, next) => b.mul(product, next));
  const count = taps.reduce((product, tap) => product * (tap.index.shape![1] as number), 1);

  const outer = b.sizes(x, [0, 1]);
  const flat = b.reshape(x, b.concat([outer, b.integers([-1])], 0));
  const rows = b.reshape(index, [0, 1, -1]);
  const all = b.expand(rows, b.concat([outer, b.sizes(rows, [2])], 0));
  const read = b.emit('GatherElements', [flat, all], { axis: 2 });
  const samples = b.sizes(taps[0]!.index, [2]);
  const parts = b.reshape(read, b.concat([outer, b.integers([count]), samples], 0));
  const weights = b.cast(b.reshape(weight, b.concat([b.sizes(x, [0]), b.integers([1, count]), samples], 0)), x.type);
  return b.sum(b.mul(parts, weights), [2], false);
}
