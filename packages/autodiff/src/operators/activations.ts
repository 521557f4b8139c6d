import type { Builder } from '../builder/builder.js';
import { clip } from './clip.js';
import { type Backward, operators, type Tensor } from './record.js';
import { numbersOf, same } from './shapes.js';

/**
 * g where a condition holds, g * slope elsewhere. Up to a slope of 1 by clipping the 0 and 1 of the condition from below: two passes over memory at the
 * price of one Where.
 */
function sloped(b: Builder, g: Tensor, condition: Tensor, slope: number): Tensor {
  if (slope === 0) return b.keep(g, condition);
  if (slope > 0 && slope <= 1)
    return b.mul(g, b.emit('Clip', [b.indicator(condition, g), b.scalar(slope, g), undefined]));
  return b.where(condition, g, b.mul(g, slope));
}

/** min(x, 1), in a form that every opset has. */
function atMostOne(b: Builder, x: Tensor): Tensor {
  return b.emit('Clip', [x, undefined, b.scalar(1, x)]);
}

/**
 * Where x > 0, read off the output where that has the sign of x, so that the runtime may fuse the activation into what is before it; off the input where
 * a negative slope or scale keeps it from telling.
 */
function positiveSide({ y, inputs, b }: Backward<'Relu'>, sameSign: boolean): Tensor {
  return b.greater(sameSign ? y : inputs[0]!, 0);
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
  return b.add(s, b.mul(b.mul(b.mul(x, s), b.sub(1, s)), slope));
}

/** The slope of x h(x), h = HardSigmoid: h + x h'. Written as the forward computes h, which the runtime then merges. */
export function hardSwishSlope(b: Builder, x: Tensor, h: Tensor): Tensor {
  const inside = b.indicator(b.less(b.abs(x), 3), x);
  return b.add(b.mul(b.mul(x, inside), 1 / 6), h);
}

/** Pointwise activation functions. Rules use the output where they can: saving the input instead would keep the runtime from fusing the forward. */
export const activations = operators({
  Relu: { shape: same, activation: true, kink: '0 at 0', grad: { X: ({ g, y, b }) => b.keep(g, b.greater(y, 0)) } },
  LeakyRelu: {
    shape: same,
    activation: true,
    kink: 'alpha at 0',
    grad: {
      X: (call) => sloped(call.b, call.g, positiveSide(call, call.attributes.alpha >= 0), call.attributes.alpha),
    },
  },
  ThresholdedRelu: {
    shape: same,
    activation: true,
    kink: '0 at alpha',
    grad: {
      X: ({ g, X, y, attributes: { alpha }, b }) => b.keep(g, alpha >= 0 ? b.greater(y, 0) : b.greater(X, alpha)),
    },
  },
  PRelu: {
    shape: same,
    activation: true,
    kink: 'the slope at 0',
    grad: {
      X: (call) => {
        const { slope, g, b } = call;
        const slopes = numbersOf(slope);
        const condition = positiveSide(call, slopes?.every((value) => value >= 0) ?? false);
        return slopes?.length === 1 ? sloped(b, g, condition, slopes[0]!) : b.where(condition, g, b.mul(g, slope));
      },
      slope: ({ g, X, b }) => b.mul(g, b.emit('Clip', [X, undefined, b.scalar(0, X)])),
    },
  },
  Elu: {
    shape: same,
    activation: true,
    kink: 'alpha at 0',
    grad: {
      X: (call) => {
        const { g, y, attributes, b } = call;
        const { alpha } = attributes;
        const below = b.add(y, alpha);
        if (alpha === 1) return b.mul(g, atMostOne(b, below));
        return b.mul(g, b.where(positiveSide(call, alpha >= 0), 1, below));
      },
    },
  },
  Selu: {
    shape: same,
    activation: true,
    kink: 'gamma alpha at 0',
    grad: {
      X: (call) => {
        const { g, y, attributes, b } = call;
        const { alpha, gamma } = attributes;
        const condition = positiveSide(call, alpha >= 0 && gamma > 0);
        return b.mul(g, b.where(condition, gamma, b.add(y, alpha * gamma)));
      },
    },
  },
  Celu: {
    shape: same,
    activation: true,
    kink: 'none: 1 at 0 from both sides',
    grad: {
      X: ({ g, y, attributes: { alpha }, b }) => {
        const below = b.add(b.div(y, alpha), 1);
        return b.mul(g, alpha > 0 ? atMostOne(b, below) : b.where(b.greater(y, 0), 1, below));
      },
    },
  },
  Clip: clip,
  HardSigmoid: {
    shape: same,
    activation: true,
    kink: '0 where the bounds are met',
    grad: {
      X: ({ g, y, attributes: { alpha }, b }) => b.mul(b.keep(g, b.and(b.greater(y, 0), b.less(y, 1))), alpha),
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
  Sigmoid: { shape: same, activation: true, grad: { X: ({ g, y, b }) => b.mul(g, b.mul(y, b.sub(1, y))) } },
  Tanh: { shape: same, activation: true, grad: { input: ({ g, y, b }) => b.mul(g, b.sub(1, b.mul(y, y))) } },
  Softplus: { shape: same, activation: true, grad: { X: ({ g, X, b }) => b.mul(g, b.sigmoid(X)) } },
  Softsign: {
    shape: same,
    activation: true,
    // 1 / (1 + |x|) is 1 - |y|.
    grad: {
      input: ({ g, y, b }) => {
        const rest = b.sub(1, b.abs(y));
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
        return b.mul(g, b.add(t, b.mul(b.mul(X, b.sigmoid(X)), b.sub(1, b.mul(t, t)))));
      },
    },
  },
});
