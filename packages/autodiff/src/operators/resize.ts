import type { Builder } from '../builder/builder.js';
import type { Dimension, Shape } from '../model/types.js';
import { type Interpolation, type ResizedAxis, resizeMatrix, resizeTaps } from './interpolation.js';
import { isComputable, resizeMatrixAtRunTime } from './interpolation-at-run-time.js';
import { sizeAt } from './placing.js';
import { operators, type Tensor } from './record.js';
import { numbersOf, productOf, quotientOf, resolveAxis } from './shapes.js';

interface ResizeCall {
  readonly X: Tensor;
  readonly roi: Tensor | undefined;
  readonly scales: Tensor | undefined;
  readonly sizes: Tensor | undefined;
  readonly attributes: {
    readonly mode: string;
    readonly coordinate_transformation_mode: string;
    readonly nearest_mode: string;
    readonly cubic_coeff_a: number;
    readonly exclude_outside: number;
    readonly antialias: number;
    readonly keep_aspect_ratio_policy: string;
    readonly axes: readonly number[] | undefined;
  };
  readonly opset: number;
}

/** What is known of one axis; the scale is undefined where it is settled at run time. */
interface Axis {
  readonly axis: number;
  readonly from: Dimension;
  readonly to: Dimension;
  readonly scale: number | undefined;
  /** Undefined where the region of interest is computed at run time. */
  readonly roi: readonly [number, number] | undefined;
}

/** How the gradient of one axis is found: nothing to do, sums over blocks of equal elements, or a product with a matrix, constant where sizes are known. */
type Plan =
  | { readonly kind: 'same' }
  | { readonly kind: 'blocks'; readonly axis: number; readonly count: number }
  | { readonly kind: 'matrix'; readonly resized: ResizedAxis }
  | { readonly kind: 'computed'; readonly axis: number; readonly scale: number | undefined }
  | { readonly kind: 'unsupported'; readonly reason: string };

function interpolationOf({ attributes, opset }: ResizeCall): Interpolation {
  const isOld = opset < 11;
  return {
    mode: attributes.mode,
    coordinates: isOld ? 'asymmetric' : attributes.coordinate_transformation_mode,
    nearest: isOld ? 'simple' : attributes.nearest_mode,
    cubicCoefficient: attributes.cubic_coeff_a,
    excludeOutside: attributes.exclude_outside === 1,
    antialias: attributes.antialias === 1,
  };
}

/** Every axis with its sizes and scale; undefined where the number of axes, or which of them are resized, is not known. */
function axesOf(call: ResizeCall): Axis[] | undefined {
  const { X, attributes } = call;
  const { shape } = X;
  if (!shape) return undefined;
  const which = (attributes.axes ?? shape.map((_, axis) => axis)).map((axis) => resolveAxis(axis, shape.length));
  const crop = !interpolationOf(call).coordinates.startsWith('tf_crop') ? [] : numbersOf(call.roi);
  const bySizes = call.sizes !== undefined && call.sizes.shape?.[0] !== 0;
  const wanted = bySizes ? call.sizes.value : call.scales?.value;
  const axes = shape.map((from, axis): Axis => {
    const at = which.indexOf(axis);
    const roi = crop && ([crop[at] ?? 0, crop[at + which.length] ?? 1] as const);
    if (at < 0) return { axis, from, to: from, scale: 1, roi };
    const value = wanted?.[at] ?? '?';
    if (!bySizes) return { axis, from, roi, ...scaled(from, value) };
    const ratio = quotientOf([value], [from]);
    const scale = typeof value === 'number' && typeof from === 'number' ? Math.fround(value / from) : ratio;
    return { axis, from, to: value, roi, scale: typeof scale === 'number' ? scale : undefined };
  });
  return bySizes ? keepAspect(axes, which, attributes.keep_aspect_ratio_policy) : axes;
}

function scaled(from: Dimension, value: Dimension): Pick<Axis, 'to' | 'scale'> {
  if (typeof value !== 'number') return { to: '?', scale: undefined };
  if (typeof from === 'number') return { to: Math.floor(Math.fround(Math.fround(value) * from)), scale: value };
  return { to: Number.isInteger(value) ? productOf([from, value]) : '?', scale: value };
}

