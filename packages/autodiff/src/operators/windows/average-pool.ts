// Gradients of means over windows.
import type { Builder } from '../../builder/builder.js';
import type { Tensor } from '../record.js';
import { numbersOf } from '../shapes.js';
import { spread } from './overlap.js';
import {
  axesOf,
  coversAll,
  hasKnownPads,
  isSame,
  marginsOf,
  padAxis,
  type Window,
  type WindowAttributes,
} from './window.js';

interface AverageAttributes extends WindowAttributes {
  readonly ceil_mode: number;
  readonly count_include_pad: number;
}

/** The cotangent of an average pool's input: each window's, divided by its number of elements, goes to all of them. */
export function averagePoolGradient(
  b: Builder,
  g: Tensor,
  X: Tensor,
  window: Window,
  attributes: AverageAttributes,
): Tensor {
  if (isEven(b, g, X, window, attributes)) return sharedOut(b, g, X, window);
  // Relative to a window that lies inside.
  const share = b.mul(g, b.div(b.scalar(elementsOf(window), g), counts(b, g, X, window, attributes)));
  return sharedOut(b, share, X, window);
}

/** The number of elements of a window. */
export function elementsOf({ kernel }: Window): number {
  return kernel.reduce((product, size) => product * size, 1);
}

/** What each window is given, shared out in equal parts to all of its elements. */
export function sharedOut(b: Builder, share: Tensor, X: Tensor, window: Window): Tensor {
  const { kernel, strides, dilations } = window;
  const elements = elementsOf(window);
  if (coversAll(window, X)) return b.expand(b.mul(share, 1 / elements), b.shape(X));
  if ([...strides, ...dilations].every((step) => step === 1) && hasKnownPads(window)) {
    const pads = [...window.begin, ...window.end].map((pad, axis) => kernel[axis % kernel.length]! - 1 - pad);
    return b.emit('AveragePool', [share], { kernel_shape: kernel, pads, count_include_pad: 1 });
  }
  return axesOf(window).reduce(
    (x, axis) => spread(b, new Array<Tensor>(kernel[axis]!).fill(x), window, axis, X),
    b.mul(share, 1 / elements),
  );
}

/** Whether every window has the same number of elements that count. */
function isEven(
  b: Builder,
  g: Tensor,
  X: Tensor,
  window: Window,
  { ceil_mode, count_include_pad, ...attributes }: AverageAttributes,
): boolean {
  const padding = [...window.begin, ...window.end];
  if (count_include_pad !== 1 && padding.some((pad) => pad !== 0)) return false;
  if (ceil_mode !== 1 || isSame(attributes)) return true;
  return window.end.every((pad, axis) => {
    const reached = numbersOf(marginsOf(b, window, axis, X, g).end)?.[0];
    return pad !== undefined && reached !== undefined && reached <= pad;
  });
}

/** How many elements of each window count, [1, 1, ...]: a convolution of ones, which the runtime folds where sizes are known. */
function counts(b: Builder, g: Tensor, X: Tensor, window: Window, { count_include_pad }: AverageAttributes): Tensor {
  const { kernel, strides, dilations } = window;
  const margins = kernel.map((_, axis) => {
    const { begin, end } = marginsOf(b, window, axis, X, g);
    const padding = window.end[axis];
    return { begin, end, counted: padding === undefined ? end : b.integers([padding]) };
  });
  const sizes = margins.map(({ begin, counted }, axis) => {
    const size = b.sizes(X, [axis + 2]);
    return count_include_pad === 1 ? b.add(b.add(size, begin), counted) : size;
  });
  const ones = b.expand(b.scalar(1, g), b.concat([b.integers([1, 1]), ...sizes], 0));
  const padded = margins.reduce(
    (x, { begin, end, counted }, axis) =>
      count_include_pad === 1
        ? padAxis(b, x, axis + 2, b.integers([0]), b.sub(end, counted))
        : padAxis(b, x, axis + 2, begin, end),
    ones,
  );
  const weights = b.expand(b.scalar(1, g), [1, 1, ...kernel]);
  return b.emit('Conv', [padded, weights], { strides, dilations });
}
