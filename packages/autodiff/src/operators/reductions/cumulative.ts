import type { Builder } from '../../builder/builder.js';
import { type Backward, operators, type Tensor } from '../record.js';
import { same } from '../shapes.js';

/** The sum of what is behind each position: what a sum or product of what is before it turns into backwards. */
function summedBack({ axis, attributes, b }: Backward<'CumProd' | 'CumSum'>, x: Tensor): Tensor {
  return b.emit('CumSum', [x, axis], { exclusive: attributes.exclusive, reverse: attributes.reverse ? 0 : 1 });
}

/** For each position, how many zeros there are along the way to it, itself included. */
function zerosUpTo(b: Builder, zero: Tensor, { axis, attributes }: Backward<'CumProd'>): Tensor {
  return b.emit('CumSum', [zero, axis], { exclusive: 0, reverse: attributes.reverse });
}

/**
 * Before the first 0, each element has the later products, divided by itself; the first 0 has the products without it; what is behind it has no part
 * in any product but 0.
 */
function ofFactors(call: Backward<'CumProd'>): Tensor {
  const { x, g, y, axis, attributes, b } = call;
  const zero = b.indicator(b.equal(x, 0), x);
  const count = zerosUpTo(b, zero, call);
  const first = b.mul(zero, b.indicator(b.equal(count, 1), x));
  const before = b.indicator(b.equal(count, 0), x);
  const withoutFirst = b.emit('CumProd', [b.add(x, first), axis], attributes);
  const regular = b.div(b.mul(before, summedBack(call, b.mul(g, y))), b.add(x, zero));
  return b.add(regular, b.mul(first, summedBack(call, b.mul(g, withoutFirst))));
}

/** Sums and products of all elements up to each position of an axis. */
export const cumulative = operators({
  CumSum: { shape: same, grad: { x: (call) => summedBack(call, call.g) } },
  CumProd: { shape: same, grad: { x: ofFactors } },
});
