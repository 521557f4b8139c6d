// The weights by which Resize makes each position of an axis from the positions of the original: every mode of ONNX, in the order of operations and in
// the float32 precision of ONNX Runtime, since half a pixel decides which neighbour is the nearest.
import { indices, listable } from '../limits.js';

export interface Interpolation {
  readonly mode: string;
  readonly coordinates: string;
  /** `simple`: what Resize did before opset 11. */
  readonly nearest: string;
  readonly cubicCoefficient: number;
  readonly excludeOutside: boolean;
  readonly antialias: boolean;
}

/** One axis: sizes, the scale as float32, and for tf_crop_and_resize the region of interest. */
export interface ResizedAxis {
  readonly from: number;
  readonly to: number;
  readonly scale: number;
  readonly roi: readonly [start: number, end: number];
}

/** A position of the original, and its weight. */
type Tap = readonly [position: number, weight: number];

const f = Math.fround;

/** Where a position of the result lies in the original. */
function origin(i: number, coordinates: string, { from, to, scale, roi: [start, end] }: ResizedAxis): number {
  if (scale === 1) return i;
  const center = f(f(i + 0.5) / scale);
  switch (coordinates) {
    case 'asymmetric':
      return f(i / scale);
    case 'pytorch_half_pixel':
      return to > 1 ? f(center - 0.5) : 0;
    case 'tf_half_pixel_for_nn':
      return center;
    case 'align_corners':
      return to === 1 ? 0 : f(f(i * (from - 1)) / (to - 1));
    case 'tf_crop_and_resize':
      return to > 1
        ? f(f(start * (from - 1)) + f(f(f(i * f(end - start)) * (from - 1)) / (to - 1)))
        : f(0.5 * (start + end) * (from - 1));
    case 'half_pixel_symmetric':
      return f(f((from / 2) * f(1 - f(to / f(scale * from)))) + (i + 0.5) / scale - 0.5);
    default:
      return f(center - 0.5);
  }
}

/** Halves away from zero, as C rounds. */
function roundAway(x: number): number {
  return Math.sign(x) * Math.floor(Math.abs(x) + 0.5);
}

function nearestPosition(x: number, rule: string, scale: number): number {
  switch (rule) {
    case 'simple':
      return scale < 1 ? Math.ceil(x) : Math.trunc(x);
    case 'floor':
      return Math.floor(x);
    case 'ceil':
      return Math.ceil(x);
    case 'round_prefer_ceil':
      return roundAway(x);
    default:
      return x === Math.trunc(x) + 0.5 ? Math.floor(x) : roundAway(x);
  }
}

/** Keys' cubic convolution (1981): the weight of a position at a distance. */
function cubic(distance: number, a: number): number {
  const x = Math.abs(distance);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

/** Filters as wide as a pixel of the result, so that every pixel of the original counts when the result is smaller. */
function antialiased(x: number, { mode, cubicCoefficient }: Interpolation, scale: number): Tap[] {
  const shrinking = Math.min(scale, 1);
  const support = (mode === 'cubic' ? 2 : 1) / shrinking;
  const center = x + 0.5;
  const first = Math.floor(center - support + 0.5);
  const last = Math.floor(center + support + 0.5);
  return indices(last - first).map((index) => {
    const distance = (first + index - center + 0.5) * shrinking;
    return [first + index, mode === 'cubic' ? cubic(distance, cubicCoefficient) : Math.max(0, 1 - Math.abs(distance))];
  });
}

/** The positions that make one of the result, and those beyond the ends, before they are clamped. */
function tapsAt(x: number, options: Interpolation, { from, scale }: ResizedAxis): Tap[] {
  if (options.antialias) return antialiased(x, options, scale);
  if (options.mode === 'nearest') return [[nearestPosition(x, options.nearest, scale), 1]];
  if (options.mode === 'cubic') {
    const left = Math.floor(x);
    return [-1, 0, 1, 2].map((offset) => [left + offset, cubic(x - left - offset, options.cubicCoefficient)]);
  }
  const inside = Math.min(Math.max(x, 0), from - 1);
  const left = Math.trunc(inside);
  return [
    [left, 1 - (inside - left)],
    [left + 1, inside - left],
  ];
}

/** For each position of the result, the positions of the original that it is the weighted sum of. */
export function resizeTaps(options: Interpolation, axis: ResizedAxis): Tap[][] {
  const isOutside = (position: number) => position < 0 || position > axis.from - 1;
  return indices(axis.to).map((i) => {
    const x = origin(i, options.coordinates, axis);
    if (options.coordinates === 'tf_crop_and_resize' && isOutside(x)) return [];
    const taps = tapsAt(x, options, axis);
    const kept = options.excludeOutside ? taps.filter(([position]) => !isOutside(position)) : taps;
    const total = kept.reduce((sum, [, weight]) => sum + weight, 0);
    return kept.map(([position, weight]) => [
      Math.min(Math.max(position, 0), axis.from - 1),
      options.excludeOutside || options.antialias ? weight / total : weight,
    ]);
  });
}

/** The same as a matrix of `to` rows and `from` columns. */
export function resizeMatrix(options: Interpolation, axis: ResizedAxis): number[] {
  const matrix = new Array<number>(listable(axis.to * axis.from)).fill(0);
  resizeTaps(options, axis).forEach((taps, row) => {
    for (const [position, weight] of taps) matrix[row * axis.from + position]! += weight;
  });
  return matrix;
}
