import type { Builder } from '../builder/builder.js';
import type { Shape } from '../model/types.js';
import { globalMaxGradient, maxPoolGradient } from './max-pool.js';
import { inShapeOf, spread } from './overlap.js';
import { operators, type Tensor } from './record.js';
import { numbersOf, spatialAxes } from './shapes.js';
import {
  axesOf,
  coversAll,
  hasKnownPads,
  irregularity,
  isSame,
  marginsOf,
  padAxis,
  stateSize,
  type Window,
  type WindowAttributes,
  windowOf,
  windowPositions,
} from './window.js';

const LARGEST_WINDOW = 1024;

interface Pool {
  readonly X: Tensor;
  readonly attributes: WindowAttributes & { readonly ceil_mode: number };
}

function geometry({ X, attributes }: Pool): Window | undefined {
  return X.shape && attributes.kernel_shape && windowOf(attributes, attributes.kernel_shape, X.shape.slice(2));
}

function pooledShape(call: Pool): Shape | undefined {
  const window = geometry(call);
  if (!call.X.shape || !window) return undefined;
  const positions = windowPositions(window, call.X.shape.slice(2), call.attributes, call.attributes.ceil_mode === 1);
  return [...call.X.shape.slice(0, 2), ...(isAmbiguous(call) ? positions.map(() => '?') : positions)];
}

function globalShape({ X: { shape } }: { readonly X: Tensor }): Shape | undefined {
  return shape?.map((size, axis) => (axis < 2 ? size : 1));
}

function unknownRank({ X }: { readonly X: Tensor }): string | undefined {
  return X.shape ? undefined : `the rank of its input "${X.name}" is not known before run time`;
}

/** ONNX counts the dilation when it chooses the padding, onnxruntime does not: which size comes out cannot be told. */
function isAmbiguous({ attributes }: Pool): boolean {
  return isSame(attributes) && (attributes.dilations?.some((dilation) => dilation !== 1) ?? false);
}

function unsupported(call: Pool): string | undefined {
  const window = geometry(call);
  if (!window) return unknownRank(call) ?? 'it has no kernel_shape';
  if (isAmbiguous(call)) return 'with dilations, runtimes read auto_pad differently; state pads instead';
  // The gradient takes a few nodes for each row and column of the window, and each residue of the stride.
  const largest = Math.max(...window.kernel, ...window.strides);
  return largest > LARGEST_WINDOW
    ? `its kernel_shape or strides are above ${LARGEST_WINDOW} (${largest})`
    : irregularity(window, call.X);
}

export const pooling = operators({
  MaxPool: {
    type: ({ X }) => [X.type, 'int64'],
    shape: (call) => new Array<Shape | undefined>(call.outputCount).fill(pooledShape(call)),
    unsupported,
    kink: 'the first of equal elements, row by row',
    grad: {
      X: ({ g, y, X, b, attributes }) =>
        inShapeOf(X, maxPoolGradient(b, X, y, g, geometry({ X, attributes })!, attributes.ceil_mode === 1)),
    },
  },
  AveragePool: {
    shape: pooledShape,
    unsupported,
    grad: {
      X: ({ g, X, b, attributes }) => {
        const window = geometry({ X, attributes })!;
        const sized = stateSize(b, g, window, X, attributes.ceil_mode === 1);
        return inShapeOf(X, averageGradient(b, sized, X, window, attributes));
      },
    },
  },
  GlobalMaxPool: {
    shape: globalShape,
    kink: 'the first of equal elements, as adaptive_max_pool has it',
    grad: { X: ({ g, y, X, b }) => globalMaxGradient(b, X, y, g) },
  },
  GlobalAveragePool: {
    shape: globalShape,
    unsupported: unknownRank,
    grad: {
      X: ({ g, X, b }) => {
        const sizes = spatialAxes(X).map((axis) => b.sizes(X, [axis]));
        const count = sizes.reduce((product, size) => b.mul(product, size), b.integers([1]));
        return b.expand(b.div(g, b.cast(count, g.type)), b.shape(X));
      },
    },
  },
});

type AverageAttributes = Pool['attributes'] & { readonly count_include_pad: number };

/** The cotangent of an average pool's input: each window's, divided by its number of elements, goes to all of them. */
function averageGradient(b: Builder, g: Tensor, X: Tensor, window: Window, attributes: AverageAttributes): Tensor {
  const { kernel, strides, dilations } = window;
  const elements = kernel.reduce((product, size) => product * size, 1);
  // Relative to a window that lies inside.
  const share = isEven(b, g, X, window, attributes)
    ? g
    : b.mul(g, b.div(b.scalar(elements, g), counts(b, g, X, window, attributes)));
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
