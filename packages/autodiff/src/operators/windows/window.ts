// The geometry of what slides over space: convolutions and pools.
import type { Builder } from '../../builder/builder.js';
import type { Dimension, Shape } from '../../model/types.js';
import type { Tensor } from '../record.js';
import { mapDimension, steppedSize } from '../shapes.js';

export interface WindowAttributes {
  readonly auto_pad: string;
  readonly kernel_shape?: readonly number[] | undefined;
  readonly strides?: readonly number[] | undefined;
  readonly pads?: readonly number[] | undefined;
  readonly dilations?: readonly number[] | undefined;
}

/** Resolved sizes, one entry an axis of space. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Padding before and after each axis; undefined where `auto_pad` depends on a size that is not known. */
  readonly begin: readonly (number | undefined)[];
  readonly end: readonly (number | undefined)[];
  /** Which side an odd padding made by `auto_pad` gets its larger half on. */
  readonly larger: 'begin' | 'end';
}

/** @param spatial the sizes of the axes of space of the tensor that the window slides over */
export function windowOf(attributes: WindowAttributes, kernel: readonly number[], spatial: Shape): Window {
  const { auto_pad, strides = kernel.map(() => 1), dilations = kernel.map(() => 1) } = attributes;
  const sizes = { kernel, strides, dilations, larger: auto_pad === 'SAME_UPPER' ? 'end' : 'begin' } as const;
  if (!isSame(attributes)) {
    const pads = (auto_pad !== 'VALID' && attributes.pads) || [...kernel, ...kernel].map(() => 0);
    return { ...sizes, begin: pads.slice(0, kernel.length), end: pads.slice(kernel.length) };
  }
  const totals = kernel.map((_, axis) => {
    const [stride, length] = [strides[axis]!, spatial[axis]];
    if (stride === 1) return reachOf(sizes, axis) - 1;
    if (typeof length !== 'number') return undefined;
    return Math.max(0, (Math.ceil(length / stride) - 1) * stride + reachOf(sizes, axis) - length);
  });
  return { ...sizes, ...halves(totals, sizes.larger) };
}

/** Padding in total as padding before and after. */
export function halves(
  totals: readonly (number | undefined)[],
  larger: Window['larger'],
): { readonly begin: (number | undefined)[]; readonly end: (number | undefined)[] } {
  const less = totals.map((total) => total && Math.floor(total / 2));
  const more = totals.map((total) => total && Math.ceil(total / 2));
  return larger === 'end' ? { begin: less, end: more } : { begin: more, end: less };
}

/** Whether padding is chosen so that the output has the input's size divided by the stride, rounded up. */
export function isSame({ auto_pad }: WindowAttributes): boolean {
  return auto_pad === 'SAME_UPPER' || auto_pad === 'SAME_LOWER';
}

/** How many elements a window spans along an axis, gaps included. */
export function reachOf({ kernel, dilations }: Pick<Window, 'kernel' | 'dilations'>, axis: number): number {
  return dilations[axis]! * (kernel[axis]! - 1) + 1;
}

/** The axes of space, counted from 0, along which a window does more than pass elements on. */
export function axesOf({ kernel, strides, begin, end }: Window): number[] {
  return kernel.flatMap((size, axis) => {
    const passes = size === 1 && strides[axis] === 1 && begin[axis] === 0 && end[axis] === 0;
    return passes ? [] : [axis];
  });
}

/** Whether there is one window, as large as what it slides over. */
export function coversAll({ kernel, dilations, begin, end }: Window, x: Tensor): boolean {
  return kernel.every((size, axis) => {
    const isPlain = begin[axis] === 0 && end[axis] === 0 && dilations[axis] === 1;
    return isPlain && size === x.shape?.[axis + 2];
  });
}

/** Why no runtime would take such a window, or undefined where it is in order. */
export function irregularity({ kernel, strides, dilations, begin, end }: Window, x: Tensor): string | undefined {
  const rank = x.shape ? x.shape.length - 2 : kernel.length;
  if ([kernel, strides, dilations, begin, end].some((list) => list.length !== rank))
    return `its kernel, strides, dilations or pads are not for the ${rank} axes of space of its input`;
  const steps = [...kernel, ...strides, ...dilations];
  return steps.every((size) => size >= 1)
    ? undefined
    : `its kernel, strides and dilations (${steps}) are not all above zero`;
}

