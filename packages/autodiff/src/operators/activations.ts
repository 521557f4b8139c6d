import { operators } from './record.js';
import { numbersOf, same } from './shapes.js';

/** The largest float32: what Clip's bounds were before opset 11 where none was given. */
const LARGEST = 3.4e38;

function isBound(bound: number | undefined): bound is number {
  return bound !== undefined && Math.abs(bound) < LARGEST;
}

/** Pointwise activation functions. Rules use the output where they can: saving the input instead would keep the runtime from fusing the forward. */
export const activations = operators({
  Relu: { shape: same, activation: true, kink: '0 at 0', grad: { X: ({ g, y, b }) => b.keep(g, b.greater(y, 0)) } },
  Clip: {
    shape: same,
    activation: true,
    kink: 'two constant bounds: 0 at both (relu6, hardtanh); one bound, or bounds computed at run time: the gradient passes at them (clamp)',
    grad: {
      input: ({ g, input, y, min, max, b }) => {
        const [low, high] = [numbersOf(min)?.[0], numbersOf(max)?.[0]];
        if (isBound(low) && isBound(high)) return b.keep(g, b.and(b.greater(y, low), b.less(y, high)));
        const inside = [
          ...(min && (low === undefined || isBound(low)) ? [b.not(b.less(input, min))] : []),
          ...(max && (high === undefined || isBound(high)) ? [b.not(b.greater(input, max))] : []),
        ];
        return inside.length === 0
          ? g
          : b.keep(
              g,
              inside.reduce((a, c) => b.and(a, c)),
            );
      },
    },
  },
  Sigmoid: { shape: same, activation: true, grad: { X: ({ g, y, b }) => b.mul(g, b.mul(y, b.sub(1, y))) } },
});
