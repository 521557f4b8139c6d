import type { Builder } from '../../builder/builder.js';
import type { Dimension } from '../../model/types.js';
import { operators, type Tensor } from '../record.js';
import { isStatic, mapDimension } from '../shapes.js';
import { convolveBack, flipped, inShapeOf, insertZeros, overlapAdd } from './overlap.js';
import { type TransposedAttributes, transposedPositions, transposedWindow } from './transposed-window.js';
import {
  hasKnownPads,
  irregularity,
  marginsOf,
  padAxis,
  reachOf,
  type Window,
  type WindowAttributes,
  windowOf,
  windowPositions,
} from './window.js';

interface Convolution<A = WindowAttributes> {
  readonly X: Tensor;
  readonly W: Tensor;
  readonly attributes: A & { readonly group: number };
}

function kernelOf({ W, attributes }: Convolution): readonly number[] | undefined {
  const kernel = attributes.kernel_shape ?? W.shape?.slice(2);
  return isStatic(kernel) ? kernel : undefined;
}

/** The sizes of the axes of space of the input. */
function spaceOf({ X }: Convolution, kernel: readonly number[]): readonly Dimension[] {
  return X.shape?.slice(2) ?? kernel.map(() => '?');
}

function geometry(call: Convolution): Window | undefined {
  const kernel = kernelOf(call);
  return kernel && windowOf(call.attributes, kernel, spaceOf(call, kernel));
}

function transposedGeometry(call: Convolution<TransposedAttributes>): Window | undefined {
  const kernel = kernelOf(call);
  return kernel && transposedWindow(call.attributes, kernel, spaceOf(call, kernel));
}

function unsupported(call: Convolution, window: Window | undefined): string | undefined {
  if (!window) return `the kernel size of its weights "${call.W.name}" is not known before run time`;
  return call.attributes.group > 1 && typeof call.W.shape?.[1] !== 'number'
    ? `it has groups, and the shape of its weights "${call.W.name}" is not known before run time`
    : irregularity(window, call.X);
}

export const convolution = operators({
  Conv: {
    shape: (call) => {
      const window = geometry(call);
      if (!call.X.shape || !window) return undefined;
      const positions = windowPositions(window, call.X.shape.slice(2), call.attributes);
      return [call.X.shape[0] ?? '?', call.W.shape?.[0] ?? '?', ...positions];
    },
    unsupported: (call) => unsupported(call, geometry(call)),
    grad: {
      X: (call) => inShapeOf(call.X, dataGradient(call.b, call.g, call, geometry(call)!)),
      W: (call) => inShapeOf(call.W, weightGradient(call.b, call.X, call.g, geometry(call)!, call)),
      B: ({ g, B, b, ...call }) => inShapeOf(B!, sumOverPositions(b, g, kernelOf(call)!.length)),
    },
  },
  ConvTranspose: {
    shape: (call) => {
      const window = transposedGeometry(call);
      if (!call.X.shape || !window) return undefined;
      const channels = mapDimension(call.W.shape?.[1], (size) => size * call.attributes.group);
      const positions = transposedPositions(window, call.X.shape.slice(2), call.attributes);
      return [call.X.shape[0] ?? '?', channels, ...positions];
    },
    unsupported: (call) =>
      unsupported(call, transposedGeometry(call)) ??
      (hasKnownPads(transposedGeometry(call)!) || !call.attributes.output_padding?.some((size) => size > 0)
        ? undefined
        : 'it has output_padding, and its pads follow from output_shape and the size of its input, which is not known before run time'),
    grad: {
      X: ({ g, b, ...call }) => inShapeOf(call.X, transposedDataGradient(b, g, call)),
      W: ({ g, b, ...call }) => inShapeOf(call.W, weightGradient(b, g, call.X, transposedGeometry(call)!, call)),
      B: ({ g, B, b, ...call }) => inShapeOf(B!, sumOverPositions(b, g, kernelOf(call)!.length)),
    },
  },
});

