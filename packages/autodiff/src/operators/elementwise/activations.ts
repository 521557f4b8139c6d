import type { Builder } from '../../builder/builder.js';
import { type Backward, operators, type Tensor } from '../record.js';
import { numbersOf, same } from '../shapes.js';
import { clip } from './clip.js';
import { above, between, oneMinus, ramp } from './ramp.js';

/**
 * 1 where x > 0, a slope elsewhere. Read off the output where that has the sign of x, so that the runtime may fuse the activation into what is before it;
 * off the input where a negative slope or scale keeps it from telling.
 */
function sloped({ y, inputs, b }: Pick<Backward<'Relu'>, 'y' | 'inputs' | 'b'>, slope: number): Tensor {
  const positive = above(b, slope >= 0 ? y : inputs[0]!, 0);
  if (slope === 0) return positive;
  if (slope > 0 && slope <= 1) return ramp(b, positive, 1 - slope, slope);
  return b.add(b.mul(positive, 1 - slope), slope);
}

/** Phi(x) + x phi(x), with Phi and phi the normal distribution's: 1/2 + (erf(t) + 2/sqrt(pi) t exp(-t^2)) / 2 with t = x / sqrt(2). */
export function geluSlope(b: Builder, x: Tensor): Tensor {
  const t = b.mul(x, Math.SQRT1_2);
  // The factor 2/sqrt(pi) goes into the exponent: a pass less.
  const bell = b.exp(b.sub(Math.log(2 / Math.sqrt(Math.PI)), b.mul(t, t)));
  return b.add(b.mul(b.add(b.emit('Erf', [t]), b.mul(bell, t)), 0.5), 0.5);
}

/** The same of x/2 (1 + tanh(u)), u = sqrt(2/pi) (x + 0.044715 x^3), which is x s with s = sigmoid(2u): s + x s (1 - s) 2u'. */
export function tanhGeluSlope(b: Builder, x: Tensor): Tensor {
  const scale = 2 * Math.sqrt(2 / Math.PI);
  const bend = b.mul(b.mul(x, x), 0.044715 * scale);
  const s = b.sigmoid(b.mul(x, b.add(bend, scale)));
  const slope = b.add(b.mul(bend, 3), scale);
  return b.add(s, b.mul(b.mul(b.mul(x, s), oneMinus(b, s)), slope));
}

/** The slope of x h(x), h = HardSigmoid: h + x h'. Written as the forward computes h, which the runtime then merges. */
export function hardSwishSlope(b: Builder, x: Tensor, h: Tensor): Tensor {
  return b.add(b.mul(x, ramp(b, between(b, x, -3, 3), 1 / 6, 0)), h);
}

