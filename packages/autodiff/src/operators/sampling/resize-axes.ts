// What a Resize says of each axis: its sizes, its scale, its region of interest, as far as they are known before run time.
import type { Dimension, Shape } from '../../model/types.js';
import type { Tensor } from '../record.js';
import { numbersOf, productOf, quotientOf, resolveAxis } from '../shapes.js';
import type { Interpolation } from './interpolation.js';

export interface ResizeCall {
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
  /** The version whose meaning counts: 10 for what came before Resize. */
  readonly opset: number;
  /** The version that the model is written for. */
  readonly written: number;
}

/** What is known of one axis; the scale is undefined where it is settled at run time. */
export interface Axis {
  readonly axis: number;
  /** Position among the axes that scales, sizes and regions are for; negative for one that they are not for. */
  readonly at: number;
  readonly from: Dimension;
  readonly to: Dimension;
  readonly scale: number | undefined;
  /** Undefined where the region of interest is computed at run time. */
  readonly roi: readonly [number, number] | undefined;
}

export function interpolationOf({ attributes, opset }: ResizeCall): Interpolation {
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

/** The axes that scales, sizes and regions are for; undefined where their number is not known. */
export function resizedAxes({ X: { shape }, attributes: { axes } }: ResizeCall): number[] | undefined {
  return shape && (axes ?? shape.map((_, axis) => axis)).map((axis) => resolveAxis(axis, shape.length));
}

export function isBySizes({ sizes }: ResizeCall): boolean {
  return sizes !== undefined && sizes.shape?.[0] !== 0;
}

/** Every axis with its sizes and scale; undefined where the number of axes is not known. */
export function axesOf(call: ResizeCall): Axis[] | undefined {
  const { X, attributes } = call;
  const { shape } = X;
  const which = resizedAxes(call);
  if (!shape || !which) return undefined;
  const crop = interpolationOf(call).coordinates === 'tf_crop_and_resize' ? numbersOf(call.roi) : [];
  const bySizes = isBySizes(call);
  const wanted = bySizes ? call.sizes!.value : call.scales?.value;
  const axes = shape.map((from, axis): Axis => {
    const at = which.indexOf(axis);
    if (at < 0) return { axis, at, from, to: from, scale: 1, roi: [0, 1] };
    const roi = crop && ([crop[at] ?? 0, crop[at + which.length] ?? 1] as const);
    const value = wanted?.[at] ?? '?';
    if (!bySizes) return { axis, at, from, roi, ...scaled(from, value) };
    const ratio = quotientOf([value], [from]);
    const scale = typeof value === 'number' && typeof from === 'number' ? Math.fround(value / from) : ratio;
    return { axis, at, from, to: value, roi, scale: typeof scale === 'number' ? scale : undefined };
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

export function resizedShape(call: ResizeCall): Shape | undefined {
  return axesOf(call)?.map(({ to }) => to);
}
