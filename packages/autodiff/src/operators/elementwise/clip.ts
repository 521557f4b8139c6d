import type { Backward, Operator, Tensor } from '../record.js';
import { numbersOf, same } from '../shapes.js';
import { between } from './ramp.js';

/** The largest float32: what the bounds were before opset 11 where none was given. */
const LARGEST = 3.4e38;

/** What a bound of Clip is: absent (or as large as none), a constant, or a tensor computed at run time. */
export function boundOf(bound: Tensor | undefined): number | Tensor | undefined {
  const constant = numbersOf(bound)?.[0];
  if (constant === undefined) return bound;
  return Math.abs(constant) < LARGEST ? constant : undefined;
}

/** PyTorch's clamp: the gradient passes at the bounds, so what decides is the input. */
function withinClosed({ input, min, max, b }: Backward<'Clip'>): Tensor | undefined {
  const inside = [
    ...(boundOf(min) === undefined ? [] : [b.not(b.less(input, min!))]),
    ...(boundOf(max) === undefined ? [] : [b.not(b.greater(input, max!))]),
  ];
  return inside.length === 2 ? b.and(inside[0]!, inside[1]!) : inside[0];
}

function ofInput(call: Backward<'Clip'>): Tensor {
  const { g, y, b } = call;
  const [low, high] = [boundOf(call.min), boundOf(call.max)];
  if (typeof low === 'number' && typeof high === 'number') return b.mul(g, between(b, y, low, high));
  const inside = withinClosed(call);
  return inside ? b.keep(g, inside) : g;
}

/** The lower bound has what fell below it; nothing where it lies above the upper bound, which then wins. */
function ofLower({ g, input, min, max, b }: Backward<'Clip'>): Tensor {
  const below = b.keep(g, b.less(input, min!));
  return max ? b.keep(below, b.less(min!, max)) : below;
}

/** The upper bound has what rose above it, and everything where it lies below the lower bound. */
function ofUpper({ g, input, min, max, b }: Backward<'Clip'>): Tensor {
  const above = b.greater(input, max!);
  return b.keep(g, min ? b.or(above, b.less(max!, min)) : above);
}

/** Cuts off at its bounds. One operator stands for two functions of PyTorch that differ there. */
export const clip: Operator<'Clip'> = {
  shape: same,
  activation: true,
  kink: 'two constant bounds: 0 at both (relu6, hardtanh); one bound, or bounds computed at run time: the gradient passes at them (clamp)',
  grad: { input: ofInput, min: ofLower, max: ofUpper },
};