/** Pointwise activation functions. Rules use the output where they can: saving the input instead would keep the runtime from fusing the forward. */
export const activations = operators({
  Relu: { shape: same, activation: true, kink: '0 at 0', grad: { X: (call) => call.b.mul(call.g, sloped(call, 0)) } },
  LeakyRelu: {
    shape: same,
    activation: true,
    kink: 'alpha at 0',
    grad: { X: (call) => call.b.mul(call.g, sloped(call, call.attributes.alpha)) },
  },
  ThresholdedRelu: {
    shape: same,
    activation: true,
    kink: '0 at alpha',
    grad: {
      X: ({ g, X, y, attributes: { alpha }, b }) => b.mul(g, alpha >= 0 ? above(b, y, 0) : above(b, X, alpha)),
    },
  },
  PRelu: {
    shape: same,
    activation: true,
    kink: 'the slope at 0',
    grad: {
      X: (call) => {
        const { X, slope, g, y, b } = call;
        const slopes = numbersOf(slope);
        if (slopes?.length === 1) return b.mul(g, sloped(call, slopes[0]!));
        const sign = slopes?.every((value) => value >= 0) ? y : X;
        return b.where(b.greater(sign, 0), g, b.mul(g, slope));
      },
      slope: ({ g, X, b }) => b.mul(g, b.emit('Clip', [X, undefined, b.scalar(0, X)])),
    },
  },
  Elu: {
    shape: same,
    activation: true,
    kink: 'alpha at 0',
    grad: {
      X: ({ g, X, y, attributes: { alpha }, b }) => {
        if (alpha === 1) return b.mul(g, ramp(b, y, 1, 1));
        return b.mul(g, b.where(b.greater(alpha >= 0 ? y : X, 0), 1, b.add(y, alpha)));
      },
    },
  },
  Selu: {
    shape: same,
    activation: true,
    kink: 'gamma alpha at 0',
    grad: {
      X: ({ g, X, y, attributes: { alpha, gamma }, b }) => {
        const sign = alpha >= 0 && gamma > 0 ? y : X;
        return b.mul(g, b.where(b.greater(sign, 0), gamma, b.add(y, alpha * gamma)));
      },
    },
  },
  Celu: {
    shape: same,
    activation: true,
    kink: 'none: 1 at 0 from both sides',
    unsupported: ({ attributes: { alpha } }) => (alpha === 0 ? 'its alpha is 0, by which it divides' : undefined),
    grad: {
      X: ({ g, y, attributes: { alpha }, b }) => {
        if (alpha > 0) return b.mul(g, ramp(b, y, 1 / alpha, 1));
        return b.mul(g, b.where(b.greater(y, 0), 1, b.add(b.div(y, alpha), 1)));
      },
    },
  },
  Clip: clip,
  HardSigmoid: {
    shape: same,
    activation: true,
    kink: '0 where the bounds are met',
    grad: {
      X: ({ g, y, attributes: { alpha }, b }) => b.mul(b.mul(g, between(b, y, 0, 1)), alpha),
    },
  },
  HardSwish: {
    shape: same,
    activation: true,
    kink: '0 at -3 and 1 at 3',
    grad: {
      X: ({ g, X, b }) => b.mul(g, hardSwishSlope(b, X, b.emit('HardSigmoid', [X], { alpha: 1 / 6, beta: 0.5 }))),
    },
  },
  Shrink: {
    shape: same,
    activation: true,
    kink: '0 at -lambd and lambd',
    grad: { input: ({ g, input, attributes: { lambd }, b }) => b.mul(g, above(b, b.abs(input), lambd)) },
  },
  Swish: {
    shape: same,
    activation: true,
    // x s with s = sigmoid(alpha x): s + alpha y (1 - s).
    grad: {
      X: ({ g, X, y, attributes: { alpha }, b }) => {
        const s = b.sigmoid(b.mul(X, alpha));
        return b.mul(g, b.add(s, b.mul(b.mul(y, oneMinus(b, s)), alpha)));
      },
    },
  },
  Sigmoid: { shape: same, activation: true, grad: { X: ({ g, y, b }) => b.mul(g, b.mul(y, oneMinus(b, y))) } },
  Tanh: { shape: same, activation: true, grad: { input: ({ g, y, b }) => b.mul(g, oneMinus(b, b.mul(y, y))) } },
  Softplus: { shape: same, activation: true, grad: { X: ({ g, X, b }) => b.mul(g, b.sigmoid(X)) } },
  Softsign: {
    shape: same,
    activation: true,
    // 1 / (1 + |x|) is 1 - |y|.
    grad: {
      input: ({ g, y, b }) => {
        const rest = oneMinus(b, b.abs(y));
        return b.mul(g, b.mul(rest, rest));
      },
    },
  },
  Gelu: {
    shape: same,
    activation: true,
    grad: {
      X: ({ g, X, attributes: { approximate }, b }) =>
        b.mul(g, approximate === 'tanh' ? tanhGeluSlope(b, X) : geluSlope(b, X)),
    },
  },
  Mish: {
    shape: same,
    activation: true,
    // x t with t = tanh(softplus(x)): t + x sigmoid(x) (1 - t^2).
    grad: {
      X: ({ g, X, b }) => {
        const t = b.emit('Tanh', [b.emit('Softplus', [X])]);
        // Not x sigmoid(x) by itself: onnxruntime makes that one operator, for float64 too, where it has none.
        return b.mul(g, b.add(t, b.mul(b.mul(X, oneMinus(b, b.mul(t, t))), b.sigmoid(X))));
      },
    },
  },
});