/** The number of positions of a window along each axis. */
export function windowPositions(
  window: Window,
  spatial: Shape,
  attributes: WindowAttributes,
  ceil = false,
): Dimension[] {
  return spatial.map((size, axis) => {
    const stride = window.strides[axis]!;
    if (isSame(attributes)) return steppedSize(size, -1, stride);
    const pads = window.begin[axis]! + window.end[axis]!;
    if (!ceil || stride === 1) return steppedSize(size, pads - reachOf(window, axis), stride);
    return mapDimension(size, (length) => {
      const positions = Math.ceil((length + pads - reachOf(window, axis)) / stride) + 1;
      // A window must begin inside the tensor or its left padding, as PyTorch has it.
      return (positions - 1) * stride >= length + window.begin[axis]! ? positions - 1 : positions;
    });
  });
}

export type KnownWindow = Window & { readonly begin: readonly number[]; readonly end: readonly number[] };

/** Whether the padding is known before run time. */
export function hasKnownPads(window: Window): window is KnownWindow {
  return [...window.begin, ...window.end].every((pad) => pad !== undefined);
}

/** How far the padding that makes the windows at all positions fit reaches, in lists of one integer: constants where the sizes are known. */
export interface Margins {
  readonly begin: Tensor;
  /** From the last element of the input to the last of the last window: more than the padding where `ceil_mode` hangs over, less where a remainder is left. */
  readonly end: Tensor;
}

/**
 * @param input what the window slides over
 * @param output what has one element a position
 */
export function marginsOf(b: Builder, window: Window, axis: number, input: Tensor, output: Tensor): Margins {
  const [size, positions] = [b.sizes(input, [axis + 2]), b.sizes(output, [axis + 2])];
  const covered = b.add(b.mul(b.sub(positions, 1), window.strides[axis]!), reachOf(window, axis));
  const outside = b.sub(covered, size);
  const known = window.begin[axis];
  const total = known === undefined ? b.where(b.greater(outside, 0), outside, 0) : undefined;
  const half = total && b.div(total, 2);
  const begin = known !== undefined ? b.integers([known]) : window.larger === 'end' ? half! : b.sub(total!, half!);
  return { begin, end: b.sub(outside, begin) };
}

/** The operator set that says in ONNX's own shape inference that a window must begin inside the tensor. */
const WINDOWS_BEGIN_INSIDE = 22;

/**
 * States the size of what a window with `ceil_mode` gives. Before opset 22 ONNX's shape inference counts windows that begin in the padding, which
 * runtimes leave out: a model that compares the output with something of its true size would be refused.
 *
 * @param x the output, or what has its shape
 */
export function stateSize(b: Builder, x: Tensor, window: Window, input: Tensor, ceil: boolean): Tensor {
  if (!ceil || b.opset >= WINDOWS_BEGIN_INSIDE) return x;
  const overstated = window.kernel
    .map((_, axis) => axis)
    .filter((axis) => {
      const [length, positions] = [input.shape?.[axis + 2], x.shape?.[axis + 2]];
      if (typeof length !== 'number' || typeof positions !== 'number') return false;
      const room = length + window.begin[axis]! + window.end[axis]! - reachOf(window, axis);
      return Math.ceil(room / window.strides[axis]!) + 1 > positions;
    });
  if (overstated.length === 0) return x;
  return b.slice(
    x,
    overstated.map(() => 0),
    overstated.map((axis) => x.shape![axis + 2] as number),
    overstated.map((axis) => axis + 2),
  );
}

/** Pads one axis; `axis` counts the batch and the channels too. */
export function padAxis(b: Builder, x: Tensor, axis: number, begin: Tensor, end: Tensor, value = 0): Tensor {
  const zeros = (count: number) => b.integers(new Array(count).fill(0));
  const rank = x.shape!.length;
  return b.pad(x, b.concat([zeros(axis), begin, zeros(rank - 1), end, zeros(rank - axis - 1)], 0), value);
}
