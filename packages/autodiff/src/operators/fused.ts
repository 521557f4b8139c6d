// What onnxruntime's offline optimisation makes of several operators (domain com.microsoft), as those operators again.
import type { Builder } from '../builder/builder.js';
import type { Shape } from '../model/types.js';
import { geluSlope, tanhGeluSlope } from './elementwise/activations.js';
import { oneMinus } from './elementwise/ramp.js';
import { matrices, transposed } from './matrices/matrices.js';
import { operators, type Tensor } from './record.js';
import { broadcast, quotientOf, same, unknownRank } from './shapes.js';
import { convolution } from './windows/convolution.js';

type Activation = (b: Builder, x: Tensor, parameters: readonly (number | undefined)[]) => Tensor;

/** The activation functions that are fused, by name; parameters in the order alpha, beta, gamma (Clip: its bounds). */
const activations: Readonly<Record<string, Activation>> = {
  Relu: (b, x) => b.emit('Relu', [x]),
  Sigmoid: (b, x) => b.sigmoid(x),
  Tanh: (b, x) => b.emit('Tanh', [x]),
  Softplus: (b, x) => b.emit('Softplus', [x]),
  Softsign: (b, x) => b.emit('Softsign', [x]),
  HardSwish: (b, x) => b.mul(x, b.emit('HardSigmoid', [x], { alpha: 1 / 6, beta: 0.5 })),
  LeakyRelu: (b, x, [alpha]) => b.emit('LeakyRelu', [x], { alpha }),
  ThresholdedRelu: (b, x, [alpha]) => b.emit('ThresholdedRelu', [x], { alpha }),
  Elu: (b, x, [alpha]) => b.emit('Elu', [x], { alpha }),
  HardSigmoid: (b, x, [alpha, beta]) => b.emit('HardSigmoid', [x], { alpha, beta }),
  Selu: (b, x, [alpha, , gamma]) => b.emit('Selu', [x], { alpha, gamma }),
  Clip: (b, x, [low, high]) =>
    b.emit('Clip', [
      x,
      low === undefined ? undefined : b.scalar(low, x),
      high === undefined ? undefined : b.scalar(high, x),
    ]),
};

interface Fused {
  readonly attributes: { readonly activation: string | undefined };
}

function activated(b: Builder, x: Tensor, { attributes }: Fused, parameters: readonly (number | undefined)[]): Tensor {
  const { activation } = attributes;
  return activation ? activations[activation]!(b, x, parameters) : x;
}

function unsupported({ attributes: { activation } }: Fused): string | undefined {
  return activation && !(activation in activations) ? `its activation "${activation}" is not known` : undefined;
}

/** A matrix as FusedMatMul reads it: first the axes of the batch and the first one swapped, then the last two. */
function operand(b: Builder, x: Tensor, transBatch: number, trans: number): Tensor {
  const rank = x.shape!.length;
  if (rank < 2) return x;
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  const batchFirst = transBatch ? b.transpose(x, [...axes.slice(1, -1), 0, rank - 1]) : x;
  return trans ? transposed(b, batchFirst) : batchFirst;
}

/** The shape that an operand of FusedMatMul has when it is multiplied. */
function operandShape({ shape }: Tensor, transBatch: number, trans: number) {
  if (!shape || shape.length < 2) return shape;
  const moved = transBatch ? [...shape.slice(1, -1), shape[0]!, shape.at(-1)!] : shape;
  return trans ? [...moved.slice(0, -2), moved.at(-1)!, moved.at(-2)!] : moved;
}

/** x * sigmoid(alpha x): the slope is s + alpha y (1 - s). */
function quickGeluSlope(b: Builder, x: Tensor, y: Tensor, alpha: number): Tensor {
  const s = b.sigmoid(b.mul(x, alpha));
  return b.add(s, b.mul(b.mul(y, oneMinus(b, s)), alpha));
}

