import { dataTypeCode } from '../model/data-types.js';
import { type DataType, type Dimension, isFloating, isStandIn, type Model, type TensorType } from '../model/types.js';
import type { Tensor } from '../operators/record.js';
import { factorsOf, isStatic, numbersOf } from '../operators/shapes.js';
import { exists } from '../schema/read.js';
import { Emitter } from './emitter.js';

/** A tensor, or a number that becomes a scalar of the other operand's type. */
export type Operand = Tensor | number;
/** A whole list of integers: known ones, or a tensor of them computed at run time. */
export type Integers = readonly number[] | Tensor;

/** The vocabulary in which rules are written: short names for operators, over `emit`. */
export class Builder extends Emitter {
  /** What Expand made, and from what. */
  private readonly stretched = new Map<string, Tensor>();
  /** What Reshape made, and from what. */
  private readonly reshaped = new Map<string, Tensor>();

  /** A builder of a graph inside a node: it may use the tensors of this one; its own names begin with `place`. */
  within(model: Model, place: string): Builder {
    return new Builder(model, this, place);
  }

  add = (a: Operand, b: Operand) => this.binary('Add', a, b);
  sub = (a: Operand, b: Operand) => this.binary('Sub', a, b);
  mul = (a: Operand, b: Operand) => (b === 1 && typeof a !== 'number' ? a : this.binary('Mul', a, b));
  div = (a: Operand, b: Operand) => (b === 1 && typeof a !== 'number' ? a : this.binary('Div', a, b));
  pow = (a: Operand, b: Operand) => this.binary('Pow', a, b);
  neg = (x: Tensor) => this.emit('Neg', [x]);
  abs = (x: Tensor) => this.emit('Abs', [x]);
  exp = (x: Tensor) => this.emit('Exp', [x]);
  log = (x: Tensor) => this.emit('Log', [x]);
  sqrt = (x: Tensor) => this.emit('Sqrt', [x]);
  sigmoid = (x: Tensor) => this.emit('Sigmoid', [x]);
  matmul = (a: Tensor, b: Tensor) => this.emit('MatMul', [a, b]);
  transpose = (x: Tensor, perm: readonly number[]) =>
    perm.every((to, from) => to === from) ? x : this.emit('Transpose', [x], { perm });
  concat = (tensors: readonly Tensor[], axis: number) =>
    tensors.length === 1 ? tensors[0]! : this.emit('Concat', tensors, { axis });

  greater = (a: Operand, b: Operand) => this.binary('Greater', a, b);
  less = (a: Operand, b: Operand) => this.binary('Less', a, b);
  not = (condition: Tensor) => this.emit('Not', [condition]);
  and = (a: Tensor, b: Tensor) => this.emit('And', [a, b]);
  /** Whether both conditions fail. Not written with Or, which runs on the CPU under WebGPU. */
  neither = (a: Tensor, b: Tensor) => this.and(this.not(a), this.not(b));
  or = (a: Tensor, b: Tensor) => this.not(this.neither(a, b));

  /** Equality; of floating-point tensors too below opset 11, where Equal takes integers only. */
  equal(a: Operand, b: Operand): Tensor {
    const type = typeof a === 'number' ? (b as Tensor).type : a.type;
    if (this.opset >= 11 || !isFloating(type)) return this.binary('Equal', a, b);
    return this.neither(this.greater(a, b), this.less(a, b));
  }

  /** 1 where a condition holds and 0 elsewhere, in a floating-point type. */
  indicator(condition: Tensor, like: Tensor): Tensor {
    return this.cast(condition, like.type);
  }

  /** 1 where x > 0, 0 elsewhere. */
  positive(x: Tensor): Tensor {
    return this.indicator(this.greater(x, 0), x);
  }

  /** -1, 0 or 1. By two comparisons: the operator Sign begins at opset 9 and leaves the GPU under WebGPU. */
  sign(x: Tensor): Tensor {
    return this.sub(this.positive(x), this.indicator(this.less(x, 0), x));
  }

