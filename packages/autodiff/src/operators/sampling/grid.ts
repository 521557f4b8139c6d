// Sampling by a grid of positions, as spatial transformers and deformable attention do.
import type { Builder } from '../../builder/builder.js';
import type { Shape } from '../../model/types.js';
import { type Backward, operators, type Tensor } from '../record.js';
import { TO_THE_END, unknownRank } from '../shapes.js';
import { between, isSampling, realSize, type Sampling, sample, type Taps, tapsAt } from './sampling.js';

interface GridSampleCall {
  readonly X: Tensor;
  readonly grid: Tensor;
  readonly attributes: { readonly mode: string; readonly padding_mode: string; readonly align_corners: number };
}

const PADDINGS = ['zeros', 'border', 'reflection'];

function sampledShape({ X, grid }: GridSampleCall): Shape | undefined {
  if (!X.shape || !grid.shape) return undefined;
  return [...X.shape.slice(0, 2), ...grid.shape.slice(1, -1)];
}

/** The positions of a grid along one axis, [batch, samples], in elements of the axis: -1 and 1 are the ends, or the centers of the end elements. */
function positionsOf(b: Builder, grid: Tensor, component: number, last: Tensor, aligned: boolean): Tensor {
  const rank = grid.shape!.length;
  const one = b.slice(grid, [component], [component + 1], [rank - 1]);
  const g = b.reshape(one, [0, -1]);
  if (aligned) return b.mul(b.mul(b.add(g, 1), 0.5), last);
  const size = b.add(last, 1);
  return b.mul(b.sub(b.mul(b.add(g, 1), size), 1), 0.5);
}

/** Positions thrown back at the ends until they are inside: a triangle wave. */
function reflected(b: Builder, x: Tensor, last: Tensor, aligned: boolean): Tensor {
  const edge = aligned ? 0 : -0.5;
  // One element that reflects onto itself has no length: any period will do.
  const span = aligned ? b.emit('Max', [last, b.filled([0.5], [1], last)]) : b.add(last, 1);
  const from = b.sub(x, edge);
  const period = b.mul(span, 2);
  const within = b.sub(from, b.mul(period, b.emit('Floor', [b.div(from, period)])));
  return b.add(b.sub(span, b.abs(b.sub(within, span))), edge);
}

/** The taps along one axis, padded as the mode says. A cubic's taps are moved inside one by one, any other position before its neighbours are sought. */
function gridTaps(b: Builder, x: Tensor, last: Tensor, { attributes }: GridSampleCall): Taps {
  const { mode, padding_mode, align_corners } = attributes;
  const sampling = mode as Sampling;
  const position = mode === 'nearest' ? b.emit('Round', [x]) : x;
  if (padding_mode === 'zeros') return tapsAt(b, sampling, position, last, 'zeros');
  const inside = (at: Tensor) =>
    between(b, padding_mode === 'border' ? at : reflected(b, at, last, align_corners === 1), last);
  return mode === 'cubic'
    ? tapsAt(b, sampling, position, last, 'clamped', inside)
    : tapsAt(b, sampling, inside(position), last, 'clamped');
}

function lowerGridSample(call: GridSampleCall & { readonly b: Builder }): Tensor {
  const { X, b, attributes } = call;
  const aligned = attributes.align_corners === 1;
  // Half precision cannot tell the elements of a long axis apart.
  const grid = call.grid.type === 'float64' ? call.grid : b.cast(call.grid, 'float32');
  const space = grid.shape!.length - 2;
  const lasts = Array.from({ length: space }, (_, axis) => b.sub(realSize(b, X, axis + 2, grid), 1));
  // The grid names the last axis first.
  const positions = lasts.map((last, axis) => positionsOf(b, grid, space - 1 - axis, last, aligned));
  const taps = positions.map((x, axis) => gridTaps(b, x, lasts[axis]!, call));
  const samples = sample(b, X, taps);
  const sizes = grid.shape!.slice(1, -1).map((_, axis) => axis + 1);
  return b.reshape(samples, b.concat([b.sizes(X, [0, 1]), b.sizes(grid, sizes)], 0));
}

/** A transformed grid is linear in the transform: every position of the plain grid, with a 1 behind it, times that. The plain one is the identity's. */
function thetaGradient({ g, theta, size, attributes, b }: Backward<'AffineGrid'>): Tensor {
  const space = (theta.shape![1] as number | undefined)!;
  const identity = Array.from({ length: space * (space + 1) }, (_, at) => (at % (space + 2) === 0 ? 1 : 0));
  const one = b.concat([b.integers([1]), b.slice(size, [1], [TO_THE_END], [0])], 0);
  const plain = b.emit('AffineGrid', [b.filled(identity, [1, space, space + 1], theta), one], attributes);
  const positions = b.reshape(plain, [-1, space]);
  const ones = b.expand(b.scalar(1, theta), b.concat([b.sizes(positions, [0]), b.integers([1])], 0));
  const rows = b.transpose(b.reshape(g, [0, -1, space]), [0, 2, 1]);
  return b.matmul(rows, b.concat([positions, ones], 1));
}

/** Operators that read a tensor at the positions of a grid, or make such a grid. */
export const grid = operators({
  GridSample: {
    shape: sampledShape,
    unsupported: ({ X, grid, attributes: { mode, padding_mode } }) => {
      const unknown = unknownRank(X, grid);
      if (unknown) return unknown;
      const rank = X.shape!.length;
      if (rank < 3 || grid.shape!.length !== rank) return `its grid is not for ${rank - 2} axes of space`;
      if (!isSampling(mode)) return `its mode "${mode}" is not one of ONNX`;
      return PADDINGS.includes(padding_mode) ? undefined : `its padding_mode "${padding_mode}" is not one of ONNX`;
    },
    lower: lowerGridSample,
    kink: 'at whole positions: the slope behind; on the border and beyond it, and of nearest positions: 0 for the grid',
    note: 'cubic in two dimensions only, as onnxruntime has it',
  },
  AffineGrid: {
    shape: ({ theta, size }) => {
      const space = theta.shape?.[1];
      if (space !== 2 && space !== 3) return undefined;
      const sizes = Array.from({ length: space }, (_, axis) => size.value?.[axis + 2] ?? '?');
      return [theta.shape![0]!, ...sizes, space];
    },
    unsupported: ({ theta }) =>
      theta.shape?.[1] === 2 || theta.shape?.[1] === 3
        ? undefined
        : `whether its input "${theta.name}" is for two dimensions or for three is not known before run time`,
    grad: { theta: thetaGradient },
    note: 'an axis of one element lies at 1 with align_corners, as in onnxruntime, at 0 in PyTorch',
  },
});
