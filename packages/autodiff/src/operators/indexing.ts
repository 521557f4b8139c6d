import type { Builder } from '../builder/builder.js';
import type { Shape } from '../model/types.js';
import { elementAt, known, mapBroadcast, mapPositions } from './elements.js';
import { place, range, reversed, sizeAt } from './placing.js';
import { operators, type Tensor } from './record.js';
import { broadcastShapes, numbersOf, productOf, resolveAxis, same } from './shapes.js';

/** The first reduction of ScatterElements and ScatterND came with this opset. */
const SCATTER_ADD = 16;

interface Gathered {
  readonly g: Tensor;
  readonly data: Tensor;
  readonly indices: Tensor;
  readonly axis: number;
}

/** Constant positions that lie in even steps, as Slice takes them. */
function evenSteps(indices: readonly number[]): { lowest: number; step: number } | undefined {
  const [first, second] = indices;
  if (first === undefined) return undefined;
  const step = second === undefined ? 1 : second - first;
  const isEven = indices.every((position, index) => position === first + index * step);
  const oneSign = indices.every((position) => position < 0 === first < 0);
  return step !== 0 && isEven && oneSign ? { lowest: Math.min(first, indices.at(-1)!), step } : undefined;
}

/** The cotangent of a Gather's result with one axis for the indices, whatever their shape is. */
function withOneAxis(b: Builder, { g, data, indices, axis }: Gathered): Tensor {
  if (indices.shape?.length === 1) return g;
  const shape = b.shape(data);
  const rank = data.shape!.length;
  const count = productOf(indices.shape ?? ['?']);
  const sizes = [
    b.slice(shape, [0], [axis], [0]),
    b.integers([typeof count === 'number' ? count : -1]),
    b.slice(shape, [axis + 1], [rank], [0]),
  ];
  return b.reshape(g, b.concat(sizes, 0));
}

/** Adds what was gathered up where it came from. */
function gatherBack(b: Builder, call: Gathered): Tensor {
  const { data, indices, axis } = call;
  const positions = numbersOf(indices);
  const even = positions && evenSteps(positions);
  const g = withOneAxis(b, call);
  const size = sizeAt(b, data, axis);
  if (even) {
    const part = even.step < 0 ? reversed(b, g, [axis]) : g;
    const lowest = b.integers([even.lowest]);
    const start = even.lowest < 0 ? b.add(size, lowest) : lowest;
    return place(b, part, data, [{ axis, size, start, step: Math.abs(even.step) }]);
  }
  const list = b.cast(b.reshape(indices, [-1]), 'int64');
  return b.opset >= SCATTER_ADD ? scatterRows(b, g, data, list, axis) : oneHotProduct(b, g, data, list, axis);
}

/** With the axis in front, rows are added by their numbers. */
function scatterRows(b: Builder, g: Tensor, data: Tensor, list: Tensor, axis: number): Tensor {
  const others = data.shape!.map((_, at) => at).filter((at) => at !== axis);
  const order = [axis, ...others];
  const shape = b.gather(b.shape(data), order, 0);
  const size = sizeAt(b, data, axis);
  const rows = b.where(b.less(list, b.integers([0])), b.add(list, size), list);
  const zeros = b.expand(b.scalar(0, data), shape);
  const sum = b.emit('ScatterND', [zeros, b.unsqueeze(rows, [1]), b.transpose(g, order)], { reduction: 'add' });
  return b.transpose(
    sum,
    order.map((_, at) => order.indexOf(at)),
  );
}