/** The cotangent of a convolution's input, by the way that is fastest where it was measured (and right under WebGPU). */
function dataGradient(b: Builder, g: Tensor, { X, W, attributes }: Convolution, window: Window): Tensor {
  const { group } = attributes;
  const { kernel, strides, dilations, begin, end } = window;
  const [outputs, inputs] = [W.shape?.[0], W.shape?.[1]];
  const before = kernel.map((_, axis) => reachOf(window, axis) - 1 - begin[axis]!);
  if (strides.every((stride) => stride === 1)) {
    // onnxruntime's WebGPU provider computes convolutions with this many outputs a group wrongly.
    if (group > 1 && (inputs === 5 || inputs === 6 || inputs === 9)) return overlapAdd(b, g, W, window, group, X);
    const after = kernel.map((_, axis) => reachOf(window, axis) - 1 - end[axis]!);
    return convolveBack(b, g, flipped(b, W, group, kernel), before, after, { dilations, group });
  }
  // ConvTranspose has no fast kernel for depthwise weights: above 3x3 a depthwise convolution between zeros is faster. And under WebGPU it is wrong for
  // one channel out and an even number in.
  const isDepthwise = group > 1 && inputs === 1 && typeof outputs === 'number';
  const isSlow = kernel.reduce((area, size) => area * size, 1) > 9;
  if (isDepthwise && (isSlow || (outputs / group) % 2 === 0) && isStatic(g.shape) && isStatic(X.shape)) {
    const apart = insertZeros(b, g, strides);
    const after = kernel.map(
      (_, axis) => (X.shape![axis + 2] as number) + begin[axis]! - (apart.shape![axis + 2] as number),
    );
    return convolveBack(b, apart, flipped(b, W, group, kernel), before, after, { dilations, group });
  }
  return overlapAdd(b, g, W, window, group, X);
}

/** The cotangent of a transposed convolution's input: the convolution. */
function transposedDataGradient(b: Builder, g: Tensor, call: Convolution<TransposedAttributes>): Tensor {
  const window = transposedGeometry(call)!;
  const { strides, dilations } = window;
  const { group, output_padding, output_shape } = call.attributes;
  const isKnown = hasKnownPads(window);
  const back = b.emit('Conv', [isKnown ? g : fitted(b, g, call.X, window), call.W], {
    strides,
    dilations,
    group,
    pads: isKnown ? [...window.begin, ...window.end] : undefined,
  });
  if (!isKnown) return back;
  // Output elements that no weight reached leave room for more positions than the input has.
  if (!output_shape && strides.every((stride, axis) => (output_padding?.[axis] ?? 0) < stride)) return back;
  const space = strides.map((_, axis) => axis + 2);
  const starts = space.map(() => 0);
  return b.slice(back, starts, b.sizes(call.X, space), space);
}

/** What a window slides over, padded by amounts that follow from sizes settled at run time. */
function fitted(b: Builder, wide: Tensor, narrow: Tensor, window: Window): Tensor {
  return window.kernel.reduce((x, _, axis) => {
    const { begin, end } = marginsOf(b, window, axis, wide, narrow);
    return padAxis(b, x, axis + 2, begin, end);
  }, wide);
}

/**
 * The cotangent of the weights: a convolution again, in which batch and channels have changed places, and stride and dilation too.
 *
 * @param wide what the window slides over, in the forward pass (Conv) or the backward one (ConvTranspose)
 * @param narrow what has one element a position
 */
function weightGradient(
  b: Builder,
  wide: Tensor,
  narrow: Tensor,
  window: Window,
  { W, attributes }: Convolution,
): Tensor {
  const { group } = attributes;
  const { kernel, strides, dilations } = window;
  const space = kernel.map((_, axis) => axis + 2);
  const padded = hasKnownPads(window) ? wide : fitted(b, wide, narrow, window);
  const products = b.emit(
    'Conv',
    [batchToChannels(b, padded, group, kernel.length, W.shape?.[1]), b.transpose(narrow, [1, 0, ...space])],
    {
      group,
      strides: dilations,
      dilations: strides,
      pads: hasKnownPads(window) ? [...window.begin, ...window.end] : undefined,
    },
  );
  const gradient = b.transpose(products, [1, 0, ...space]);
  // Elements that the last window left over look like further weights.
  if (strides.every((stride, axis) => stride <= dilations[axis]!)) return gradient;
  return b.slice(
    gradient,
    space.map(() => 0),
    kernel,
    space,
  );
}

/** [N, groups * channels, ...] to [channels, groups * N, ...]. */
function batchToChannels(b: Builder, x: Tensor, group: number, rank: number, channels: Dimension | undefined): Tensor {
  const space = Array.from({ length: rank }, (_, axis) => axis + 2);
  if (group === 1) return b.transpose(x, [1, 0, ...space]);
  const [each, sizes] = [channels as number, b.sizes(x, space)];
  const apart = b.reshape(x, b.concat([b.integers([-1, group, each]), sizes], 0));
  const swapped = b.transpose(apart, [2, 1, 0, ...space.map((axis) => axis + 1)]);
  return b.reshape(swapped, b.concat([b.integers([each, -1]), sizes], 0));
}

/** A bias is added at every position of every picture. */
function sumOverPositions(b: Builder, g: Tensor, rank: number): Tensor {
  return b.sum(g, [0, ...Array.from({ length: rank }, (_, axis) => axis + 2)], false);
}
