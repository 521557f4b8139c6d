import type { Builder } from './builder/builder.js';
import type { Dimension } from './model/types.js';
import type { Tensor } from './operators/record.js';
import { isStatic, numbersOf, TO_THE_END } from './operators/shapes.js';

/** Axes that a tensor of unknown rank is taken to have at most. */
const ASSUMED_RANK = 8;

/**
 * Collects the cotangent of every tensor: the contributions of its consumers, each summed back to the tensor's own shape where broadcasting had
 * stretched it. The only place where gradients are added.
 */
export class Accumulator {
  private readonly totals = new Map<string, Tensor>();

  constructor(private readonly b: Builder) {}

  /** Adds a contribution that may have the shape to which broadcasting had stretched the tensor. */
  add(name: string, contribution: Tensor): void {
    this.addUnstretched(name, unbroadcast(this.b, contribution, this.b.tensor(name)));
  }

  /** Adds a contribution that has the tensor's own shape, even if that is not known. */
  addUnstretched(name: string, part: Tensor): void {
    const { shape } = this.b.tensor(name);
    if (isStatic(shape) && isStatic(part.shape) && `${shape}` !== `${part.shape}`)
      throw new Error(`a cotangent of the shape [${part.shape}] for "${name}", which has the shape [${shape}]`);
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
  if (!from || !to) return ofUnknownRank(b, g, operand);
  const extra = from.length - to.length;
  const axes: number[] = [];
  for (let axis = 0; axis < from.length; axis++) {
    const kind = axis < extra ? 'summed' : compare(from[axis]!, to[axis - extra]!);
    if (kind === 'unknown') return atRunTime(b, g, operand, alignedSizes(b, operand, from.length));
    if (kind === 'summed') axes.push(axis);
  }
  if (axes.length === 0) return extra === 0 ? g : b.reshapeLike(g, operand);
  const summed = b.sum(g, axes);
  return extra === 0 ? summed : b.reshapeLike(summed, operand);
}

function compare(from: Dimension, to: Dimension): 'kept' | 'summed' | 'unknown' {
  if (from === to) return 'kept';
  if (to === 1) return 'summed';
  return typeof to === 'number' ? 'kept' : 'unknown';
}

/** The same where a dimension may turn out to be 1: the axes are those on which the sizes differ from the operand's, `sizes`. */
function atRunTime(b: Builder, g: Tensor, operand: Tensor, sizes: Tensor): Tensor {
  const differs = b.not(b.equal(b.shape(g), sizes));
  if (b.opset < 13) return b.reshape(sumWhere(b, g, differs, sizes), b.shape(operand));
  const axes = b.reshape(b.emit('NonZero', [differs]), [-1]);
  return b.reshape(b.emit('ReduceSum', [g, axes], { keepdims: 1, noop_with_empty_axes: 1 }), b.shape(operand));
}

/** The same where not even the number of axes is known: both are seen with the most that there can be. */
function ofUnknownRank(b: Builder, g: Tensor, operand: Tensor): Tensor {
  return atRunTime(b, b.reshape(g, alignedSizes(b, g, ASSUMED_RANK)), operand, alignedSizes(b, operand, ASSUMED_RANK));
}

/** The sizes of a tensor's axes behind as many ones as make it `rank`. */
function alignedSizes(b: Builder, x: Tensor, rank: number): Tensor {
  if (x.shape?.length === rank) return b.shape(x);
  const padded = b.concat([b.integers(new Array(rank).fill(1)), b.shape(x)], 0);
  return b.reshape(b.slice(padded, [-rank], [TO_THE_END], [0]), [rank]);
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
