// The cells of recurrent layers: what one step makes of its input and of the state that it comes with.
import type { Builder } from '../../builder/builder.js';
import type { Tensor } from '../record.js';

/** A call of RNN, GRU or LSTM. */
export interface Recurrent {
  readonly X: Tensor;
  readonly W: Tensor;
  readonly R: Tensor;
  readonly B: Tensor | undefined;
  readonly sequence_lens: Tensor | undefined;
  readonly initial_h: Tensor | undefined;
  readonly initial_c?: Tensor | undefined;
  readonly P?: Tensor | undefined;
  readonly attributes: {
    readonly activations: readonly string[] | undefined;
    readonly activation_alpha: readonly number[] | undefined;
    readonly activation_beta: readonly number[] | undefined;
    readonly clip: number | undefined;
    readonly direction: string;
    readonly hidden_size: number | undefined;
    readonly layout: number;
    readonly input_forget?: number;
    readonly linear_before_reset?: number;
  };
}

export interface Cell {
  /** How many parts the state has: h, or h and c. */
  readonly states: number;
  /** Of the input, [size, gates * hidden], and the bias that is added to the product. */
  readonly weights: Tensor;
  readonly bias: Tensor | undefined;
  /** The next state, from the input times the weights and the state before. */
  readonly step: (b: Builder, projected: Tensor, states: readonly Tensor[]) => readonly Tensor[];
}

type Activation = (b: Builder, x: Tensor) => Tensor;

interface Function {
  /** What alpha and beta are where they are not given; absent where it has none. */
  readonly alpha?: number;
  readonly beta?: number;
  readonly of: (b: Builder, x: Tensor, alpha: number, beta: number) => Tensor;
}

const functions: Readonly<Record<string, Function>> = {
  relu: { of: (b, x) => b.emit('Relu', [x]) },
  tanh: { of: (b, x) => b.emit('Tanh', [x]) },
  sigmoid: { of: (b, x) => b.sigmoid(x) },
  softsign: { of: (b, x) => b.emit('Softsign', [x]) },
  softplus: { of: (b, x) => b.emit('Softplus', [x]) },
  affine: { alpha: 1, beta: 0, of: (b, x, alpha, beta) => b.add(b.mul(x, alpha), beta) },
  leakyrelu: { alpha: 0.01, of: (b, x, alpha) => b.emit('LeakyRelu', [x], { alpha }) },
  thresholdedrelu: { alpha: 1, of: (b, x, alpha) => b.emit('ThresholdedRelu', [x], { alpha }) },
  scaledtanh: { alpha: 1, beta: 1, of: (b, x, alpha, beta) => b.mul(b.emit('Tanh', [b.mul(x, beta)]), alpha) },
  hardsigmoid: { alpha: 0.2, beta: 0.5, of: (b, x, alpha, beta) => b.emit('HardSigmoid', [x], { alpha, beta }) },
  elu: { alpha: 1, of: (b, x, alpha) => b.emit('Elu', [x], { alpha }) },
};

/** The activation functions that are named, for all directions; a name that is not known stands for itself. Alphas and betas go to those that have them. */
export function activationsOf({ attributes }: Recurrent): readonly (Activation | string)[] {
  const { activations = [], activation_alpha = [], activation_beta = [] } = attributes;
  const [alphas, betas] = [activation_alpha.values(), activation_beta.values()];
  return activations.map((name) => {
    const known = functions[name.toLowerCase()];
    if (!known) return name;
    const alpha = known.alpha === undefined ? 0 : (alphas.next().value ?? known.alpha);
    const beta = known.beta === undefined ? 0 : (betas.next().value ?? known.beta);
    return (b: Builder, x: Tensor) => known.of(b, x, alpha, beta);
  });
}

const standard: readonly string[] = ['sigmoid', 'tanh', 'tanh'];

/** Those of one direction, the first `squashed` of which are taken of what is clipped. */
function activationsFor(call: Recurrent, direction: number, byDefault: readonly string[]): readonly Activation[] {
  const all = activationsOf(call) as readonly Activation[];
  const own = all.slice(direction * byDefault.length, (direction + 1) * byDefault.length);
  return byDefault.map((name, index) => own[index] ?? ((b: Builder, x: Tensor) => functions[name]!.of(b, x, 0, 0)));
}

/** The part of a tensor that is a direction's, without that axis. */
export function ofDirection(b: Builder, x: Tensor, direction: number, axis = 0): Tensor {
  return b.squeeze(b.slice(x, [direction], [direction + 1], [axis]), [axis]);
}

