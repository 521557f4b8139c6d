// Deformable convolution (Zhu et al. 2019, "Deformable ConvNets v2"): a convolution whose every element is read at a place of its own.
import type { Builder } from '../../builder/builder.js';
import type { Shape } from '../../model/types.js';
import { operators, type Tensor } from '../record.js';
import { isStatic } from '../shapes.js';
import { range, sizeAt } from '../tensors/placing.js';
import { irregularity, type Window, windowOf, windowPositions } from '../windows/window.js';
import { realSize, sample, tapsAt } from './sampling.js';

/** Elements of a window, each of which is written out. */
const MOST_ELEMENTS = 1024;

interface DeformCall {
  readonly X: Tensor;
  readonly W: Tensor;
  readonly offset: Tensor;
  readonly B: Tensor | undefined;
  readonly mask: Tensor | undefined;
  readonly attributes: {
    readonly kernel_shape: readonly number[] | undefined;
    readonly strides: readonly number[] | undefined;
    readonly pads: readonly number[] | undefined;
    readonly dilations: readonly number[] | undefined;
    readonly group: number;
    readonly offset_group: number;
  };
}

function geometry({ X, W, attributes }: DeformCall): Window | undefined {
  const kernel = attributes.kernel_shape ?? W.shape?.slice(2);
  return isStatic(kernel)
    ? windowOf({ ...attributes, auto_pad: 'NOTSET' }, kernel, X.shape?.slice(2) ?? [])
    : undefined;
}

function deformedShape(call: DeformCall): Shape | undefined {
  const window = geometry(call);
  if (!call.X.shape || !window) return undefined;
  const positions = windowPositions(window, call.X.shape.slice(2), { auto_pad: 'NOTSET' });
  return [call.X.shape[0] ?? '?', call.W.shape?.[0] ?? '?', ...positions];
}

function unsupported(call: DeformCall): string | undefined {
  const window = geometry(call);
  if (!window) return `the kernel size of its weights "${call.W.name}" is not known before run time`;
  if (window.kernel.length !== 2) return 'it is not for two axes of space, as onnxruntime has it';
  const elements = window.kernel[0]! * window.kernel[1]!;
  if (elements > MOST_ELEMENTS) return `its window has more than ${MOST_ELEMENTS} elements (${elements})`;
  const { group, offset_group } = call.attributes;
  if (group < 1 || offset_group < 1) return `its groups (${group}, ${offset_group}) are not above zero`;
  return irregularity(window, call.X);
}

/** Where each element of the window is read along an axis, [batch * offset groups, samples]: its place in the window, moved by the offset. */
function positionsOf(b: Builder, offsets: Tensor, window: Window, axis: number): Tensor {
  const own = b.slice(offsets, [axis], [axis + 1], [2]);
  const steps = b.cast(range(b, sizeAt(b, offsets, axis + 3)), offsets.type);
  const starts = b.sub(b.mul(steps, window.strides[axis]!), window.begin[axis]!);
  const [height, width] = window.kernel as [number, number];
  const elements = Array.from({ length: height * width }, (_, at) =>
    axis === 0 ? Math.floor(at / width) : at % width,
  );
  const inWindow = b.filled(
    elements.map((at) => at * window.dilations[axis]!),
    [height * width, 1, 1, 1],
    offsets,
  );
  const plain = b.add(inWindow, axis === 0 ? b.unsqueeze(starts, [1]) : starts);
  return b.reshape(b.add(own, plain), [0, -1]);
}

function lowerDeformConv(call: DeformCall & { readonly b: Builder }): Tensor {
  const { X, W, offset, B, mask, attributes, b } = call;
  const { group, offset_group } = attributes;
  const window = geometry(call)!;
  const elements = window.kernel.reduce((product, size) => product * size, 1);
  const [n, c, h, w] = [0, 1, 2, 3].map((axis) => sizeAt(b, X, axis)) as [Tensor, Tensor, Tensor, Tensor];
  const out = b.sizes(offset, [2, 3]);
  const groups = b.mul(n, offset_group);
  const real = b.cast(offset, X.type === 'float64' ? 'float64' : 'float32');
  const offsets = b.reshape(real, b.concat([groups, b.integers([elements, 2]), out], 0));

  const channels = b.reshape(X, b.concat([groups, b.div(c, offset_group), h, w], 0));
  const taps = [0, 1].map((axis) =>
    tapsAt(b, 'linear', positionsOf(b, offsets, window, axis), b.sub(realSize(b, X, axis + 2, real), 1), 'zeros'),
  );
  const read = sample(b, channels, taps);
  const weighted = mask ? b.mul(read, b.reshape(mask, b.concat([groups, b.integers([1, -1])], 0))) : read;

  // From here on it is the convolution that im2col makes.
  const area = b.mul(sizeAt(b, offset, 2), sizeAt(b, offset, 3));
  const patch = b.mul(b.div(c, group), elements);
  const columns = b.reshape(weighted, b.concat([n, b.integers([group]), patch, area], 0));
  const m = sizeAt(b, W, 0);
  const weights = b.reshape(W, b.concat([b.integers([group]), b.div(m, group), patch], 0));
  const result = b.reshape(b.matmul(weights, columns), b.concat([n, m, out], 0));
  return B ? b.add(result, b.unsqueeze(B, [1, 2])) : result;
}

export const deformable = operators({
  DeformConv: {
    shape: deformedShape,
    unsupported,
    lower: lowerDeformConv,
    kink: 'at whole positions: the slope behind, as deform_conv2d',
    note: 'two axes of space, as onnxruntime has it',
  },
});
