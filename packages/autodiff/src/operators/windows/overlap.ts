// The way back of what slides over space: every window gives a patch, and patches that overlap are added.
import type { Builder } from '../../builder/builder.js';
import { indices } from '../limits.js';
import type { Tensor } from '../record.js';
import { numbersOf, TO_THE_END } from '../shapes.js';
import { marginsOf, padAxis, type Window } from './window.js';

/** The operator set in which Slice got steps. */
const SLICE_WITH_STEPS = 10;

/** A tensor that is known to have another's shape, though its own could not be told from sizes settled at run time. */
export function inShapeOf(like: Tensor, x: Tensor): Tensor {
  return { ...x, shape: like.shape };
}

/**
 * The transpose of a strided convolution: scatters patches made from `g` by the weights at the window's positions, in the size of `input`. Written with
 * padding rather than ConvTranspose's output_shape, which would override it; where sizes are settled at run time, by cutting the result.
 */
export function overlapAdd(
  b: Builder,
  g: Tensor,
  weights: Tensor,
  window: Window,
  group: number,
  input: Tensor,
): Tensor {
  const { strides, dilations } = window;
  const margins = strides.map((_, axis) => marginsOf(b, window, axis, input, g));
  const [begin, end] = [margins.map((m) => numbersOf(m.begin)?.[0]), margins.map((m) => numbersOf(m.end)?.[0])];
  if ([...begin, ...end].every((size) => size !== undefined))
    return b.emit('ConvTranspose', [g, weights], {
      strides,
      dilations,
      group,
      pads: [...begin, ...end.map((size) => Math.max(size!, 0))] as number[],
      output_padding: end.map((size) => Math.max(-size!, 0)),
    });
  const output_padding = strides.map((stride) => stride - 1);
  const whole = b.emit('ConvTranspose', [g, weights], { strides, dilations, group, output_padding });
  const space = strides.map((_, axis) => axis + 2);
  const starts = b.concat(
    margins.map((margin) => margin.begin),
    0,
  );
  return b.slice(whole, starts, b.add(starts, b.sizes(input, space)), space);
}

/**
 * The transpose of a convolution of stride 1, as a convolution with the flipped weights: several times faster than ConvTranspose. Where the forward
 * padding was larger than the window, the padding here is negative: outputs that saw nothing but padding are cut off.
 */
export function convolveBack(
  b: Builder,
  g: Tensor,
  weights: Tensor,
  begin: readonly number[],
  end: readonly number[],
  attributes: { readonly dilations: readonly number[]; readonly group: number },
): Tensor {
  const pads = [...begin, ...end];
  const seen = pads.some((pad) => pad < 0)
    ? b.slice(
        g,
        begin.map((pad) => Math.max(-pad, 0)),
        end.map((pad) => (pad < 0 ? pad : TO_THE_END)),
        begin.map((_, axis) => axis + 2),
      )
    : g;
  return b.emit('Conv', [seen, weights], { ...attributes, pads: pads.map((pad) => Math.max(pad, 0)) });
}

/** The weights with input and output channels swapped within each group and every axis of space reversed. */
export function flipped(b: Builder, W: Tensor, group: number, kernel: readonly number[]): Tensor {
  return reverse(b, swapped(b, W, group, kernel), kernel);
}

function swapped(b: Builder, W: Tensor, group: number, kernel: readonly number[]): Tensor {
  const space = kernel.map((_, axis) => axis + 2);
  if (group === 1) return b.transpose(W, [1, 0, ...space]);
  const [outputs, inputs] = [W.shape![0], W.shape![1] as number];
  const outputsEach = typeof outputs === 'number' ? outputs / group : -1;
  if (inputs === 1) return b.reshape(W, [group, outputsEach, ...kernel]);
  const grouped = b.reshape(W, [group, outputsEach, inputs, ...kernel]);
  const turned = b.transpose(grouped, [0, 2, 1, ...space.map((axis) => axis + 1)]);
  return b.reshape(turned, [group * inputs, outputsEach, ...kernel]);
}

/** Reverses every axis of space. */
function reverse(b: Builder, x: Tensor, kernel: readonly number[]): Tensor {
  const axes = kernel.flatMap((size, axis) => (size > 1 ? [axis + 2] : []));
  if (axes.length === 0) return x;
  if (b.opset < SLICE_WITH_STEPS)
    return axes.reduce((y, axis) => b.gather(y, indices(kernel[axis - 2]!).reverse(), axis), x);
  return b.slice(
    x,
    axes.map(() => -1),
    axes.map(() => -TO_THE_END),
    axes,
    axes.map(() => -1),
  );
}

