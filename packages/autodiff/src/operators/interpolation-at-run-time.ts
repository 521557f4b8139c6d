// The matrix by which Resize makes an axis, for sizes that are settled at run time: the same formulas as in interpolation.ts, in the graph.
import type { Builder } from '../builder/builder.js';
import type { Interpolation } from './interpolation.js';
import { range } from './placing.js';
import type { Tensor } from './record.js';

/** Those that keep an axis as it is where its size turns out to stay the same. */
const COORDINATES = ['half_pixel', 'pytorch_half_pixel', 'align_corners', 'asymmetric'];

/** Whether the formulas are few enough to be worth a node each. */
export function isComputable({ mode, coordinates, nearest, antialias }: Interpolation, opset: number): boolean {
  return opset >= 11 && mode !== 'cubic' && !antialias && nearest !== 'simple' && COORDINATES.includes(coordinates);
}

/**
 * @param from size of the original axis, as a list of one integer
 * @param to size of the result's axis
 * @param scale undefined where it is the ratio of the sizes
 * @returns [to, from], float32
 */
export function resizeMatrixAtRunTime(
  b: Builder,
  options: Interpolation,
  from: Tensor,
  to: Tensor,
  scale: number | undefined,
): Tensor {
  const [n, m] = [b.cast(from, 'float32'), b.cast(to, 'float32')];
  const ratio = scale === undefined ? b.div(m, n) : b.constant('float32', [1], [scale]);
  const origins = originsOf(b, options.coordinates, b.cast(range(b, to), 'float32'), n, m, ratio);
  const positions = options.mode === 'nearest' ? nearestOf(b, options.nearest, origins) : origins;
  const last = b.sub(n, 1);
  const clamped = b.emit('Max', [b.emit('Min', [positions, last]), b.constant('float32', [1], [0])]);
  // Weights fall from 1 to 0 over one element: both neighbours' for a linear Resize, one element's for the nearest.
  const distance = b.abs(b.sub(b.unsqueeze(clamped, [1]), b.unsqueeze(b.cast(range(b, from), 'float32'), [0])));
  return b.emit('Relu', [b.sub(1, distance)]);
}

function originsOf(b: Builder, coordinates: string, i: Tensor, n: Tensor, m: Tensor, ratio: Tensor): Tensor {
  const centers = () => b.div(b.add(i, 0.5), ratio);
  switch (coordinates) {
    case 'asymmetric':
      return b.div(i, ratio);
    case 'align_corners':
      return b.div(b.mul(i, b.sub(n, 1)), b.emit('Max', [b.sub(m, 1), b.constant('float32', [1], [1])]));
    case 'pytorch_half_pixel':
      return b.keep(b.sub(centers(), 0.5), b.greater(m, 1));
    default:
      return b.sub(centers(), 0.5);
  }
}

function nearestOf(b: Builder, rule: string, x: Tensor): Tensor {
  switch (rule) {
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
