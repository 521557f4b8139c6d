// Gradients of maxima over windows, in operators that every provider runs and that move numbers without rounding them.
import type { Builder } from '../../builder/builder.js';
import type { DataType } from '../../model/types.js';
import { indices } from '../limits.js';
import type { Tensor } from '../record.js';
import { numbersOf } from '../shapes.js';
import { everyOther, spread } from './overlap.js';
import { axesOf, coversAll, marginsOf, padAxis, stateSize, type Window } from './window.js';

/** Elements of a constant that is written out. */
const SMALL = 1024;
/** The operator set in which CumSum came. */
const CUMULATIVE_SUM = 11;

/** What padding counts as: the lowest number (minus infinity would be equal to an input of minus infinity). */
export function lowest(type: DataType): number {
  if (type === 'float16') return -65504;
  if (type === 'float64') return -Number.MAX_VALUE;
  return type === 'bfloat16' ? -3.3895313892515355e38 : -3.4028234663852886e38;
}

/**
 * The cotangent of a maximum pool's input: each window's goes to its first largest element, row by row.
 *
 * A maximum over a box is a maximum over rows of maxima along them, and the first winner of the whole is the first winner along the row of the first
 * row that wins. So the pool is undone an axis at a time, with as many steps as the window is long instead of as many as it has elements.
 */
export function maxPoolGradient(b: Builder, x: Tensor, y: Tensor, g: Tensor, window: Window, ceil: boolean): Tensor {
  if (coversAll(window, x)) return globalMaxGradient(b, x, y, g);
  const axes = axesOf(window);
  const output = stateSize(b, y, window, x, ceil);
  const stages: Stage[] = [];
  let input = x;
  for (const axis of [...axes].reverse()) {
    const padded = paddedAlong(b, input, output, window, axis, ceil);
    const maxima = axis === axes[0] ? output : poolAlong(b, padded, window, axis);
    stages.push({ axis, input, padded, maxima });
    input = maxima;
  }
  return stages.reduceRight(
    (cotangent, stage) => gradientAlong(b, stage, cotangent, window),
    stateSize(b, g, window, x, ceil),
  );
}

/** The maximum along one axis of what lies between the input and the output. */
interface Stage {
  readonly axis: number;
  readonly input: Tensor;
  /** The input with room for every window. */
  readonly padded: Tensor;
  readonly maxima: Tensor;
}

function paddedAlong(b: Builder, x: Tensor, y: Tensor, window: Window, axis: number, ceil: boolean): Tensor {
  const { begin, end } = marginsOf(b, window, axis, x, y);
  const [known, padding] = [numbersOf(end)?.[0], window.end[axis]];
  const settled = known === undefined ? (ceil ? undefined : padding) : Math.max(known, 0);
  return padAxis(b, x, axis + 2, begin, settled === undefined ? end : b.integers([settled]), lowest(x.type));
}

function poolAlong(b: Builder, padded: Tensor, { kernel, strides, dilations }: Window, axis: number): Tensor {
  const only = (sizes: readonly number[]) => sizes.map((size, other) => (other === axis ? size : 1));
  return b.emit('MaxPool', [padded], {
    kernel_shape: only(kernel),
    strides: only(strides),
    dilations: dilations[axis] === 1 ? undefined : only(dilations),
  });
}

function gradientAlong(b: Builder, { axis, input, padded, maxima }: Stage, g: Tensor, window: Window): Tensor {
  const [kernel, stride, dilation] = [window.kernel[axis]!, window.strides[axis]!, window.dilations[axis]!];
  const count = b.sizes(maxima, [axis + 2]);
  let left = g;
  const parts = Array.from({ length: kernel }, (_, offset) => {
    // What no earlier element has taken is the last one's.
    if (offset === kernel - 1) return left;
    const element = everyOther(b, padded, axis + 2, offset * dilation, stride, count);
    const taken = b.keep(left, b.equal(element, maxima));
    left = b.sub(left, taken);
    return taken;
  });
  return spread(b, parts, window, axis, input);
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

/** n, n - 1, ..., 1, one for each element along the last axis: a constant where it is small, or the operator set has no CumSum. */
function countdown(b: Builder, flat: Tensor): Tensor {
  const size = flat.shape?.[2];
  if (typeof size === 'number' && (size <= SMALL || b.opset < CUMULATIVE_SUM))
    return b.constant(
      'float32',
      [size],
      indices(size).map((index) => size - index),
    );
  const ones = b.expand(b.constant('float32', [], [1]), b.sizes(flat, [2]));
  return b.emit('CumSum', [ones, b.constant('int64', [], [0])], { reverse: 1 });
}