/** One scale for every axis, the smallest or the largest of those asked for. */
function keepAspect(axes: readonly Axis[], which: readonly number[], policy: string): Axis[] {
  if (policy !== 'not_larger' && policy !== 'not_smaller') return [...axes];
  const scales = axes.filter(({ axis }) => which.includes(axis)).map(({ scale }) => scale);
  const common = scales.every((scale) => scale !== undefined)
    ? (policy === 'not_larger' ? Math.min : Math.max)(...scales)
    : undefined;
  return axes.map((one) => {
    if (!which.includes(one.axis)) return one;
    const isKnown = common !== undefined && typeof one.from === 'number';
    return { ...one, scale: common, to: isKnown ? Math.round(Math.fround(common * (one.from as number))) : '?' };
  });
}

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
  if (!roi) return { kind: 'unsupported', reason: 'its region of interest (roi) is computed at run time' };
  if (typeof from === 'number' && typeof to === 'number' && scale !== undefined)
    return { kind: 'matrix', resized: { from, to, scale: Math.fround(scale), roi } };
  if (isComputable(options, call.opset) && call.attributes.keep_aspect_ratio_policy === 'stretch')
    return { kind: 'computed', axis, scale };
  return {
    kind: 'unsupported',
    reason: `the sizes of axis ${axis} are settled at run time, where modes "nearest" and "linear" of opset 11 or newer are differentiated; export with fixed sizes`,
  };
}

function plansOf(call: ResizeCall): Plan[] {
  const options = interpolationOf(call);
  return (
    axesOf(call)?.map((axis) => planOf(options, axis, call)) ?? [
      { kind: 'unsupported', reason: 'the number of axes of its input is not known' },
    ]
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

/** Takes an axis of the cotangent back through its matrix: from the right for the last axis, from the left for any other. */
function throughMatrix(b: Builder, g: Tensor, X: Tensor, axis: number, matrix: Tensor): Tensor {
  const trailing = g.shape!.length - axis - 1;
  if (trailing === 0) return b.matmul(g, matrix);
  const left = b.transpose(matrix, [1, 0]);
  if (trailing === 1) return b.matmul(left, g);
  const product = b.matmul(left, b.reshape(g, [...new Array(axis + 1).fill(0), -1]));
  const sizes = g.shape!.map((_, at) => sizeAt(b, at === axis ? X : g, at));
  return b.reshape(product, b.concat(sizes, 0));
}

/** [size of the result, size of the original]; undefined for an axis that needs none. */
function matrixOf(b: Builder, g: Tensor, X: Tensor, options: Interpolation, plan: Plan): Tensor | undefined {
  if (plan.kind === 'matrix') {
    const { from, to } = plan.resized;
    return b.filled(resizeMatrix(options, plan.resized), [to, from], g);
  }
  if (plan.kind !== 'computed') return undefined;
  const [from, to] = [sizeAt(b, X, plan.axis), sizeAt(b, g, plan.axis)];
  return b.cast(resizeMatrixAtRunTime(b, options, from, to, plan.scale), g.type);
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
    const matrix = matrixOf(b, g, X, options, plan);
    return matrix ? throughMatrix(b, result, X, axis, matrix) : result;
  }, summed);
  return b.reshapeLike(back, X);
}

function resizedShape(call: ResizeCall): Shape | undefined {
  return axesOf(call)?.map(({ to }) => to);
}

function unsupported(call: ResizeCall): string | undefined {
  const refused = plansOf(call).find((plan) => plan.kind === 'unsupported');
  return refused?.kind === 'unsupported' ? refused.reason : undefined;
}

interface UpsampleCall {
  readonly X: Tensor;
  readonly scales: Tensor;
  readonly attributes: { readonly mode: string };
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
  return { ...call, roi: undefined, sizes: undefined, attributes, opset: 10 };
}

/**
 * Resizing is linear and separable: where the sizes are known, each axis is a constant matrix, and the gradient goes through the transposed ones;
 * where elements are only repeated, it is the sum over each block.
 */
export const resize = operators({
  Resize: { shape: resizedShape, unsupported, grad: { X: resizeBack } },
  Upsample: {
    shape: (call) => resizedShape(asResize(call)),
    unsupported: (call) => unsupported(asResize(call)),
    grad: { X: (call) => resizeBack(asResize(call)) },
  },
});
