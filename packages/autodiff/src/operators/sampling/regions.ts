// Pooling of regions (of interest) of feature maps. What a region's bins read is a grid of rows and columns, so that both directions are products with
// matrices: one that makes the rows of every region, one that makes its columns.
import type { Builder } from '../../builder/builder.js';
import type { Shape } from '../../model/types.js';
import { operators, type Tensor } from '../record.js';
import { range, sizeAt } from '../tensors/placing.js';
import { globalMaxGradient, lowest } from '../windows/max-pool.js';

/** The rows, or the columns, that the bins of every region read. */
interface Reading {
  /** [regions, bins, readings of a bin, size of the axis]: the weight of each element. */
  readonly weights: Tensor;
  /** Which readings there are, [regions, 1 or bins, readings]; absent: all. */
  readonly valid: Tensor | undefined;
}

interface RoiAlignCall {
  readonly X: Tensor;
  readonly rois: Tensor;
  readonly batch_indices: Tensor;
  readonly attributes: {
    readonly mode: string;
    readonly coordinate_transformation_mode: string;
    readonly sampling_ratio: number;
    readonly spatial_scale: number;
    readonly output_height: number;
    readonly output_width: number;
  };
}

/** Bounds of the regions along an axis, [regions, 1, 1]. */
function bound(b: Builder, rois: Tensor, column: number): Tensor {
  return b.reshape(b.slice(rois, [column], [column + 1], [1]), [-1, 1, 1]);
}

function counting(b: Builder, count: Tensor, like: Tensor): Tensor {
  return b.cast(range(b, count), like.type);
}

/** The largest of one number a region, at least 1, as a list of one integer. */
function largest(b: Builder, numbers: Tensor): Tensor {
  const all = b.concat([b.reshape(numbers, [-1]), b.filled([1], [1], numbers)], 0);
  return b.cast(b.max(all, [0]), 'int64');
}

/** 1 where an element is the one at a position, 0 elsewhere: one axis more than the positions have. */
function oneHot(b: Builder, position: Tensor, size: Tensor): Tensor {
  const rank = position.shape!.length;
  return b.cast(b.equal(b.unsqueeze(position, [rank]), counting(b, size, position)), position.type);
}

/** What RoiAlign reads along an axis (0: rows, 1: columns): points between the elements, evenly spread over each bin. */
function alignedReading(
  b: Builder,
  call: RoiAlignCall,
  axis: number,
): Reading & { readonly points: Tensor | undefined } {
  const { X, attributes } = call;
  const { sampling_ratio: ratio, spatial_scale, mode } = attributes;
  const bins = axis === 0 ? attributes.output_height : attributes.output_width;
  const isHalf = attributes.coordinate_transformation_mode === 'half_pixel';
  const rois = X.type === 'float64' ? b.cast(call.rois, 'float64') : b.cast(call.rois, 'float32');
  const place = (column: number) => {
    const scaled = b.mul(bound(b, rois, column), spatial_scale);
    return isHalf ? b.sub(scaled, 0.5) : scaled;
  };
  const [start, end] = [place(1 - axis), place(3 - axis)];
  const whole = b.sub(end, start);
  const length = isHalf ? whole : b.emit('Max', [whole, b.filled([1], [1], whole)]);
  const bin = b.div(length, bins);
  const wanted = ratio > 0 ? undefined : b.emit('Ceil', [bin]);
  const points = wanted && b.emit('Max', [wanted, b.filled([1], [1], wanted)]);
  const count = points ? largest(b, points) : b.integers([ratio]);
  const steps = counting(b, count, rois);
  const first = b.add(start, b.mul(bin, b.filled([...new Array(bins).keys()], [bins, 1], rois)));
  const position = b.add(first, b.div(b.mul(b.add(steps, 0.5), bin), points ?? ratio));
  const weights = mode === 'max' ? corners(b, position, X, axis) : hats(b, position, X, axis);
  const valid = wanted && b.less(steps, wanted);
  return { weights, points, valid: valid && mode === 'max' ? b.concat([valid, valid], 2) : valid };
}

