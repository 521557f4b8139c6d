// The matrix by which Resize makes an axis, for sizes, scales or regions that are settled at run time: the same formulas as in interpolation.ts, in the graph.
import type { Builder } from '../../builder/builder.js';
import type { Tensor } from '../record.js';
import { range } from '../tensors/placing.js';
import type { Interpolation } from './interpolation.js';

/** One axis as the graph computes it: lists of one number, integers for the sizes, float32 for the others. */
export interface AxisAtRunTime {
  readonly from: Tensor;
  readonly to: Tensor;
  readonly scale: Tensor;
  /** The region of interest, where the coordinates are tf_crop_and_resize. */
  readonly roi: readonly [start: Tensor, end: Tensor] | undefined;
}

/** The same, sizes as float32. */
interface RealAxis {
  readonly n: Tensor;
  readonly m: Tensor;
  readonly scale: Tensor;
  readonly roi: AxisAtRunTime['roi'];
}

/** How far the taps of a cubic reach beyond the ends. */
const CUBIC_REACH = 4;

/** @returns [to, from], float32 */
export function resizeMatrixAtRunTime(b: Builder, options: Interpolation, axis: AxisAtRunTime): Tensor {
  const { from, to, scale, roi } = axis;
  const real: RealAxis = { n: b.cast(from, 'float32'), m: b.cast(to, 'float32'), scale, roi };
  const origins = originsOf(b, options.coordinates, b.cast(range(b, to), 'float32'), real);
  const matrix =
    options.antialias || options.mode === 'cubic'
      ? filterMatrix(b, options, origins, axis, real)
      : neighbourMatrix(b, options, origins, from, real);
  if (options.coordinates !== 'tf_crop_and_resize') return matrix;
  const isOutside = b.or(b.less(origins, 0), b.greater(origins, b.sub(real.n, 1)));
  return b.keep(matrix, b.unsqueeze(b.not(isOutside), [1]));
}

/** Where each position lies in the original; an axis that keeps its scale is left as it is, whatever the formula says. */
function originsOf(b: Builder, coordinates: string, i: Tensor, { n, m, scale, roi }: RealAxis): Tensor {
  const center = () => b.div(b.add(i, 0.5), scale);
  const unlessSame = (positions: Tensor) => b.where(b.equal(scale, 1), i, positions);
  const steps = () => b.emit('Max', [b.sub(m, 1), b.filled([1], [1], m)]);
  switch (coordinates) {
    case 'asymmetric':
      return b.div(i, scale);
    case 'align_corners':
      return b.div(b.mul(i, b.sub(n, 1)), steps());
    case 'pytorch_half_pixel':
      return b.keep(b.sub(center(), 0.5), b.greater(m, 1));
    case 'tf_half_pixel_for_nn':
      return unlessSame(center());
    case 'half_pixel_symmetric': {
      const shift = b.mul(b.div(n, 2), b.sub(1, b.div(m, b.mul(scale, n))));
      return b.sub(b.add(shift, center()), 0.5);
    }
    case 'tf_crop_and_resize': {
      const [start, end] = roi!;
      const last = b.sub(n, 1);
      const along = b.add(b.mul(start, last), b.div(b.mul(b.mul(i, b.sub(end, start)), last), steps()));
      const middle = b.mul(b.mul(b.add(start, end), 0.5), last);
      return unlessSame(b.where(b.greater(m, 1), along, middle));
    }
    default:
      return b.sub(center(), 0.5);
  }
}

function nearestOf(b: Builder, rule: string, x: Tensor, scale: Tensor): Tensor {
  switch (rule) {
    case 'simple':
      return b.where(b.less(scale, 1), b.emit('Ceil', [x]), b.emit('Floor', [x]));
    case 'floor':
      return b.emit('Floor', [x]);
    case 'ceil':
      return b.emit('Ceil', [x]);
    case 'round_prefer_ceil':
      return b.emit('Floor', [b.add(x, 0.5)]);
    default:
      return b.emit('Ceil', [b.sub(x, 0.5)]);
  }
}

/** Weights that fall from 1 to 0 over one element: both neighbours' for a linear Resize, one element's for the nearest. */
function neighbourMatrix(
  b: Builder,
  options: Interpolation,
  origins: Tensor,
  from: Tensor,
  { n, scale }: RealAxis,
): Tensor {
  const positions = options.mode === 'nearest' ? nearestOf(b, options.nearest, origins, scale) : origins;
  const clamped = b.emit('Max', [b.emit('Min', [positions, b.sub(n, 1)]), b.filled([0], [1], n)]);
  const distance = b.abs(b.sub(b.unsqueeze(clamped, [1]), b.unsqueeze(b.cast(range(b, from), 'float32'), [0])));
  return b.emit('Relu', [b.sub(1, distance)]);
}

/** Weights by a filter; those of elements beyond the ends go to the ends, unless they are left out. */
function filterMatrix(
  b: Builder,
  options: Interpolation,
  origins: Tensor,
  axis: AxisAtRunTime,
  { n, scale }: RealAxis,
): Tensor {
  const { mode, antialias, excludeOutside } = options;
  const shrinking = antialias ? b.emit('Min', [scale, b.filled([1], [1], scale)]) : undefined;
  const reach = excludeOutside
    ? b.integers([0])
    : shrinking
      ? b.add(b.cast(b.emit('Ceil', [b.div(b.scalar(mode === 'cubic' ? 2 : 1, scale), shrinking)]), 'int64'), 1)
      : b.integers([CUBIC_REACH]);
  const elements = b.cast(b.sub(range(b, b.add(axis.from, b.mul(reach, 2))), reach), 'float32');
  const apart = b.abs(b.sub(b.unsqueeze(elements, [0]), b.unsqueeze(origins, [1])));
  const distance = shrinking ? b.mul(apart, shrinking) : apart;
  const weights =
    mode === 'cubic' ? cubic(b, distance, options.cubicCoefficient) : b.emit('Relu', [b.sub(1, distance)]);
  const shares = antialias || excludeOutside ? b.div(weights, b.sum(weights, [1])) : weights;
  if (excludeOutside) return shares;
  const beyond = b.add(axis.from, reach);
  const part = (start: Tensor, end: Tensor) => b.slice(shares, start, end, [1]);
  const inside = b.unsqueeze(b.cast(range(b, axis.from), 'float32'), [0]);
  const end = (position: Tensor | number) => b.cast(b.equal(inside, position), 'float32');
  const before = b.mul(b.sum(part(b.integers([0]), reach), [1]), end(0));
  const after = b.mul(b.sum(part(beyond, b.add(beyond, reach)), [1]), end(b.sub(n, 1)));
  return b.add(b.add(part(reach, beyond), before), after);
}

/** Keys' cubic convolution (1981): the weight of an element at a distance. */
function cubic(b: Builder, x: Tensor, a: number): Tensor {
  const near = b.add(b.mul(b.mul(b.sub(b.mul(x, a + 2), a + 3), x), x), 1);
  const far = b.mul(b.sub(b.mul(b.add(b.mul(b.sub(x, 5), x), 8), x), 4), a);
  return b.where(b.less(x, 1), near, b.where(b.less(x, 2), far, b.scalar(0, x)));
}