/** The weights of one direction, for products from the left; its bias in parts of as many elements as there are gates times the hidden size. */
function weightsOf(call: Recurrent, b: Builder, direction: number, gates: number) {
  const of = (x: Tensor) => ofDirection(b, x, direction);
  const hidden = call.attributes.hidden_size ?? call.R.shape?.[2];
  const size = hidden as number;
  const bias = call.B && of(call.B);
  /** Elements of the bias from one gate to another; the recurrent ones come behind the others. */
  const biasOf = (from: number, to: number) => bias && b.slice(bias, [from * size], [to * size], [0]);
  return {
    input: b.transpose(of(call.W), [1, 0]),
    recurrent: b.transpose(of(call.R), [1, 0]),
    biasOf,
    bias: bias && b.add(biasOf(0, gates)!, biasOf(gates, 2 * gates)!),
    /** Parts of some gates in a row each. */
    split: (inner: Builder, x: Tensor, gates: readonly number[]) =>
      inner.emitAll(
        'Split',
        [x, inner.integers(gates.map((n) => n * size))],
        { axis: x.shape!.length - 1 },
        gates.length,
      ),
    peephole: call.P && of(call.P),
  };
}

function clipped(b: Builder, x: Tensor, { attributes: { clip } }: Recurrent): Tensor {
  return clip ? b.emit('Clip', [x, b.scalar(-clip, x), b.scalar(clip, x)]) : x;
}

/** h = f(x W + h R + bias). */
export function rnn(call: Recurrent, b: Builder, direction: number): Cell {
  const { input, recurrent, bias } = weightsOf(call, b, direction, 1);
  const [f] = activationsFor(call, direction, ['tanh']);
  return {
    states: 1,
    weights: input,
    bias,
    step: (inner, projected, [h]) => [
      f!(inner, clipped(inner, inner.add(projected, inner.matmul(h!, recurrent)), call)),
    ],
  };
}

/** Gates z (update), r (reset) and the new state h, in this order. */
export function gru(call: Recurrent, b: Builder, direction: number): Cell {
  const { input, recurrent, biasOf, split } = weightsOf(call, b, direction, 3);
  const [f, g] = activationsFor(call, direction, standard.slice(0, 2)) as [Activation, Activation];
  const isLinearFirst = call.attributes.linear_before_reset === 1;
  const [ofGates, ofState] = split(b, recurrent, [2, 1]) as [Tensor, Tensor];
  const [ofInput, ofGatesToo, afterProduct] = [biasOf(0, 3), biasOf(3, 5), biasOf(5, 6)];
  const bias = ofInput && b.add(ofInput, b.pad(ofGatesToo!, b.concat([b.integers([0]), b.shape(afterProduct!)], 0)));
  return {
    states: 1,
    weights: input,
    bias,
    step: (inner, projected, [h]) => {
      const [toGates, toState] = split(inner, projected, [2, 1]) as [Tensor, Tensor];
      const gates = clipped(inner, inner.add(toGates, inner.matmul(h!, ofGates)), call);
      const [z, r] = split(inner, f(inner, gates), [1, 1]) as [Tensor, Tensor];
      const product = inner.matmul(isLinearFirst ? h! : inner.mul(r, h!), ofState);
      const biased = afterProduct ? inner.add(product, afterProduct) : product;
      const sum = inner.add(toState, isLinearFirst ? inner.mul(r, biased) : biased);
      const next = g(inner, clipped(inner, sum, call));
      // (1 - z) next + z h
      return [inner.add(next, inner.mul(z, inner.sub(h!, next)))];
    },
  };
}

/** Gates i (input), o (output), f (forget) and the new c, in this order; a peephole adds what they see of c. */
export function lstm(call: Recurrent, b: Builder, direction: number): Cell {
  const { input, recurrent, bias, split, peephole } = weightsOf(call, b, direction, 4);
  const [f, g, h] = activationsFor(call, direction, standard) as [Activation, Activation, Activation];
  const [ofI, ofO, ofF] = peephole ? split(b, peephole, [1, 1, 1]) : [];
  return {
    states: 2,
    weights: input,
    bias,
    step: (inner, projected, [before, c]) => {
      const sums = split(inner, inner.add(projected, inner.matmul(before!, recurrent)), [1, 1, 1, 1]);
      const open = (index: number, seen: Tensor | undefined, state: Tensor) => {
        const sum = sums[index]!;
        return f(inner, clipped(inner, seen ? inner.add(sum, inner.mul(seen, state)) : sum, call));
      };
      const i = open(0, ofI, c!);
      const forget = call.attributes.input_forget ? inner.sub(1, i) : open(2, ofF, c!);
      const next = g(inner, clipped(inner, sums[3]!, call));
      const state = inner.add(inner.mul(forget, c!), inner.mul(i, next));
      return [inner.mul(open(1, ofO, state), h(inner, state)), state];
    },
  };
}