  /** g where a condition holds, 0 elsewhere. By a product: Where takes a third longer on the CPU, and begins at opset 9. */
  keep(g: Tensor, condition: Tensor): Tensor {
    return this.mul(g, this.indicator(condition, g));
  }

  where(condition: Tensor, a: Operand, b: Operand): Tensor {
    const like = typeof a === 'number' ? (b as Tensor) : a;
    const [x, y] = [this.operand(a, like), this.operand(b, like)];
    if (exists('Where', this.opset)) return this.emit('Where', [condition, x, y]);
    return this.add(this.keep(x, condition), this.keep(y, this.not(condition)));
  }

  cast(x: Tensor, type: DataType): Tensor {
    return x.type === type ? x : this.emit('Cast', [x], { to: dataTypeCode(type) });
  }

  /** A tensor of the graph; integers that stand for real numbers as these. */
  real(name: string): Tensor {
    const tensor = this.tensor(name);
    return isStandIn(tensor.type) ? this.cast(tensor, 'float32') : tensor;
  }

  integers(values: readonly number[]): Tensor {
    return this.constant('int64', [values.length], values);
  }

  /** A constant scalar of another tensor's type. */
  scalar(value: number, like: TensorType): Tensor {
    return this.constant(like.type, [], [value]);
  }

  /** A small constant tensor of another tensor's type. */
  filled(values: readonly number[], shape: readonly number[], like: TensorType): Tensor {
    return this.constant(like.type, shape, values);
  }

  /**
   * The shape of a tensor: rules write this, and static and dynamic shapes are one path. A constant where it is known; else, where each unknown size is
   * that of an input or a product of such, put together from those, so that the tensor itself need not be kept; else Shape.
   */
  shape(x: Tensor): Tensor {
    if (isStatic(x.shape)) return this.integers(x.shape);
    const sizes = x.shape?.map((size) => this.sizeOf(size));
    return sizes?.every((size) => size !== undefined) ? this.concat(sizes, 0) : this.emit('Shape', [x]);
  }

  /** A size as a list of one integer, read off the graph's inputs; undefined where it cannot be. */
  private sizeOf(size: Dimension): Tensor | undefined {
    const factors = factorsOf(size);
    const sources = factors?.symbols.map((symbol) => this.sourceOf(symbol));
    if (!factors || !sources?.every((source) => source !== undefined)) return undefined;
    return sources
      .map(({ tensor, axis }) => this.slice(this.emit('Shape', [tensor]), [axis], [axis + 1], [0]))
      .reduceRight(
        (product, factor) => (product.value?.[0] === 1 ? factor : this.mul(factor, product)),
        this.integers([factors.number]),
      );
  }

  /** The sizes of some axes of a tensor, as a list of that many integers. */
  sizes(x: Tensor, axes: readonly number[]): Tensor {
    return this.concat(
      axes.map((axis) => this.slice(this.shape(x), [axis], [axis + 1], [0])),
      0,
    );
  }

  /** A reshaped tensor is reshaped from what it was, where no size is taken over from it: onnxruntime fails to fuse some pairs of Reshapes. */
  reshape(x: Tensor, shape: Integers): Tensor {
    const wanted = this.list(shape);
    const known = numbersOf(wanted);
    const source = known && !known.includes(0) ? (this.reshaped.get(x.name) ?? x) : x;
    if (known && hasSizes(x, known)) return x;
    if (known && hasSizes(source, known)) return source;
    const result = this.emit('Reshape', [source, wanted]);
    if (result.name !== '') this.reshaped.set(result.name, source);
    return result;
  }

  /** A tensor in the shape of another one that has as many elements. */
  reshapeLike(x: Tensor, like: Tensor): Tensor {
    // A 0 in the list that Reshape takes would mean something else.
    if (isStatic(like.shape) && like.shape.includes(0)) return this.constant(x.type, like.shape, []);
    return sameShape(x, like) ? x : this.reshape(x, this.shape(like));
  }