/** The same as a product with the matrix that has a 1 where a position was gathered: for opsets that cannot scatter sums. */
function oneHotProduct(b: Builder, g: Tensor, data: Tensor, list: Tensor, axis: number): Tensor {
  const size = sizeAt(b, data, axis);
  const rows = b.unsqueeze(range(b, size), [1]);
  const columns = b.unsqueeze(list, [0]);
  const hits = (from: Tensor) => b.cast(b.equal(from, columns), g.type);
  const isCounted = numbersOf(list)?.every((position) => position >= 0);
  const oneHot = isCounted ? hits(rows) : b.add(hits(rows), hits(b.sub(rows, size)));
  const trailing = data.shape!.length - axis - 1;
  const matrix =
    trailing === 1
      ? g
      : trailing === 0
        ? b.unsqueeze(g, [axis + 1])
        : b.reshape(g, [...new Array(axis + 1).fill(0), -1]);
  return b.reshapeLike(b.matmul(oneHot, matrix), data);
}

/** The sum over the gathered positions of one axis, each position of the whole compared with the indices: ScatterElements for old opsets. */
function compareAndSum(b: Builder, g: Tensor, data: Tensor, indices: Tensor, axis: number): Tensor {
  const size = sizeAt(b, data, axis);
  const rank = data.shape!.length;
  const spread = (x: Tensor) => b.unsqueeze(x, [axis]);
  const positions = b.unsqueeze(
    range(b, size),
    Array.from({ length: rank }, (_, at) => (at < axis ? at : at + 1)),
  );
  const list = spread(b.cast(indices, 'int64'));
  const hits = b.or(b.equal(list, positions), b.equal(list, b.sub(positions, size)));
  const sum = b.sum(b.where(hits, spread(g), 0), [axis + 1], false);
  const placements = data.shape!.flatMap((_, at) =>
    at === axis ? [] : [{ axis: at, size: sizeAt(b, data, at), start: b.integers([0]), step: 1 }],
  );
  return place(b, sum, data, placements);
}

/** Adds elements up where they came from along one axis. */
function scatterElementsBack(b: Builder, g: Tensor, data: Tensor, indices: Tensor, axis: number): Tensor {
  if (b.opset < SCATTER_ADD) return compareAndSum(b, g, data, indices, resolveAxis(axis, data.shape!.length));
  return b.emit('ScatterElements', [b.zerosLike(data), indices, g], { axis, reduction: 'add' });
}

const needsRank = ({ data }: { readonly data: Tensor }) =>
  data.shape ? undefined : 'the number of axes of its input is not known';

/** TopK keeps K of an axis. */
function topShape({ X, K, attributes: { axis } }: { X: Tensor; K: Tensor; attributes: { axis: number } }) {
  const at = resolveAxis(axis, X.shape?.length ?? 0);
  return X.shape?.map((size, dimension) => (dimension === at ? (K.value?.[0] ?? '?') : size));
}

interface GatherNDCall {
  readonly data: Tensor;
  readonly indices: Tensor;
  readonly attributes: { readonly batch_dims: number };
}

/** How many leading axes of `data` an index of GatherND names; undefined where that is not known. */
function indexedAxes({ indices }: GatherNDCall): number | undefined {
  const count = indices.shape?.at(-1);
  return typeof count === 'number' ? count : undefined;
}

function gatherNDShape(call: GatherNDCall): Shape | undefined {
  const { data, indices, attributes } = call;
  const count = indexedAxes(call);
  if (!data.shape || !indices.shape || count === undefined) return undefined;
  return [...indices.shape.slice(0, -1), ...data.shape.slice(attributes.batch_dims + count)];
}

