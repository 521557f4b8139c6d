// Gradients of maxima over windows, in operators that every provider runs and that move numbers without rounding them.
import type { Builder } from '../builder/builder.js';
import type { DataType } from '../model/types.js';
import { everyOther, spread } from './overlap.js';
import type { Tensor } from './record.js';
import { numbersOf } from './shapes.js';
import { marginsOf, padAxis, stateSize, type Window, type WindowAttributes } from './window.js';

/** What padding counts as: a number below every other (minus infinity would be equal to an input of minus infinity). */
function lowest(type: DataType): number {
  return type === 'float16' ? -65504 : -3.3895313892515355e38;
}

/**
 * The cotangent of a maximum pool's input: each window's goes to its first largest element, row by row.
 *
 * A maximum over a box is a maximum over rows of maxima along them, and the first winner of the whole is the first winner along the row of the first
 * row that wins. So the pool is undone an axis at a time, with as many steps as the window is long instead of as many as it has elements.
 */
export function maxPoolGradient(
  b: Builder,
  x: Tensor,
  y: Tensor,
  g: Tensor,
  window: Window,
  attributes: WindowAttributes & { readonly ceil_mode: number },
): Tensor {
  if (coversAll(window, x)) return globalMaxGradient(b, x, y, g);
  const ceil = attributes.ceil_mode === 1;
  const axes = window.kernel.flatMap((size, axis) => {
    const isNeeded = size > 1 || window.strides[axis]! > 1 || window.begin[axis] !== 0 || window.end[axis] !== 0;
    return isNeeded ? [axis] : [];
  });
  // The input, its maxima along the last axis, those along the last two, ..., the output.
  const stages = [x];
  for (const axis of axes.slice(1).reverse()) stages.push(poolAlong(b, stages.at(-1)!, window, axis, attributes));
  stages.push(stateSize(b, y, window, x, ceil));
  let cotangent = stateSize(b, g, window, x, ceil);
  for (const axis of axes) {
    const output = stages.pop()!;
    cotangent = gradientAlong(b, stages.at(-1)!, output, cotangent, window, axis, ceil);
  }
  return cotangent;
}

/** Whether there is one window, as large as the input. */
function coversAll({ kernel, dilations, begin, end }: Window, x: Tensor): boolean {
  return kernel.every((size, axis) => {
    const isPlain = begin[axis] === 0 && end[axis] === 0 && dilations[axis] === 1;
    return isPlain && size === x.shape?.[axis + 2];
  });
}

/** The maximum pool along one axis only. */
function poolAlong(
  b: Builder,
  x: Tensor,
  window: Window,
  axis: number,
  { auto_pad, ceil_mode }: WindowAttributes & { readonly ceil_mode: number },
): Tensor {
  const { kernel, strides, dilations, begin, end } = window;
  const only = (sizes: readonly number[], otherwise: number) =>
    sizes.map((size, other) => (other === axis ? size : otherwise));
  const pads = begin[axis] === undefined ? undefined : [...only(begin as number[], 0), ...only(end as number[], 0)];
  const y = b.emit('MaxPool', [x], {
    kernel_shape: only(kernel, 1),
    strides: only(strides, 1),
    dilations: dilations[axis] === 1 ? undefined : only(dilations, 1),
    pads,
    auto_pad: pads ? undefined : auto_pad,
    ceil_mode,
  });
  return stateSize(b, y, window, x, ceil_mode === 1);
}

function gradientAlong(
  b: Builder,
  x: Tensor,
  y: Tensor,
  g: Tensor,
  window: Window,
  axis: number,
  ceil: boolean,
): Tensor {
  const at = axis + 2;
  const { begin, end } = marginsOf(b, window, axis, x, y);
  const [known, padding] = [numbersOf(end)?.[0], window.end[axis]];
  const after =
    known !== undefined
      ? b.integers([Math.max(known, 0)])
      : ceil || padding === undefined
        ? end
        : b.integers([padding]);
  const padded = padAxis(b, x, at, begin, after, lowest(x.type));
  const count = b.sizes(y, [at]);
  let left = g;
  const parts = Array.from({ length: window.kernel[axis]! }, (_, offset) => {
    // What no earlier element has taken is the last one's.
    if (offset === window.kernel[axis]! - 1) return left;
    const element = everyOther(b, padded, at, offset * window.dilations[axis]!, window.strides[axis]!, count);
    const taken = b.keep(left, b.equal(element, y));
    left = b.sub(left, taken);
    return taken;
  });
  return spread(b, parts, window, axis, x);
}

/** The cotangent of a maximum over all of space: it goes to the first largest element of each channel. */
export function globalMaxGradient(b: Builder, x: Tensor, y: Tensor, g: Tensor): Tensor {
  const flat = b.reshape(x, [0, 0, -1]);
  const largest = b.cast(b.equal(flat, b.reshape(y, [0, 0, 1])), 'float32');
  // Largest elements count down from the first one, in float32: half precision could not tell them apart.
  const early = b.mul(largest, countdown(b, flat));
  const first = b.indicator(b.equal(early, b.max(early, [2])), g);
  return b.reshapeLike(b.mul(b.reshape(g, [0, 0, 1]), first), x);
}

/** n, n - 1, ..., 1, one for each element along the last axis. */
function countdown(b: Builder, flat: Tensor): Tensor {
  const size = flat.shape?.[2];
  if (typeof size === 'number')
    return b.constant(
      'float32',
      [size],
      Array.from({ length: size }, (_, index) => size - index),
    );
  const ones = b.expand(b.constant('float32', [], [1]), b.sizes(flat, [2]));
  return b.emit('CumSum', [ones, b.constant('int64', [], [0])], { reverse: 1 });
}