  /** Broadcasts to a shape; below opset 8, which has no Expand, by repeating. */
  expand(x: Tensor, shape: Integers): Tensor {
    const wanted = this.list(shape);
    const rank = wanted.shape?.[0];
    if (exists('Expand', this.opset) || typeof rank !== 'number' || !x.shape) {
      const result = this.emit('Expand', [x, wanted]);
      if (result.name !== '') this.stretched.set(result.name, x);
      return result;
    }
    const ones = this.integers(new Array(rank - x.shape.length).fill(1));
    const aligned = this.reshape(x, this.concat([ones, this.shape(x)], 0));
    return this.emit('Tile', [aligned, this.div(wanted, this.shape(aligned))]);
  }

  zerosLike(x: Tensor): Tensor {
    return this.expand(this.scalar(0, x), this.shape(x));
  }

  sum = (x: Tensor, axes: Integers, keepdims = true) => this.reduce('ReduceSum', x, axes, keepdims);
  mean = (x: Tensor, axes: Integers, keepdims = true) => this.reduce('ReduceMean', x, axes, keepdims);
  max = (x: Tensor, axes: Integers, keepdims = true) => this.reduce('ReduceMax', x, axes, keepdims);

  unsqueeze(x: Tensor, axes: readonly number[]): Tensor {
    return axes.length === 0 ? x : this.emit('Unsqueeze', [x, this.integers(axes)]);
  }

  squeeze(x: Tensor, axes: readonly number[]): Tensor {
    return axes.length === 0 ? x : this.emit('Squeeze', [x, this.integers(axes)]);
  }

  slice(x: Tensor, starts: Integers, ends: Integers, axes: readonly number[], steps?: readonly number[]): Tensor {
    return this.emit('Slice', [
      x,
      this.list(starts),
      this.list(ends),
      this.integers(axes),
      steps && this.integers(steps),
    ]);
  }

  /** Pads with a value (default 0); `pads` are all begins, then all ends. Known pads of nothing give the tensor itself. */
  pad(x: Tensor, pads: Integers, value = 0): Tensor {
    const wanted = this.list(pads);
    if (numbersOf(wanted)?.every((pad) => pad === 0)) return x;
    return this.emit('Pad', [x, wanted, value === 0 ? undefined : this.scalar(value, x)]);
  }

  gather(x: Tensor, indices: Integers, axis: number): Tensor {
    return this.emit('Gather', [x, this.list(indices)], { axis });
  }

  /** A list of integers as a tensor. */
  list(values: Integers): Tensor {
    return 'name' in values ? values : this.integers(values);
  }

  private reduce(
    opType: 'ReduceSum' | 'ReduceMean' | 'ReduceMax',
    x: Tensor,
    axes: Integers,
    keepdims: boolean,
  ): Tensor {
    const list = this.list(axes);
    return numbersOf(list)?.length === 0 ? x : this.emit(opType, [x, list], { keepdims: keepdims ? 1 : 0 });
  }

  private binary(
    opType: 'Add' | 'Sub' | 'Mul' | 'Div' | 'Pow' | 'Greater' | 'Less' | 'Equal',
    a: Operand,
    b: Operand,
  ): Tensor {
    const like = typeof a === 'number' ? (b as Tensor) : a;
    const [x, y] = [this.operand(a, like), this.operand(b, like)];
    if (!sameShape(x, y)) return this.emit(opType, [x, y]);
    // The operator broadcasts by itself: an expanded operand is taken as it was, and its Expand falls away unless something else reads it.
    const small = this.stretched.get(y.name);
    return this.emit(opType, small ? [x, small] : [this.stretched.get(x.name) ?? x, y]);
  }

  private operand(value: Operand, like: Tensor): Tensor {
    return typeof value === 'number' ? this.scalar(value, like) : value;
  }
}

function hasSizes({ shape }: Tensor, sizes: readonly number[]): boolean {
  return isStatic(shape) && shape.length === sizes.length && shape.every((size, axis) => size === sizes[axis]);
}

/** Whether two tensors surely have the same shape. */
function sameShape(a: Tensor, b: Tensor): boolean {
  const unknown = (size: Dimension) => size === '?';
  return (
    a.shape !== undefined &&
    b.shape !== undefined &&
    a.shape.length === b.shape.length &&
    a.shape.every((size, axis) => size === b.shape![axis] && !unknown(size))
  );
}