/** Positions clamped to the axis, and whether they are less than one element outside. */
function clamped(b: Builder, position: Tensor, X: Tensor, axis: number) {
  const size = sizeAt(b, X, axis + 2);
  const real = b.cast(size, position.type);
  const zero = b.filled([0], [1], position);
  const at = b.emit('Max', [b.emit('Min', [position, b.sub(real, 1)]), zero]);
  const isNear = b.neither(b.less(position, -1), b.greater(position, real));
  return { at, size, isNear };
}

/** Linear interpolation: the weights of both neighbours. */
function hats(b: Builder, position: Tensor, X: Tensor, axis: number): Tensor {
  const { at, size, isNear } = clamped(b, position, X, axis);
  const distance = b.abs(b.sub(b.unsqueeze(at, [3]), counting(b, size, position)));
  return b.keep(b.emit('Relu', [b.sub(1, distance)]), b.unsqueeze(isNear, [3]));
}

/** The same with each neighbour by itself: onnxruntime takes the maximum over the weighted neighbours, not over their sums. */
function corners(b: Builder, position: Tensor, X: Tensor, axis: number): Tensor {
  const { at, size, isNear } = clamped(b, position, X, axis);
  const low = b.emit('Floor', [at]);
  const last = b.sub(b.cast(size, position.type), 1);
  const high = b.emit('Min', [b.add(low, 1), last]);
  const rest = b.sub(at, low);
  const weighted = (neighbour: Tensor, weight: Tensor) =>
    b.mul(oneHot(b, neighbour, size), b.unsqueeze(b.keep(weight, isNear), [3]));
  return b.concat([weighted(low, b.sub(1, rest)), weighted(high, rest)], 2);
}

/** Readings of every region as products of matrices, from the left for rows and from the right for columns; their numbers as lists of one integer. */
interface Matrices {
  /** [regions * tall, batch * height]. */
  readonly rows: Tensor;
  /** [regions, wide, width]. */
  readonly columns: Tensor;
  readonly regions: Tensor;
  readonly tall: Tensor;
  readonly wide: Tensor;
}

/** @param batch which picture each region lies in, integers [regions] */
function matricesOf(b: Builder, X: Tensor, batch: Tensor, vertical: Tensor, horizontal: Tensor): Matrices {
  const [n, , h, w] = sizesOf(b, X);
  const regions = sizeAt(b, vertical, 0);
  const [tall, wide] = [vertical, horizontal].map((each) => b.mul(sizeAt(b, each, 1), sizeAt(b, each, 2))) as [
    Tensor,
    Tensor,
  ];
  const columns = b.reshape(horizontal, b.concat([regions, wide, w], 0));
  const shape = b.concat([b.mul(regions, tall), b.mul(n, h)], 0);
  if (X.shape![0] === 1) return { rows: b.reshape(vertical, shape), columns, regions, tall, wide };
  const isIn = b.cast(b.equal(b.unsqueeze(b.cast(batch, 'int64'), [1]), range(b, n)), vertical.type);
  const spread = b.mul(b.unsqueeze(isIn, [1, 2, 4]), b.unsqueeze(vertical, [3]));
  return { rows: b.reshape(spread, shape), columns, regions, tall, wide };
}

function sizesOf(b: Builder, X: Tensor): [n: Tensor, c: Tensor, h: Tensor, w: Tensor] {
  return [sizeAt(b, X, 0), sizeAt(b, X, 1), sizeAt(b, X, 2), sizeAt(b, X, 3)];
}

/** What every region reads, [regions, tall, channels, wide]. */
function read(b: Builder, X: Tensor, { rows, columns, regions, tall, wide }: Matrices): Tensor {
  const [n, c, h, w] = sizesOf(b, X);
  const flat = b.reshape(b.transpose(X, [0, 2, 1, 3]), b.concat([b.mul(n, h), b.mul(c, w)], 0));
  const strips = b.reshape(b.matmul(rows, flat), b.concat([regions, b.mul(tall, c), w], 0));
  return b.reshape(b.matmul(strips, b.transpose(columns, [0, 2, 1])), b.concat([regions, tall, c, wide], 0));
}