/** Every `stride`-th element along an axis, from `start` on; `count` is a list of one integer. */
export function everyOther(b: Builder, x: Tensor, axis: number, start: number, stride: number, count: Tensor): Tensor {
  const known = numbersOf(count)?.[0];
  if (stride > 1 && b.opset < SLICE_WITH_STEPS && known !== undefined)
    return b.gather(
      x,
      indices(known).map((index) => start + index * stride),
      axis,
    );
  const end = b.add(b.mul(b.sub(count, 1), stride), start + 1);
  return b.slice(x, [start], end, [axis], stride === 1 ? undefined : [stride]);
}

/** Puts `stride - 1` zeros after every element along each axis of space. The size must be known. */
export function insertZeros(b: Builder, g: Tensor, strides: readonly number[]): Tensor {
  return strides.reduceRight((x, stride, axis) => {
    if (stride === 1) return x;
    const [before, after] = [x.shape!.slice(0, axis + 3), x.shape!.slice(axis + 3)] as [number[], number[]];
    const width = after.reduce((product, size) => product * size, 1);
    const rows = b.reshape(x, [...before, width]);
    const zeros = b.expand(b.scalar(0, x), [...before, width * (stride - 1)]);
    const sizes = [...before.slice(0, -1), before.at(-1)! * stride, ...after];
    return b.reshape(b.concat([rows, zeros], before.length), sizes);
  }, g);
}

/**
 * Adds parts where a window's elements lie along one axis: part i belongs to element i of the window at every position. Everything is moved, nothing
 * multiplied, so that the result is exact on every device. Parts that fall on the same residue of the stride are shifted and added, the residues
 * interleaved.
 *
 * @param input gives the size of the result along the axis
 */
export function spread(b: Builder, parts: readonly Tensor[], window: Window, axis: number, input: Tensor): Tensor {
  const [stride, dilation, at] = [window.strides[axis]!, window.dilations[axis]!, axis + 2];
  const [size, positions] = [b.sizes(input, [at]), b.sizes(parts[0]!, [at])];
  // Where the padding is known, what fell on it is cut off each part; else it is kept until the end.
  const lead = window.begin[axis];
  const { begin } = marginsOf(b, window, axis, input, parts[0]!);
  const target = lead === undefined ? b.add(size, begin) : size;
  const length = b.div(b.add(target, stride - 1), stride);

  const residues = new Array<Tensor | undefined>(stride).fill(undefined);
  parts.forEach((part, index) => {
    const offset = index * dilation - (lead ?? 0);
    const shift = Math.floor(offset / stride);
    const moved = padAxis(b, part, at, b.integers([shift]), b.sub(b.sub(length, positions), shift));
    const sum = residues[offset - shift * stride];
    residues[offset - shift * stride] = sum ? b.add(sum, moved) : moved;
  });
  const whole = stride === 1 ? residues[0]! : interleave(b, residues, at);
  const [start, end] = lead === undefined ? [begin, b.add(begin, size)] : [b.integers([0]), size];
  const known = numbersOf(size)?.[0];
  return known !== undefined && known === whole.shape?.[at] ? whole : b.slice(whole, start, end, [at]);
}

/** Takes elements from several tensors in turn along an axis; an absent one stands for zeros. */
function interleave(b: Builder, tensors: readonly (Tensor | undefined)[], axis: number): Tensor {
  const present = tensors.flatMap((tensor, index) => (tensor ? [{ tensor, index }] : []));
  const columns = present.map(({ tensor, index }, position) => {
    const before = position === 0 ? index : 0;
    const after = (present[position + 1]?.index ?? tensors.length) - index - 1;
    return padAxis(b, b.unsqueeze(tensor, [axis + 1]), axis + 1, b.integers([before]), b.integers([after]));
  });
  const { tensor } = present[0]!;
  const later = tensor.shape!.slice(axis + 1).map((_, index) => axis + 1 + index);
  const kept = b.integers(new Array(axis).fill(0));
  const sizes = [kept, b.integers([-1]), ...(later.length > 0 ? [b.sizes(tensor, later)] : [])];
  return b.reshape(b.concat(columns, axis + 1), b.concat(sizes, 0));
}
