// Fourier transforms. They are linear, so the cotangent goes through the adjoint: the transform in the other direction, and other normalization.
import type { Builder } from '../../builder/builder.js';
import type { Dimension, Shape } from '../../model/types.js';
import { type Backward, type Call, operators, type Tensor } from '../record.js';
import { mapDimension, numbersOf, resolveAxis, unknownRank } from '../shapes.js';
import { range, sizeAt } from '../tensors/placing.js';

type Transform = Pick<Call<'DFT'>, 'input' | 'dft_length' | 'axis' | 'attributes'>;

/** The transformed axis, if known: the one before real and imaginary part by default. */
function axisOf({ input, axis }: Transform): number | undefined {
  const given = axis ? numbersOf(axis)?.[0] : -2;
  return given === undefined || !input.shape ? undefined : resolveAxis(given, input.shape.length);
}

/** Half of the spectrum of a real signal, and the way back from it. */
function kind({ inverse, onesided }: Transform['attributes']): 'whole' | 'to-half' | 'from-half' {
  if (!onesided) return 'whole';
  return inverse ? 'from-half' : 'to-half';
}

function transformedShape(call: Transform): Shape | undefined {
  const at = axisOf(call);
  const { shape } = call.input;
  if (!shape || at === undefined) return undefined;
  const which = kind(call.attributes);
  const own: Dimension = which === 'from-half' ? mapDimension(shape[at], (bins) => 2 * (bins - 1)) : shape[at]!;
  const length = call.dft_length ? (call.dft_length.value?.[0] ?? '?') : own;
  const size = which === 'to-half' ? mapDimension(length, (n) => Math.floor(n / 2) + 1) : length;
  return shape.map((other, axis) =>
    axis === at ? size : axis === shape.length - 1 ? (which === 'from-half' ? 1 : 2) : other,
  );
}

/** The first elements along an axis: as many as are wanted, zeros where there are no more. */
function fitted(b: Builder, x: Tensor, axis: number, size: Tensor): Tensor {
  const [given, wanted] = [x.shape![axis], numbersOf(size)?.[0]];
  if (given === wanted) return x;
  const part = b.slice(x, [0], size, [axis]);
  const none = (count: number) => b.integers(new Array(count).fill(0));
  const rank = x.shape!.length;
  const missing = b.sub(size, sizeAt(b, part, axis));
  return b.pad(part, b.concat([none(rank + axis), missing, none(rank - 1 - axis)], 0));
}

/** Weights of the bins of half a spectrum: those between the first and the middle stand for two. */
function shares(b: Builder, g: Tensor, axis: number, n: Tensor, rank: number): Tensor {
  const bins = range(b, sizeAt(b, g, axis));
  const twice = b.mul(bins, b.integers([2]));
  const isInner = b.and(b.greater(twice, b.integers([0])), b.less(twice, n));
  const weights = b.add(b.indicator(isInner, g), 1);
  return b.unsqueeze(
    weights,
    Array.from({ length: rank }, (_, at) => at).filter((at) => at !== axis),
  );
}

function transform(b: Builder, x: Tensor, axis: number, inverse: 0 | 1): Tensor {
  return b.emit('DFT', [x, undefined, b.constant('int64', [], [axis])], { inverse, onesided: 0 });
}

/** The real parts of complex numbers where the input is real. */
function likeInput(b: Builder, x: Tensor, { input }: Transform): Tensor {
  const last = input.shape!.length - 1;
  return input.shape![last] === 2 ? x : b.slice(x, [0], [1], [last]);
}

/**
 * With F the transform of length n and F* its adjoint: of F, F* = n F^-1; of the inverse, F / n. Half a spectrum is the whole with its end cut off, so zeros
 * are put there; the signal made from half a spectrum is real, and each inner bin of it stands for itself and its mirror image.
 */
function ofSignal(call: Backward<'DFT'>): Tensor {
  const { input, g, dft_length, attributes, b } = call;
  const axis = axisOf(call)!;
  const rank = input.shape!.length;
  const which = kind(attributes);
  const n = which !== 'to-half' ? sizeAt(b, g, axis) : dft_length ? asList(b, dft_length) : sizeAt(b, input, axis);
  const length = b.cast(b.reshape(n, []), g.type);
  const size = sizeAt(b, input, axis);
  if (which === 'from-half') {
    const bins = b.div(transform(b, g, axis, 0), length);
    const half = fitted(b, bins, axis, b.add(b.div(n, b.integers([2])), b.integers([1])));
    return fitted(b, b.mul(half, shares(b, half, axis, n, rank)), axis, size);
  }
  const whole = which === 'to-half' ? fitted(b, g, axis, n) : g;
  const back = transform(b, whole, axis, attributes.inverse ? 0 : 1);
  const scaled = attributes.inverse ? b.div(back, length) : b.mul(back, length);
  return likeInput(b, fitted(b, scaled, axis, size), call);
}

/** A length as a list of one integer. */
function asList(b: Builder, length: Tensor): Tensor {
  return b.reshape(b.cast(length, 'int64'), [1]);
}

type Short = Pick<Call<'STFT'>, 'signal' | 'frame_step' | 'window' | 'frame_length' | 'attributes'>;

function frameLength({ window, frame_length, signal }: Short): Dimension {
  if (frame_length) return frame_length.value?.[0] ?? '?';
  return (window ? window.shape?.[0] : signal.shape?.[1]) ?? '?';
}

function shortShape(call: Short): Shape {
  const [length, step, samples] = [frameLength(call), call.frame_step.value?.[0] ?? '?', call.signal.shape?.[1] ?? '?'];
  const isKnown = typeof length === 'number' && typeof step === 'number' && typeof samples === 'number';
  const frames = isKnown ? Math.floor((samples - length) / step) + 1 : '?';
  const bins = call.attributes.onesided ? mapDimension(length, (n) => Math.floor(n / 2) + 1) : length;
  return [call.signal.shape?.[0] ?? '?', frames, bins, 2];
}

/** The transform of windows of the signal, which are gathered. */
function ofFrames(call: Short & { readonly b: Builder }): Tensor {
  const { signal, window, frame_length, attributes, b } = call;
  const length = frame_length ? asList(b, frame_length) : window ? sizeAt(b, window, 0) : sizeAt(b, signal, 1);
  const step = asList(b, call.frame_step);
  const count = b.add(b.div(b.sub(sizeAt(b, signal, 1), length), step), b.integers([1]));
  const starts = b.unsqueeze(b.mul(range(b, count), step), [1]);
  const frames = b.gather(signal, b.add(starts, b.unsqueeze(range(b, length), [0])), 1);
  const windowed = window ? b.mul(frames, b.unsqueeze(window, [1])) : frames;
  return b.emit('DFT', [windowed, undefined, b.constant('int64', [], [2])], { onesided: attributes.onesided });
}

const LAST_AXIS = 'whether its input is real or complex, the size of its last axis, is not known before run time';

export const fourier = operators({
  DFT: {
    shape: transformedShape,
    unsupported: (call) => {
      if (typeof call.input.shape?.at(-1) !== 'number') return unknownRank(call.input) ?? LAST_AXIS;
      return axisOf(call) === undefined ? 'its axis is computed at run time' : undefined;
    },
    grad: { input: ofSignal },
  },
  STFT: {
    shape: shortShape,
    unsupported: ({ signal }) =>
      typeof signal.shape?.[2] === 'number' ? undefined : (unknownRank(signal) ?? LAST_AXIS),
    lower: ofFrames,
  },
});
