import type { Builder } from './builder/builder.js';
import { SaywhyError } from './errors.js';
import type { Tensor } from './operators/record.js';

/**
 * The cotangent plus `weight` at the highest score, the first of equal ones. Classes lie along the second axis, of a list along the only one.
 * @throws SaywhyError `invalid-argument` where their number is not known
 */
export function addTopClass(b: Builder, cotangent: Tensor, scores: Tensor, weight: Tensor): Tensor {
  const rank = scores.shape?.length ?? 0;
  const axis = Math.min(1, rank - 1);
  const classes = scores.shape?.[axis];
  if (typeof classes !== 'number')
    throw new SaywhyError(
      'invalid-argument',
      `\`top\` needs a known number of classes; "${scores.name}" is ${scores.shape ? `[${scores.shape}]` : 'of unknown shape'}.`,
    );
  const each = b.integers(Array.from({ length: classes }, (_, index) => index));
  const aligned = b.reshape(each, [classes, ...new Array<number>(rank - axis - 1).fill(1)]);
  const isTop = b.equal(aligned, b.emit('ArgMax', [scores], { axis, keepdims: 1 }));
  return b.add(cotangent, b.mul(b.indicator(isTop, cotangent), weight));
}
