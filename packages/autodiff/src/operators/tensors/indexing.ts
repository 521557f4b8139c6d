import type { Builder } from '../../builder/builder.js';
import type { Shape } from '../../model/types.js';
import { operators, type Tensor } from '../record.js';
import { broadcastShapes, numbersOf, productOf, resolveAxis, same, unknownRank } from '../shapes.js';
import { elementAt, known, mapBroadcast, mapPositions } from './elements.js';
import { place, range, reversed, sizeAt } from './placing.js';
import { indexedAxes, linearPositions, reduceElements, scatterElements } from './positions.js';

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
  return b.opset >= SCATTER_ADD ? scatterAlong(b, g, data, list, axis) : oneHotProduct(b, g, data, list, axis);
}

/**
 * Every element is added by its position along the axis. Not by ScatterND, which would take whole rows: onnxruntime 1.30 adds the rows in several threads
 * at once, and where two fall on one place it now and then loses one.
 */
function scatterAlong(b: Builder, g: Tensor, data: Tensor, list: Tensor, axis: number): Tensor {
  const others = data.shape!.map((_, at) => at).filter((at) => at !== axis);
  const indices = b.expand(b.unsqueeze(list, others), b.shape(g));
  return reduceElements(b, b.zerosLike(data), indices, g, axis, 'add');
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
  return reduceElements(b, b.zerosLike(data), indices, g, axis, 'add');
}

const needsRank = ({ data }: { readonly data: Tensor }) => unknownRank(data);

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

function gatherNDShape(call: GatherNDCall): Shape | undefined {
  const { data, indices, attributes } = call;
  const count = indexedAxes(indices);
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
      needsRank(call) ??
      (indexedAxes(call.indices) === undefined
        ? `the length of its indices "${call.indices.name}" is not known`
        : undefined),
    /** With the indexed axes made one, and a position in each of them one number, it is a Gather. */
    lower: (call) => {
      const { data, indices, attributes, b } = call;
      const batch = attributes.batch_dims;
      const rest = b.slice(b.shape(data), [batch + indexedAxes(indices)!], [data.shape!.length], [0]);
      const flat = b.reshape(data, b.concat([b.integers([-1]), rest], 0));
      return b.gather(flat, linearPositions(b, data, indices, batch), 0);
    },
  },
  Compress: {
    shape: ({ input: { shape }, attributes: { axis } }) => {
      if (axis === undefined || !shape) return axis === undefined ? ['?'] : undefined;
      const at = resolveAxis(axis, shape.length);
      return shape.map((size, each) => (each === at ? '?' : size));
    },
    unsupported: ({ input, attributes: { axis } }) => (axis === undefined ? undefined : unknownRank(input)),
    /** A Gather of the positions at which the condition holds. */
    lower: ({ input, condition, attributes: { axis }, b }) => {
      const positions = b.reshape(b.emit('NonZero', [condition]), [-1]);
      return b.gather(axis === undefined ? b.reshape(input, [-1]) : input, positions, axis ?? 0);
    },
  },
  TopK: {
    type: ({ X }) => [X.type, 'int64'],
    shape: (call) => [topShape(call), topShape(call)],
    kink: 'ties: to the elements that the runtime chose',
    grad: {
      X: ({ X, g, outputs: [, indices], attributes: { axis }, b }) =>
        scatterElements(b, b.zerosLike(X), indices!, g, axis),
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
  Unique: {
    type: ({ X }) => [X.type, 'int64', 'int64', 'int64'],
    shape: ({ X: { shape }, attributes: { axis } }) => {
      const at = axis === undefined || !shape ? undefined : resolveAxis(axis, shape.length);
      const values = at === undefined ? undefined : shape?.map((size, each) => (each === at ? '?' : size));
      return [axis === undefined ? ['?'] : values, ['?'], ['?'], ['?']];
    },
    kink: 'of equal elements: to the first',
    unsupported: ({ X, attributes: { axis } }) => (axis === undefined ? undefined : unknownRank(X)),
    /** A Gather of the first of each. */
    lower: ({ X, attributes, outputCount, b }) => {
      const indices = b.emitAll('Unique', [X], attributes, Math.max(2, outputCount))[1]!;
      return b.gather(attributes.axis === undefined ? b.reshape(X, [-1]) : X, indices, attributes.axis ?? 0);
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
