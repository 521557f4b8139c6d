// The geometry of transposed convolutions, where the window slides over the output.
import type { Dimension, Shape } from '../../model/types.js';
import { mapDimension } from '../shapes.js';
import { halves, isSame, reachOf, type Window, type WindowAttributes, windowOf } from './window.js';

export interface TransposedAttributes extends WindowAttributes {
  readonly output_padding?: readonly number[] | undefined;
  readonly output_shape?: readonly number[] | undefined;
}

/** The size of the output without padding. */
function wholeOf(window: Window, { output_padding }: TransposedAttributes, axis: number, length: number): number {
  return (length - 1) * window.strides[axis]! + (output_padding?.[axis] ?? 0) + reachOf(window, axis);
}

/** The sizes of the axes of space that `output_shape` asks for: it may name batch and channels too. */
function wantedSizes({ output_shape }: TransposedAttributes, rank: number): readonly number[] | undefined {
  return output_shape?.slice(-rank);
}

/** @param spatial the sizes of the axes of space of the input, which has one element a position of the window */
export function transposedWindow(attributes: TransposedAttributes, kernel: readonly number[], spatial: Shape): Window {
  const window = windowOf({ ...attributes, auto_pad: isSame(attributes) ? 'NOTSET' : attributes.auto_pad }, kernel, []);
  const wanted = wantedSizes(attributes, kernel.length);
  if (!wanted && !isSame(attributes)) return window;
  const larger = attributes.auto_pad === 'SAME_UPPER' ? 'end' : 'begin';
  const totals = kernel.map((_, axis) => {
    const length = spatial[axis];
    if (!wanted) return Math.max(0, wholeOf(window, attributes, axis, 1) - window.strides[axis]!);
    return typeof length === 'number'
      ? Math.max(0, wholeOf(window, attributes, axis, length) - wanted[axis]!)
      : undefined;
  });
  return { ...window, larger, ...halves(totals, larger) };
}

/** The sizes of the axes of space of the output. */
export function transposedPositions(window: Window, spatial: Shape, attributes: TransposedAttributes): Dimension[] {
  const wanted = wantedSizes(attributes, spatial.length);
  return spatial.map(
    (size, axis) =>
      wanted?.[axis] ??
      mapDimension(size, (length) => {
        const padding = window.begin[axis]! + window.end[axis]!;
        return wholeOf(window, attributes, axis, length) - padding;
      }),
  );
}
