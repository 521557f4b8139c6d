// Gradients of norms: (sum of |x|^p)^(1/p), over windows or over all of space.
import type { Builder } from '../../builder/builder.js';
import type { Tensor } from '../record.js';
import { elementsOf, sharedOut } from './average-pool.js';
import type { Window } from './window.js';

/** g y^(1 - p), which every element's |x|^(p - 1) takes its share of; 0 where the norm is 0. */
function shareOf(b: Builder, g: Tensor, y: Tensor, p: number): Tensor {
  if (p === 1) return g;
  const isZero = b.indicator(b.not(b.greater(y, 0)), y);
  const safe = b.add(y, isZero);
  return b.mul(b.div(g, p === 2 ? safe : b.pow(safe, p - 1)), b.sub(1, isZero));
}

/** The derivative of |x|^p / p. */
function slopeOf(b: Builder, x: Tensor, p: number): Tensor {
  if (p === 2) return x;
  const sign = b.sub(b.positive(x), b.positive(b.neg(x)));
  return p === 1 ? sign : b.mul(sign, b.pow(b.abs(x), p - 1));
}

export function normPoolGradient(b: Builder, x: Tensor, y: Tensor, g: Tensor, p: number, window: Window): Tensor {
  const shared = sharedOut(b, b.mul(shareOf(b, g, y, p), elementsOf(window)), x, window);
  return b.mul(slopeOf(b, x, p), shared);
}

export function globalNormGradient(b: Builder, x: Tensor, y: Tensor, g: Tensor, p: number): Tensor {
  return b.mul(slopeOf(b, x, p), shareOf(b, g, y, p));
}
