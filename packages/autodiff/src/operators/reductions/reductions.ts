import type { Builder } from '../../builder/builder.js';
import type { Dimension } from '../../model/types.js';
import { type Backward, type Operator, type OperatorName, operators, type Tensor } from '../record.js';
import { numbersOf, productOf, resolveAxis } from '../shapes.js';

/** Every reduction has the newest signature of ReduceSum: data, axes, keepdims, noop_with_empty_axes. */
interface Reduction {
  readonly data: Tensor;
  readonly axes: Tensor | undefined;
  readonly attributes: { readonly keepdims: number; readonly noop_with_empty_axes: number };
}
type Call = Reduction & Pick<Backward<'ReduceSum'>, 'g' | 'y' | 'b'>;

/** The axes that a reduction sums over, none negative; undefined where they are not known before run time. */
function reducedAxes({ data, axes, attributes }: Reduction): readonly number[] | undefined {
  const rank = data.shape?.length;
  const list = axes && axes.shape?.[0] !== 0 ? numbersOf(axes) : [];
  if (rank === undefined || !list) return undefined;
  if (list.length === 0) return attributes.noop_with_empty_axes ? [] : Array.from({ length: rank }, (_, axis) => axis);
  return list.map((axis) => resolveAxis(axis, rank));
}

function reducedShape(call: Reduction): readonly Dimension[] | undefined {
  const axes = reducedAxes(call);
  const { shape } = call.data;
  if (!shape) return undefined;
  if (!axes) {
    const dropped = call.attributes.keepdims ? 0 : call.axes?.shape?.[0];
    return typeof dropped === 'number' ? shape.slice(dropped).map(() => '?') : undefined;
  }
  return call.attributes.keepdims
    ? shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
    : shape.filter((_, axis) => !axes.includes(axis));
}

/** A result with the axes that the reduction dropped put back as ones. */
function restored(call: Call, reduced: Tensor): Tensor {
  const { data, attributes, b } = call;
  if (attributes.keepdims) return reduced;
  const axes = reducedAxes(call);
  // Where the axes are known at run time only, a reduction that keeps them tells.
  if (!axes) return b.reshape(reduced, b.shape(reduce(call, data)));
  return b.unsqueeze(
    reduced,
    [...axes].sort((a, c) => a - c),
  );
}

/** The same axes reduced again, kept as ones. */
function reduce({ axes, attributes: { noop_with_empty_axes }, b }: Call, x: Tensor): Tensor {
  return b.emit('ReduceSum', [x, axes], { keepdims: 1, noop_with_empty_axes });
}

/** How many elements go into one of the result. */
function count({ data, axes, attributes, y, b }: Call): Tensor {
  const known = reducedAxes({ data, axes, attributes });
  const size = (shape: Tensor) => b.emit('ReduceProd', [shape], { keepdims: 0 });
  return known ? size(b.sizes(data, known)) : b.div(size(b.shape(data)), size(b.shape(y)));
}

function ofMean(call: Call): Tensor {
  const { data, g, b } = call;
  if (reducedAxes(call)?.length === 0) return g;
  return b.expand(restored(call, sharedAmong(b, g, count(call))), b.shape(data));
}

/** A cotangent divided by a number of elements. Half precision ends at 65504, which an image has more pixels than; it does hold the inverse. */
export function sharedAmong(b: Builder, g: Tensor, count: Tensor): Tensor {
  return g.type === 'float16'
    ? b.mul(g, b.cast(b.div(1, b.cast(count, 'float32')), g.type))
    : b.div(g, b.cast(count, g.type));
}

/** Elements equal to the extreme share its cotangent. */
function ofExtreme(call: Call): Tensor {
  const { data, g, y, b } = call;
  const mask = b.indicator(b.equal(data, restored(call, y)), data);
  return b.mul(mask, b.div(restored(call, g), reduce(call, mask)));
}

/**
 * Each element has the product of the others: y / x, and where x is the only 0, the product of the rest. Zeros count as ones in p, so that nothing
 * is divided by 0.
 */
function ofProduct(call: Call): Tensor {
  const { data, axes, attributes, g, b } = call;
  const zero = b.indicator(b.equal(data, 0), data);
  const safe = b.add(data, zero);
  const { noop_with_empty_axes } = attributes;
  const p = b.emit('ReduceProd', [safe, axes], { keepdims: 1, noop_with_empty_axes });
  const zeros = reduce(call, zero);
  const [none, one] = [b.indicator(b.equal(zeros, 0), data), b.indicator(b.equal(zeros, 1), data)];
  const share = b.add(none, b.mul(zero, one));
  return b.mul(b.mul(share, b.mul(restored(call, g), p)), b.div(1, safe));
}

/** Elements that a reduction of a short list gives: for what shapes are computed from. */
function ofList(f: (elements: readonly Dimension[]) => Dimension) {
  return (call: Reduction): readonly Dimension[] | undefined => {
    const { data } = call;
    const axes = reducedAxes(call);
    return data.value && data.shape?.length === 1 && axes?.length === 1 ? [f(data.value)] : undefined;
  };
}

function numeric(f: (elements: readonly number[]) => number) {
  return ofList((elements) => {
    const result = elements.every((element) => typeof element === 'number') ? f(elements as readonly number[]) : '?';
    return Number.isSafeInteger(result) ? result : '?';
  });
}

type Reducers = Extract<OperatorName, `Reduce${string}`>;

function reduction(grad: (call: Call) => Tensor, more: Pick<Operator<'ReduceSum'>, 'value' | 'kink'> = {}) {
  const operator: Operator<'ReduceSum'> = {
    shape: reducedShape,
    grad: { data: grad },
    ...more,
  };
  return operator as Operator<Reducers>;
}

export const reductions = operators({
  ReduceSum: reduction((call) => call.b.expand(restored(call, call.g), call.b.shape(call.data)), {
    value: numeric((elements) => elements.reduce((total, element) => total + element, 0)),
  }),
  ReduceMean: reduction(ofMean),
  ReduceMax: reduction(ofExtreme, {
    kink: 'elements that tie share the cotangent equally (amax)',
    value: numeric((elements) => Math.max(...elements)),
  }),
  ReduceMin: reduction(ofExtreme, {
    kink: 'elements that tie share the cotangent equally (amin)',
    value: numeric((elements) => Math.min(...elements)),
  }),
  ReduceProd: reduction(ofProduct, { value: ofList(productOf) }),
  ReduceL1: reduction((call) => call.b.mul(restored(call, call.g), call.b.sign(call.data)), { kink: '0 at 0' }),
  ReduceL2: reduction(
    (call) => {
      const { data, y, g, b } = call;
      const safe = b.add(y, b.indicator(b.equal(y, 0), y));
      return b.mul(data, restored(call, b.div(g, safe)));
    },
    { kink: '0 where the norm is 0' },
  ),
  ReduceSumSquare: reduction((call) => call.b.mul(call.data, restored(call, call.b.mul(call.g, 2)))),
  ReduceLogSum: reduction((call) => {
    const { data, y, g, b } = call;
    return b.expand(restored(call, b.div(g, b.exp(y))), b.shape(data));
  }),
  ReduceLogSumExp: reduction((call) => {
    const { data, y, b } = call;
    return b.mul(restored(call, call.g), b.exp(b.sub(data, restored(call, y))));
  }),
});
