import type { Shape } from '../../model/types.js';
import { operators, type Tensor } from '../record.js';
import { sharedAmong } from '../reductions/reductions.js';
import { mapDimension, spatialAxes, unknownRank } from '../shapes.js';
import { averagePoolGradient } from './average-pool.js';
import { globalMaxGradient, maxPoolGradient } from './max-pool.js';
import { inShapeOf } from './overlap.js';
import { globalNormGradient, normPoolGradient } from './power-pool.js';
import {
  irregularity,
  isSame,
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

/** ONNX counts the dilation when it chooses the padding, onnxruntime does not: which size comes out cannot be told. */
function isAmbiguous({ attributes }: Pool): boolean {
  return isSame(attributes) && (attributes.dilations?.some((dilation) => dilation !== 1) ?? false);
}

function unsupported(call: Pool): string | undefined {
  const window = geometry(call);
  if (!window) return unknownRank(call.X) ?? 'it has no kernel_shape';
  if (isAmbiguous(call)) return 'with dilations, runtimes read auto_pad differently; state pads instead';
  // The gradient takes a few nodes for each row and column of the window, and each residue of the stride.
  const largest = Math.max(...window.kernel, ...window.strides);
  return largest > LARGEST_WINDOW
    ? `its kernel_shape or strides are above ${LARGEST_WINDOW} (${largest})`
    : irregularity(window, call.X);
}

/** Norms are of whole powers. */
function powerless({ p }: { readonly p: number }): string | undefined {
  return p >= 1 ? undefined : `its p (${p}) is below 1`;
}

interface Unpool {
  readonly X: Tensor;
  readonly output_shape: Tensor | undefined;
  readonly attributes: Omit<WindowAttributes, 'auto_pad'>;
}

function unpooledShape({ X: { shape }, output_shape, attributes }: Unpool): Shape | undefined {
  if (!shape || !attributes.kernel_shape) return undefined;
  if (output_shape) return shape.map((_, axis) => output_shape.value?.[axis] ?? '?');
  const { kernel, strides, begin, end } = windowOf({ ...attributes, auto_pad: 'NOTSET' }, attributes.kernel_shape, []);
  const sizes = kernel.map((reach, axis) =>
    mapDimension(shape[axis + 2], (size) => (size - 1) * strides[axis]! + reach - begin[axis]! - end[axis]!),
  );
  return [...shape.slice(0, 2), ...sizes];
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
        return inShapeOf(X, averagePoolGradient(b, sized, X, window, attributes));
      },
    },
  },
  LpPool: {
    shape: pooledShape,
    unsupported: (call) => unsupported(call) ?? powerless(call.attributes),
    kink: '0 where the norm is 0; p = 1: 0 at 0',
    grad: {
      X: ({ g, y, X, b, attributes }) => {
        const window = geometry({ X, attributes })!;
        const [norm, given] = [y, g].map((each) => stateSize(b, each, window, X, attributes.ceil_mode === 1)) as [
          Tensor,
          Tensor,
        ];
        return inShapeOf(X, normPoolGradient(b, X, norm, given, attributes.p, window));
      },
    },
  },
  MaxUnpool: {
    shape: unpooledShape,
    kink: 'where two elements go to one place, each has the whole cotangent',
    grad: { X: ({ g, X, I, b }) => inShapeOf(X, b.gather(b.reshape(g, [-1]), I, 0)) },
    note: 'indices count the elements of the output, as onnxruntime has it',
  },
  GlobalMaxPool: {
    shape: globalShape,
    kink: 'the first of equal elements, as adaptive_max_pool has it',
    grad: { X: ({ g, y, X, b }) => globalMaxGradient(b, X, y, g) },
  },
  GlobalLpPool: {
    shape: globalShape,
    unsupported: (call) => unknownRank(call.X) ?? powerless(call.attributes),
    kink: '0 where the norm is 0; p = 1: 0 at 0',
    grad: { X: ({ g, y, X, b, attributes: { p } }) => globalNormGradient(b, X, y, g, p) },
  },
  GlobalAveragePool: {
    shape: globalShape,
    unsupported: ({ X }) => unknownRank(X),
    grad: {
      X: ({ g, X, b }) => {
        const sizes = spatialAxes(X).map((axis) => b.sizes(X, [axis]));
        const count = sizes.reduce((product, size) => b.mul(product, size), b.integers([1]));
        return b.expand(sharedAmong(b, g, count), b.shape(X));
      },
    },
  },
});