/** Operators that pick elements by position. */
export const indexing = operators({
  Gather: {
    shape: ({ data: { shape }, indices, attributes: { axis } }) => {
      if (!shape || !indices.shape) return undefined;
      const at = resolveAxis(axis, shape.length);
      return [...shape.slice(0, at), ...indices.shape, ...shape.slice(at + 1)];
    },
    value: ({ data, indices, attributes: { axis } }) => {
      const [from, positions] = [known(data), numbersOf(indices)];
      if (!from || !positions) return undefined;
      const at = resolveAxis(axis, from.shape.length);
      const shape = [...from.shape.slice(0, at), positions.length, ...from.shape.slice(at + 1)];
      return mapPositions(shape, (position) =>
        elementAt(
          from,
          position.map((p, dimension) => (dimension === at ? resolveAxis(positions[p]!, from.shape[at] ?? 0) : p)),
        ),
      );
    },
    unsupported: needsRank,
    grad: {
      data: ({ g, data, indices, attributes: { axis }, b }) =>
        gatherBack(b, { g, data, indices, axis: resolveAxis(axis, data.shape!.length) }),
    },
  },
  GatherElements: {
    shape: ({ indices }) => indices.shape,
    unsupported: needsRank,
    grad: {
      data: ({ g, data, indices, attributes: { axis }, b }) => scatterElementsBack(b, g, data, indices, axis),
    },
  },
  GatherND: {
    shape: gatherNDShape,
    unsupported: (call) =>
      needsRank(call) ?? (indexedAxes(call) === undefined ? 'the length of its indices is not known' : undefined),
    /** With the indexed axes made one, and a position in each of them one number, it is a Gather. */
    lower: (call) => {
      const { data, indices, attributes, b } = call;
      const batch = attributes.batch_dims;
      const count = indexedAxes(call)!;
      const axes = Array.from({ length: batch + count }, (_, axis) => axis);
      const sizes = axes.map((axis) => sizeAt(b, data, axis));
      const rest = b.slice(b.shape(data), [axes.length], [data.shape!.length], [0]);
      const flat = b.reshape(data, b.concat([b.integers([-1]), rest], 0));
      const last = indices.shape!.length - 1;
      const whole = b.cast(indices, 'int64');
      const positions = axes.map((axis) => {
        if (axis < batch) {
          const others = Array.from({ length: last }, (_, at) => at).filter((at) => at !== axis);
          return b.unsqueeze(range(b, sizes[axis]!), others);
        }
        const given = b.squeeze(b.slice(whole, [axis - batch], [axis - batch + 1], [last]), [last]);
        return b.where(b.less(given, b.integers([0])), b.add(given, sizes[axis]!), given);
      });
      const linear = positions.reduce((sum, position, axis) => b.add(b.mul(sum, sizes[axis]!), position));
      return b.gather(flat, b.reshape(linear, b.slice(b.shape(indices), [0], [last], [0])), 0);
    },
  },
  TopK: {
    type: ({ X }) => [X.type, 'int64'],
    shape: (call) => [topShape(call), topShape(call)],
    kink: 'ties: to the elements that the runtime chose',
    grad: {
      X: ({ X, g, outputs: [, indices], attributes: { axis }, b }) =>
        b.emit('ScatterElements', [b.zerosLike(X), indices, g], { axis }),
    },
  },
  Where: {
    type: ({ X }) => X.type,
    shape: ({ condition, X, Y }) =>
      condition.shape && X.shape && Y.shape && broadcastShapes(broadcastShapes(condition.shape, X.shape), Y.shape),
    value: ({ condition, X, Y }) =>
      mapBroadcast([condition, X, Y], (holds, x, y) =>
        typeof holds === 'number' ? (holds ? x! : y!) : x === y ? x! : '?',
      ),
    grad: {
      X: ({ g, condition, b }) => b.where(condition, g, 0),
      Y: ({ g, condition, b }) => b.where(b.not(condition), g, 0),
    },
  },
  CumSum: {
    shape: same,
    grad: {
      x: ({ g, axis, attributes: { exclusive, reverse }, b }) =>
        b.emit('CumSum', [g, axis], { exclusive, reverse: reverse ? 0 : 1 }),
    },
  },
  Trilu: {
    shape: same,
    grad: { input: ({ g, k, attributes: { upper }, b }) => b.emit('Trilu', [g, k], { upper }) },
  },
  ReverseSequence: {
    shape: same,
    grad: {
      input: ({ g, sequence_lens, attributes, b }) => b.emit('ReverseSequence', [g, sequence_lens], attributes),
    },
  },
});