/** The way back, from the cotangent of what was read to that of the feature maps. */
function unread(b: Builder, g: Tensor, X: Tensor, { rows, columns, regions, tall, wide }: Matrices): Tensor {
  const [n, c, h, w] = sizesOf(b, X);
  const strips = b.matmul(b.reshape(g, b.concat([regions, b.mul(tall, c), wide], 0)), columns);
  const flat = b.reshape(strips, b.concat([b.mul(regions, tall), b.mul(c, w)], 0));
  const sum = b.matmul(b.transpose(rows, [1, 0]), flat);
  return b.transpose(b.reshape(sum, b.concat([n, h, c, w], 0)), [0, 2, 1, 3]);
}

/** The cotangent of feature maps of which every bin takes the largest reading: it goes to the first one. */
function largestBack(b: Builder, g: Tensor, X: Tensor, batch: Tensor, vertical: Reading, horizontal: Reading): Tensor {
  const real = (tensor: Tensor) => b.cast(tensor, X.type);
  const matrices = matricesOf(b, X, batch, real(vertical.weights), real(horizontal.weights));
  const [regions, high, inHeight] = sizesOf(b, vertical.weights);
  const [, wide, inWidth] = sizesOf(b, horizontal.weights);
  const channels = sizeAt(b, X, 1);
  const apart = b.reshape(read(b, X, matrices), b.concat([regions, high, inHeight, channels, wide, inWidth], 0));
  // [regions, high, channels, wide, readings in height, readings in width]
  const binned = b.transpose(apart, [0, 1, 3, 4, 2, 5]);
  const masks = [
    vertical.valid && b.unsqueeze(vertical.valid, [2, 3, 5]),
    horizontal.valid && b.unsqueeze(horizontal.valid, [1, 2, 4]),
  ];
  const valid = masks.reduce((both, next) => (both && next ? b.and(both, next) : (both ?? next)));
  const candidates = valid ? b.where(valid, binned, lowest(X.type)) : binned;
  const bins = b.mul(b.mul(regions, high), b.mul(channels, wide));
  const flat = b.reshape(candidates, b.concat([b.integers([1]), bins, b.mul(inHeight, inWidth)], 0));
  const cotangent = b.reshape(b.transpose(g, [0, 2, 1, 3]), b.concat([b.integers([1]), bins, b.integers([1])], 0));
  const won = b.reshapeLike(globalMaxGradient(b, flat, b.max(flat, [2]), cotangent), candidates);
  const own = valid ? b.keep(won, valid) : won;
  const back = b.reshapeLike(b.transpose(own, [0, 1, 4, 2, 3, 5]), apart);
  return unread(b, back, X, matrices);
}

/** The mean of the readings of each bin, as one row or column. */
function averaged(b: Builder, { weights, valid, points }: ReturnType<typeof alignedReading>, ratio: number): Tensor {
  const kept = valid ? b.keep(weights, b.unsqueeze(valid, [3])) : weights;
  return b.div(b.sum(kept, [2]), points ? b.unsqueeze(points, [3]) : ratio);
}

function alignBack(call: RoiAlignCall & { readonly g: Tensor; readonly b: Builder }): Tensor {
  const { g, X, batch_indices, attributes, b } = call;
  const [vertical, horizontal] = [alignedReading(b, call, 0), alignedReading(b, call, 1)];
  if (attributes.mode === 'max') return largestBack(b, g, X, batch_indices, vertical, horizontal);
  const means = [vertical, horizontal].map((reading) =>
    b.cast(averaged(b, reading, attributes.sampling_ratio), X.type),
  );
  const matrices = matricesOf(b, X, batch_indices, means[0]!, means[1]!);
  return unread(b, b.transpose(g, [0, 2, 1, 3]), X, matrices);
}

