import type { Builder } from '../../builder/builder.js';
import { operators, type Tensor } from '../record.js';
import { productOf, unknownRank } from '../shapes.js';
import { throughMatrix } from '../tensors/axis-matrix.js';
import { sizeAt } from '../tensors/placing.js';
import { type Interpolation, type ResizedAxis, resizeMatrix, resizeTaps } from './interpolation.js';
import { type AxisAtRunTime, resizeMatrixAtRunTime } from './interpolation-at-run-time.js';
import {
  type Axis,
  axesOf,
  interpolationOf,
  isBySizes,
  type ResizeCall,
  resizedAxes,
  resizedShape,
} from './resize-axes.js';

/** How the gradient of one axis is found: nothing to do, sums over blocks of equal elements, or a product with a matrix, constant where sizes are known. */
type Plan =
  | { readonly kind: 'same' }
  | { readonly kind: 'blocks'; readonly axis: number; readonly count: number }
  | { readonly kind: 'matrix'; readonly resized: ResizedAxis }
  | { readonly kind: 'computed'; readonly axis: Axis }
  | { readonly kind: 'unsupported'; readonly reason: string };

/** The operator set from which lists as long as an axis can be made at run time. */
const FIRST_LISTS = 9;

/** Whether each element is repeated a whole number of times; sizes that are not known are tried out, in modes that are the same for all sizes. */
function repeatsElements(options: Interpolation, { from, to, scale }: Axis): boolean {
  if (options.mode !== 'nearest' || scale === undefined || !Number.isInteger(scale)) return false;
  const isBlock = (size: number) =>
    resizeTaps(options, { from: size, to: size * scale, scale, roi: [0, 1] }).every(
      ([tap], position) => tap?.[0] === Math.floor(position / scale),
    );
  if (['align_corners', 'tf_crop_and_resize'].includes(options.coordinates)) return false;
  if (typeof from === 'number') return to === from * scale && isBlock(from);
  return to === productOf([from, scale]) && [1, 2, 3, 4, 5, 6, 7, 8].every(isBlock);
}

function planOf(options: Interpolation, one: Axis, call: ResizeCall): Plan {
  const { axis, from, to, scale, roi } = one;
  const isWhole = roi !== undefined && roi[0] === 0 && roi[1] === 1;
  if (scale === 1 && (from === to || typeof from === 'string') && isWhole) return { kind: 'same' };
  if (repeatsElements(options, one)) return { kind: 'blocks', axis, count: scale! };
  if (roi && typeof from === 'number' && typeof to === 'number' && scale !== undefined)
    return { kind: 'matrix', resized: { from, to, scale: Math.fround(scale), roi } };
  if (call.written >= FIRST_LISTS) return { kind: 'computed', axis: one };
  return {
    kind: 'unsupported',
    reason: `the sizes of axis ${axis} are settled at run time, which opset ${FIRST_LISTS} or newer is needed for; export with fixed sizes`,
  };
}

function plansOf(call: ResizeCall): Plan[] {
  const options = interpolationOf(call);
  return (
    axesOf(call)?.map((axis) => planOf(options, axis, call)) ?? [{ kind: 'unsupported', reason: unknownRank(call.X)! }]
  );
}

/** Sums over blocks of equal elements. */
function sumBlocks(b: Builder, g: Tensor, X: Tensor, blocks: readonly { axis: number; count: number }[]): Tensor {
  const rank = X.shape!.length;
  const countOf = (axis: number) => blocks.find((block) => block.axis === axis)?.count ?? 1;
  const kernel = Array.from({ length: rank - 2 }, (_, axis) => countOf(axis + 2));
  const isSpatial = rank >= 3 && rank <= 5 && blocks.every(({ axis }) => axis >= 2);
  if (isSpatial && g.type !== 'float64') {
    const mean = b.emit('AveragePool', [g], { kernel_shape: kernel, strides: kernel });
    return b.mul(
      mean,
      kernel.reduce((product, count) => product * count, 1),
    );
  }
  const sizes = Array.from({ length: rank }, (_, axis) => {
    const size = countOf(axis) === 1 ? sizeAt(b, g, axis) : sizeAt(b, X, axis);
    return countOf(axis) === 1 ? [size] : [size, b.integers([countOf(axis)])];
  });
  const axes = blocks.map(({ axis }, earlier) => axis + earlier + 1);
  return b.sum(b.reshape(g, b.concat(sizes.flat(), 0)), axes, false);
}

