// The geometry of what slides over space: convolutions and pools.
import type { Dimension, Shape } from '../model/types.js';
import { mapDimension } from './shapes.js';

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
  /** Before and after each axis; undefined where `auto_pad` depends on a size that is not known. */
  readonly begin: readonly number[] | undefined;
  readonly end: readonly number[] | undefined;
}

/** @param spatial the sizes of the axes of space of the tensor that the window slides over */
export function windowOf(attributes: WindowAttributes, kernel: readonly number[], spatial: Shape): Window {
  const ones = kernel.map(() => 1);
  const strides = attributes.strides ?? ones;
  const dilations = attributes.dilations ?? ones;
  const automatic = attributes.auto_pad === 'SAME_UPPER' || attributes.auto_pad === 'SAME_LOWER';
  if (!automatic) {
    const pads = (attributes.auto_pad !== 'VALID' && attributes.pads) || [...ones, ...ones].map(() => 0);
    return { kernel, strides, dilations, begin: pads.slice(0, kernel.length), end: pads.slice(kernel.length) };
  }
  const totals = kernel.map((size, axis) =>
    mapDimension(spatial[axis], (length) => {
      const output = Math.ceil(length / strides[axis]!);
      return Math.max(0, (output - 1) * strides[axis]! + (size - 1) * dilations[axis]! + 1 - length);
    }),
  );
  if (!totals.every((total) => typeof total === 'number'))
    return { kernel, strides, dilations, begin: undefined, end: undefined };
  const less = totals.map((total) => Math.floor((total as number) / 2));
  const more = totals.map((total) => Math.ceil((total as number) / 2));
  const upper = attributes.auto_pad === 'SAME_UPPER';
  return { kernel, strides, dilations, begin: upper ? less : more, end: upper ? more : less };
}

/** The number of positions of a window along each axis. */
export function windowPositions(
  window: Window,
  spatial: Shape,
  { auto_pad }: WindowAttributes,
  ceil = false,
): Dimension[] {
  return spatial.map((size, axis) =>
    mapDimension(size, (length) => {
      const stride = window.strides[axis]!;
      if (auto_pad === 'SAME_UPPER' || auto_pad === 'SAME_LOWER') return Math.ceil(length / stride);
      const begin = window.begin![axis]!;
      const room = length + begin + window.end![axis]! - window.dilations[axis]! * (window.kernel[axis]! - 1) - 1;
      if (!ceil) return Math.floor(room / stride) + 1;
      const positions = Math.ceil(room / stride) + 1;
      // A window must begin inside the tensor or its left padding, as PyTorch has it.
      return (positions - 1) * stride >= length + begin ? positions - 1 : positions;
    }),
  );
}