interface MaxRoiPoolCall {
  readonly X: Tensor;
  readonly rois: Tensor;
  readonly attributes: { readonly pooled_shape: readonly number[] | undefined; readonly spatial_scale: number };
}

/** What MaxRoiPool reads along an axis: whole elements, from the first of each bin to the last. */
function wholeReading(b: Builder, { X, rois, attributes }: MaxRoiPoolCall, axis: number): Reading {
  const real = b.cast(rois, 'float32');
  const bins = attributes.pooled_shape![axis]!;
  // Halves away from zero, as C rounds.
  const rounded = (column: number) => {
    const scaled = b.mul(bound(b, real, column), attributes.spatial_scale);
    const away = b.emit('Floor', [b.add(b.abs(scaled), 0.5)]);
    return b.where(b.less(scaled, 0), b.neg(away), away);
  };
  const [start, end] = [rounded(2 - axis), rounded(4 - axis)];
  const length = b.emit('Max', [b.add(b.sub(end, start), 1), b.filled([1], [1], real)]);
  const bin = b.div(length, bins);
  const edges = (from: number) =>
    b.filled(
      Array.from({ length: bins }, (_, at) => at + from),
      [bins, 1],
      real,
    );
  const size = sizeAt(b, X, axis + 2);
  const zero = b.filled([0], [1], real);
  const inside = (at: Tensor) => b.emit('Max', [b.emit('Min', [b.add(at, start), b.cast(size, 'float32')]), zero]);
  const first = inside(b.emit('Floor', [b.mul(edges(0), bin)]));
  const beyond = inside(b.emit('Ceil', [b.mul(edges(1), bin)]));
  const steps = counting(b, largest(b, b.sub(beyond, first)), real);
  const position = b.add(first, steps);
  return { weights: oneHot(b, position, size), valid: b.less(position, beyond) };
}

function regionShape(X: Tensor, rois: Tensor, high: number, wide: number): Shape | undefined {
  return [rois.shape?.[0] ?? '?', X.shape?.[1] ?? '?', high, wide];
}

/** Bins along an axis that are written out. */
const MOST_BINS = 1024;

function unsupported(
  { X, rois }: { readonly X: Tensor; readonly rois: Tensor },
  bins: readonly number[],
): string | undefined {
  if (X.shape?.length !== 4) return `its input "${X.name}" is not known to have four axes`;
  if (rois.shape && rois.shape.length !== 2) return `its regions "${rois.name}" do not have two axes`;
  return bins.length === 2 && bins.every((count) => count >= 1 && count <= MOST_BINS)
    ? undefined
    : `its bins (${bins}) are not between 1 and ${MOST_BINS} along each of two axes`;
}

export const regions = operators({
  RoiAlign: {
    shape: ({ X, rois, attributes: { output_height, output_width } }) =>
      regionShape(X, rois, output_height, output_width),
    unsupported: (call) => unsupported(call, [call.attributes.output_height, call.attributes.output_width]),
    grad: { X: alignBack },
    kink: 'max: the first of equal readings; the regions have no gradient, as in torchvision',
    note: 'max is what onnxruntime computes, the largest weighted neighbour of a point, not the largest interpolated value that ONNX means',
  },
  MaxRoiPool: {
    shape: ({ X, rois, attributes: { pooled_shape } }) =>
      pooled_shape && regionShape(X, rois, pooled_shape[0]!, pooled_shape[1]!),
    unsupported: (call) => unsupported(call, call.attributes.pooled_shape ?? []),
    grad: {
      X: (call) => {
        const { g, X, rois, b } = call;
        const batch = b.reshape(b.slice(rois, [0], [1], [1]), [-1]);
        return largestBack(b, g, X, batch, wholeReading(b, call, 0), wholeReading(b, call, 1));
      },
    },
    kink: 'the first of equal elements; 0 for an empty bin',
  },
});
