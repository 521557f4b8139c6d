import { dataTypeName } from '../../model/data-types.js';
import type { DataType, Dimension, Shape } from '../../model/types.js';
import { operators, type Tensor } from '../record.js';
import { broadcastShapes, numbersOf, productOf, quotientOf, resolveAxis, same } from '../shapes.js';
import { broadcastElement, elementAt, known, mapPositions } from './elements.js';

/** What Reshape makes of its wish list: 0 copies a dimension, -1 is what is left over. */
function reshaped(data: Tensor, wanted: Tensor, allowZero: number): Shape | undefined {
  const list = wanted.value;
  if (!list) return unknownShape(wanted.shape?.[0]);
  const sizes = list.map((size, axis) => (size === 0 && !allowZero ? (data.shape?.[axis] ?? '?') : size));
  const rest = sizes.filter((size) => size !== -1);
  return sizes.map((size) => (size === -1 ? quotientOf(data.shape ?? ['?'], rest) : size));
}

/** A shape of which only the number of axes is known. */
function unknownShape(rank: Dimension | undefined): Shape | undefined {
  return typeof rank === 'number' && rank <= 64 ? new Array(rank).fill('?') : undefined;
}

/** The elements of a tensor in another type; a size that is not known yet survives only where the type surely holds it. */
function converted({ value }: Tensor, to: DataType): readonly Dimension[] | undefined {
  const isWhole = to.includes('int');
  const holdsSizes = ['int64', 'int32', 'float32', 'float64'].includes(to);
  return value?.map((element) => {
    if (typeof element === 'string') return holdsSizes ? element : '?';
    return isWhole ? Math.trunc(element) : element;
  });
}

/** The order of axes that a Transpose makes; reversed where it names none. */
function permutation(perm: readonly number[] | undefined, rank: number): readonly number[] {
  return perm ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
}

/** Operators that change the shape or the type of a tensor, not its elements or their order (Transpose: only their order). */
export const structure = operators({
  Identity: { shape: same, value: ({ input }) => input.value, grad: { input: ({ g }) => g } },
  Cast: {
    shape: same,
    type: ({ attributes: { to } }) => dataTypeName(to ?? 0),
    value: ({ input, attributes: { to } }) => converted(input, dataTypeName(to ?? 0)),
    grad: { input: ({ g, input, b }) => b.cast(g, input.type) },
  },
  CastLike: {
    shape: same,
    type: ({ target_type }) => target_type.type,
    value: ({ input, target_type }) => converted(input, target_type.type),
    grad: { input: ({ g, input, b }) => b.cast(g, input.type) },
  },
  Dropout: {
    shape: ({ data, outputCount }) => new Array(outputCount).fill(data.shape),
    type: ({ data }) => [data.type, 'bool'],
    unsupported: ({ training_mode: mode }) =>
      mode && numbersOf(mode)?.[0] !== 0
        ? 'it is in training mode, or may be (its training_mode is computed at run time); export the model in evaluation mode'
        : undefined,
    grad: { data: ({ g }) => g },
  },
  Reshape: {
    shape: ({ data, shape, attributes: { allowzero } }) => reshaped(data, shape, allowzero),
    value: ({ data }) => data.value,
    grad: { data: ({ g, data, b }) => b.reshapeLike(g, data) },
  },
  Flatten: {
    shape: ({ input: { shape }, attributes: { axis } }) => {
      if (!shape) return ['?', '?'];
      const at = resolveAxis(axis, shape.length);
      return [productOf(shape.slice(0, at)), productOf(shape.slice(at))];
    },
    value: ({ input }) => input.value,
    grad: { input: ({ g, input, b }) => b.reshapeLike(g, input) },
  },
  Squeeze: {
    shape: ({ data: { shape }, axes: list }) => {
      // An empty list is none: onnxruntime drops every 1 then.
      const axes = list?.shape?.[0] === 0 ? undefined : list;
      const given = numbersOf(axes)?.map((axis) => resolveAxis(axis, shape?.length ?? 0));
      if (!shape || (axes && !given) || (!axes && shape.some((size) => typeof size === 'string'))) return undefined;
      return shape.filter((size, axis) => (given ? !given.includes(axis) : size !== 1));
    },
    value: ({ data }) => data.value,
    grad: { data: ({ g, data, b }) => b.reshapeLike(g, data) },
  },
  Unsqueeze: {
    shape: ({ data: { shape }, axes }) => {
      const list = numbersOf(axes);
      if (!shape || !list) return undefined;
      const rank = shape.length + list.length;
      const ones = new Set(list.map((axis) => resolveAxis(axis, rank)));
      const rest = shape.values();
      return Array.from({ length: rank }, (_, axis) => (ones.has(axis) ? 1 : (rest.next().value ?? '?')));
    },
    value: ({ data }) => data.value,
    grad: { data: ({ g, data, b }) => b.reshapeLike(g, data) },
  },
  Transpose: {
    shape: ({ data: { shape }, attributes: { perm } }) =>
      shape && permutation(perm, shape.length).map((axis) => shape[axis] ?? '?'),
    value: ({ data, attributes: { perm } }) => {
      const from = known(data);
      if (!from) return undefined;
      const order = permutation(perm, from.shape.length);
      const to = order.map((axis) => from.shape[axis] ?? 0);
      return mapPositions(to, (position) =>
        elementAt(
          from,
          from.shape.map((_, axis) => position[order.indexOf(axis)] ?? -1),
        ),
      );
    },
    grad: {
      // Without `perm` a Transpose undoes itself.
      data: ({ g, attributes: { perm }, b }) =>
        perm
          ? b.transpose(
              g,
              perm.map((_, axis) => perm.indexOf(axis)),
            )
          : b.emit('Transpose', [g]),
    },
  },
  Expand: {
    shape: ({ input: { shape }, shape: wanted }) => {
      const to = wanted.value ?? unknownShape(wanted.shape?.[0]);
      return shape && to && broadcastShapes(shape, to);
    },
    value: ({ input, shape: wanted }) => {
      const [from, to] = [known(input), numbersOf(wanted)];
      return (
        from && to && mapPositions(broadcastShapes(from.shape, to) as number[], (at) => broadcastElement(from, at))
      );
    },
    grad: { input: ({ g }) => g },
  },
});