/** The scale of an axis, as ONNX Runtime computes it from what is given. */
function scaleAtRunTime(b: Builder, call: ResizeCall, { at, scale }: Axis, from: Tensor, to: Tensor): Tensor {
  if (scale !== undefined) return b.constant('float32', [1], [scale]);
  const real = (x: Tensor) => b.cast(x, 'float32');
  if (!isBySizes(call)) return real(b.slice(call.scales!, [at], [at + 1], [0]));
  const policy = call.attributes.keep_aspect_ratio_policy;
  if (policy !== 'not_larger' && policy !== 'not_smaller') return b.div(real(to), real(from));
  const ratios = b.div(real(call.sizes!), real(b.sizes(call.X, resizedAxes(call)!)));
  return b.emit(policy === 'not_larger' ? 'ReduceMin' : 'ReduceMax', [ratios, b.integers([0])], { keepdims: 1 });
}

function axisAtRunTime(b: Builder, g: Tensor, call: ResizeCall, one: Axis): AxisAtRunTime {
  const { axis, at, roi } = one;
  const [from, to] = [sizeAt(b, call.X, axis), sizeAt(b, g, axis)];
  const scale = scaleAtRunTime(b, call, one, from, to);
  const bound = (side: 0 | 1) => {
    if (roi) return b.constant('float32', [1], [roi[side]]);
    const position = at + side * resizedAxes(call)!.length;
    return b.cast(b.slice(call.roi!, [position], [position + 1], [0]), 'float32');
  };
  return { from, to, scale, roi: [bound(0), bound(1)] };
}

/** [size of the result, size of the original]; undefined for an axis that needs none. */
function matrixOf(b: Builder, g: Tensor, call: ResizeCall, options: Interpolation, plan: Plan): Tensor | undefined {
  if (plan.kind === 'matrix') {
    const { from, to } = plan.resized;
    return b.filled(resizeMatrix(options, plan.resized), [to, from], g);
  }
  if (plan.kind !== 'computed') return undefined;
  return b.cast(resizeMatrixAtRunTime(b, options, axisAtRunTime(b, g, call, plan.axis)), g.type);
}

function resizeBack(call: ResizeCall & { readonly g: Tensor; readonly b: Builder }): Tensor {
  const { X, b } = call;
  const options = interpolationOf(call);
  const plans = plansOf(call);
  const blocks = plans.filter((plan) => plan.kind === 'blocks');
  const g: Tensor = { ...call.g, shape: call.g.shape ?? resizedShape(call) };
  const summed = blocks.length > 0 ? sumBlocks(b, g, X, blocks) : g;
  // The last axis first: its product is the largest and runs as one.
  const back = plans.reduceRight((result, plan, axis) => {
    const matrix = matrixOf(b, g, call, options, plan);
    return matrix ? throughMatrix(b, result, X, axis, matrix) : result;
  }, summed);
  return b.reshapeLike(back, X);
}

function unsupported(call: ResizeCall): string | undefined {
  const refused = plansOf(call).find((plan) => plan.kind === 'unsupported');
  return refused?.kind === 'unsupported' ? refused.reason : undefined;
}

interface UpsampleCall {
  readonly X: Tensor;
  readonly scales: Tensor;
  readonly opset: number;
  readonly attributes: { readonly mode: string };
}

function asWritten<C extends Omit<ResizeCall, 'written'>>(call: C): C & ResizeCall {
  return { ...call, written: call.opset };
}

/** Upsample is the Resize of opset 10 under an older name. */
function asResize<C extends UpsampleCall>(call: C): C & ResizeCall {
  const attributes: ResizeCall['attributes'] = {
    mode: call.attributes.mode,
    coordinate_transformation_mode: 'asymmetric',
    nearest_mode: 'simple',
    cubic_coeff_a: -0.75,
    exclude_outside: 0,
    antialias: 0,
    keep_aspect_ratio_policy: 'stretch',
    axes: undefined,
  };
  return { ...call, roi: undefined, sizes: undefined, attributes, opset: 10, written: call.opset };
}

/**
 * Resizing is linear and separable: each axis is a matrix, constant where the sizes are known, and the gradient goes through the transposed ones; where
 * elements are only repeated, it is the sum over each block.
 */
export const resize = operators({
  Resize: {
    shape: (call) => resizedShape(asWritten(call)),
    unsupported: (call) => unsupported(asWritten(call)),
    grad: { X: (call) => resizeBack(asWritten(call)) },
    note: 'the region of interest (roi) and the scales have no gradient',
  },
  Upsample: {
    shape: (call) => resizedShape(asResize(call)),
    unsupported: (call) => unsupported(asResize(call)),
    grad: { X: (call) => resizeBack(asResize(call)) },
  },
});
