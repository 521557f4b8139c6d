import type { Builder } from './builder/builder.js';
import type { Dimension, Shape } from './model/types.js';
import type { Tensor } from './operators/record.js';
import { numbersOf } from './operators/shapes.js';

/**
 * Collects the cotangent of every tensor: the contributions of its consumers, each summed back to the tensor's own shape where broadcasting had
 * stretched it. The only place where gradients are added.
 */
export class Accumulator {
  private readonly totals = new Map<string, Tensor>();

  constructor(private readonly b: Builder) {}

  add(name: string, contribution: Tensor): void {
    const part = unbroadcast(this.b, contribution, this.b.tensor(name));
    const total = this.totals.get(name);
    this.totals.set(name, total ? this.b.add(total, part) : part);
  }

  get(name: string): Tensor | undefined {
    return this.totals.get(name);
  }
}

/** Sums a cotangent over the axes along which an operand was broadcast. */
function unbroadcast(b: Builder, g: Tensor, operand: Tensor): Tensor {
  const [from, to] = [g.shape, operand.shape];
  if (!from || !to) return g;
  const extra = from.length - to.length;
  const axes: number[] = [];
  for (let axis = 0; axis < from.length; axis++) {
    const kind = axis < extra ? 'summed' : compare(from[axis]!, to[axis - extra]!);
    if (kind === 'unknown') return atRunTime(b, g, operand, to);
    if (kind === 'summed') axes.push(axis);
  }
  if (axes.length === 0) return extra === 0 ? g : b.reshape(g, b.shape(operand));
  const summed = b.sum(g, axes);
  return extra === 0 ? summed : b.reshape(summed, b.shape(operand));
}

function compare(from: Dimension, to: Dimension): 'kept' | 'summed' | 'unknown' {
  if (from === to) return 'kept';
  if (to === 1) return 'summed';
  return typeof to === 'number' ? 'kept' : 'unknown';
}

/** The same where a dimension may turn out to be 1: the axes are those on which the shapes differ. */
function atRunTime(b: Builder, g: Tensor, operand: Tensor, to: Shape): Tensor {
  const extra = (g.shape?.length ?? 0) - to.length;
  const padded = extra > 0 ? b.concat([b.integers(new Array(extra).fill(1)), b.shape(operand)], 0) : b.shape(operand);
  const differs = b.not(b.equal(b.shape(g), padded));
  if (b.opset < 13) return b.reshape(sumWhere(b, g, differs, padded), b.shape(operand));
  const axes = b.reshape(b.emit('NonZero', [differs]), [-1]);
  return b.reshape(b.emit('ReduceSum', [g, axes], { keepdims: 1, noop_with_empty_axes: 1 }), b.shape(operand));
}

/** Sums axes chosen at run time, for opsets whose ReduceSum cannot: the sum is put behind each axis, and one of the two is cut out. */
function sumWhere(b: Builder, g: Tensor, differs: Tensor, sizes: Tensor): Tensor {
  const lengths = b.shape(g);
  const starts = b.mul(lengths, b.cast(differs, 'int64'));
  const ends = b.add(starts, sizes);
  const at = (list: Tensor, axis: number) => b.slice(list, [axis], [axis + 1], [0]);
  return g.shape!.reduce<Tensor>((result, _, axis) => {
    if (numbersOf(at(differs, axis))?.[0] === 0) return result;
    const both = b.concat([result, b.sum(result, [axis])], axis);
    return b.slice(both, at(starts, axis), at(ends, axis), [axis]);
  }, g);
}