export const fused = operators({
  'com.microsoft.FusedConv': {
    shape: (call) => convolution.Conv.shape!(call) as readonly number[],
    unsupported: (call) => unsupported(call) ?? convolution.Conv.unsupported!(call),
    lower: (call) => {
      const { X, W, B, Z, attributes, b } = call;
      const { activation: _, activation_params: parameters = [], ...window } = attributes;
      const products = b.emit('Conv', [X, W, B], window);
      return activated(b, Z ? b.add(products, Z) : products, call, parameters);
    },
  },
  'com.microsoft.FusedGemm': {
    shape: (call) => matrices.Gemm.shape!(call) as readonly number[],
    unsupported,
    lower: (call) => {
      const { A, B, C, attributes, b } = call;
      const { alpha, beta, transA, transB } = attributes;
      const products = b.emit('Gemm', [A, B, C], { alpha, beta, transA, transB });
      const { activation_alpha, activation_beta, activation_gamma } = attributes;
      return activated(b, products, call, [activation_alpha, activation_beta, activation_gamma]);
    },
  },
  'com.microsoft.FusedMatMul': {
    shape: ({ A, B, attributes: { transA, transB, transBatchA, transBatchB } }) => {
      const [left, right] = [operandShape(A, transBatchA, transA), operandShape(B, transBatchB, transB)];
      return matrices.MatMul.shape!({
        A: { ...A, shape: left },
        B: { ...B, shape: right },
      } as never) as Shape | undefined;
    },
    unsupported: ({ A, B }) => unknownRank(A, B),
    lower: ({ A, B, attributes: { alpha, transA, transB, transBatchA, transBatchB }, b }) =>
      b.mul(b.matmul(operand(b, A, transBatchA, transA), operand(b, B, transBatchB, transB)), alpha),
  },
  'com.microsoft.BiasAdd': { shape: same, lower: ({ X, bias, skip, b }) => b.add(b.add(X, bias), skip) },
  'com.microsoft.BiasDropout': {
    shape: ({ data, outputCount }) => new Array(outputCount).fill(data.shape),
    type: ({ data }) => [data.type, 'bool'],
    unsupported: ({ training_mode: mode }) =>
      mode && mode.value?.[0] !== 0
        ? 'it is in training mode, or may be (its training_mode is computed at run time); export the model in evaluation mode'
        : undefined,
    lower: ({ data, bias, residual, b }) => (residual ? b.add(b.add(data, bias), residual) : b.add(data, bias)),
  },
  'com.microsoft.BiasSoftmax': {
    shape: ({ data }) => data.shape,
    unsupported: ({ data }) => unknownRank(data),
    lower: ({ data, bias, attributes: { axis }, b }) => {
      // Every axis from `axis` on is normalised together, whatever the opset.
      const sum = b.add(data, bias);
      const rank = data.shape!.length;
      if (axis === rank - 1 || axis === -1) return b.emit('Softmax', [sum], { axis: b.opset < 13 ? rank - 1 : -1 });
      const flat = b.emit('Flatten', [sum], { axis });
      return b.reshapeLike(b.emit('Softmax', [flat], { axis: 1 }), data);
    },
  },
  'com.microsoft.BiasSplitGelu': {
    shape: ({ X: { shape } }) => shape && [...shape.slice(0, -1), quotientOf(shape.slice(-1), [2])],
    unsupported: ({ X }) => unknownRank(X),
    lower: ({ X, bias, b }) => {
      const size = b.div(b.sizes(X, [X.shape!.length - 1]), b.integers([2]));
      const [left, right] = b.emitAll('Split', [b.add(X, bias), b.concat([size, size], 0)], { axis: -1 }, 2);
      const half = b.mul(right!, 0.5);
      return b.mul(left!, b.mul(half, b.add(b.emit('Erf', [b.mul(right!, Math.SQRT1_2)]), 1)));
    },
  },
  'com.microsoft.Gelu': { shape: same, activation: true, grad: { X: ({ g, X, b }) => b.mul(g, geluSlope(b, X)) } },
  'com.microsoft.BiasGelu': {
    shape: broadcast,
    activation: true,
    grad: {
      A: ({ g, A, B, b }) => b.mul(g, geluSlope(b, b.add(A, B))),
      B: ({ g, A, B, b }) => b.mul(g, geluSlope(b, b.add(A, B))),
    },
  },
  'com.microsoft.FastGelu': {
    shape: same,
    activation: true,
    grad: {
      X: ({ g, X, bias, b }) => b.mul(g, tanhGeluSlope(b, bias ? b.add(X, bias) : X)),
      bias: ({ g, X, bias, b }) => b.mul(g, tanhGeluSlope(b, b.add(X, bias!))),
    },
  },
  'com.microsoft.QuickGelu': {
    shape: same,
    activation: true,
    grad: { X: ({ g, X, y, attributes: { alpha }, b }) => b.mul(g, quickGeluSlope(b, X, y, alpha)) },
  },
});
