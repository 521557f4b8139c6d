import { dataTypeName } from '../model/data-types.js';
import type { Dimension, Shape } from '../model/types.js';
import { operators, type Tensor } from './record.js';
import { mapDimension, numbersOf, productOf, resolveAxis, same } from './shapes.js';

/** What Reshape makes of its wish list: 0 copies a dimension, -1 is what is left over. */
function reshaped(data: Tensor, wanted: Tensor, allowZero: number): Shape | undefined {
  const list = wanted.value;
  if (!list) {
    const rank = wanted.shape?.[0];
    return typeof rank === 'number' ? new Array(rank).fill('?') : undefined;
  }
  const sizes = list.map((size, axis) => (size === 0 && !allowZero ? (data.shape?.[axis] ?? '?') : size));
  if (!sizes.includes(-1)) return sizes;
  const rest = sizes.filter((size) => size !== -1);
  return sizes.map((size) => (size === -1 ? quotient(data.shape, rest) : size));
}

/** The product of a shape divided by the product of some dimensions; symbols that stand in both cancel. */
function quotient(shape: Shape | undefined, by: readonly Dimension[]): Dimension {
  if (!shape) return '?';
  const left = [...shape];
  const divisors = by.filter((dimension) => {
    const at = typeof dimension === 'string' ? left.indexOf(dimension) : -1;
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  const [above, below] = [productOf(left), productOf(divisors)];
  if (below === 1) return above;
  if (typeof above === 'number' && typeof below === 'number' && below > 0) return above / below;
  const symbol = left.filter((dimension) => typeof dimension === 'string');
  const numbers = productOf(left.filter((dimension) => typeof dimension === 'number'));
  return symbol.length === 1 && numbers === below && symbol[0] !== undefined ? symbol[0] : '?';
}

/** Operators that move or rename elements without computing anything. */
export const structure = operators({
  Identity: { shape: same, value: ({ input }) => input.value, grad: { input: ({ g }) => g } },
  Cast: {
    shape: same,
    type: ({ attributes: { to } }) => dataTypeName(to ?? 0),
    value: ({ input }) => input.value,
    grad: { input: ({ g, input, b }) => b.cast(g, input.type) },
  },
  Constant: {},
  Shape: {
    type: () => 'int64',
    shape: ({ data: { shape }, attributes: { start, end } }) => [shape ? shape.slice(start, end).length : '?'],
    value: ({ data: { shape }, attributes: { start, end } }) => shape?.slice(start, end),
    grad: 'none',
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
    grad: { input: ({ g, input, b }) => b.reshapeLike(g, input) },
  },
  Squeeze: {
    shape: ({ data: { shape }, axes }) => {
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
      const rest = [...shape];
      return Array.from({ length: rank }, (_, axis) => (ones.has(axis) ? 1 : rest.shift()!));
    },
    value: ({ data }) => data.value,
    grad: { data: ({ g, data, b }) => b.reshapeLike(g, data) },
  },
  Transpose: {
    shape: ({ data: { shape }, attributes: { perm } }) =>
      shape && (perm?.map((axis) => shape[axis]!) ?? [...shape].reverse()),
    grad: {
      data: ({ g, attributes: { perm }, data, b }) => {
        const order = perm ?? Array.from({ length: data.shape?.length ?? 0 }, (_, axis) => axis).reverse();
        return b.transpose(
          g,
          order.map((_, axis) => order.indexOf(axis)),
        );
      },
    },
  },
  Expand: {
    shape: ({ input: { shape: from }, shape: wanted }) => {
      if (!from || !wanted.value) return undefined;
      const [a, c] = [from, wanted.value];
      const rank = Math.max(a.length, c.length);
      return Array.from({ length: rank }, (_, axis) => {
        const [x, y] = [a[axis - rank + a.length] ?? 1, c[axis - rank + c.length] ?? 1];
        return x === 1 ? y : y === 1 || x === y ? x : typeof x === 'number' ? x : typeof y === 'number' ? y : '?';
      });
    },
    grad: { input: ({ g }) => g },
  },
  Concat: {
    shape: ({ inputs, attributes: { axis } }) => {
      const shapes = inputs.map((input) => input?.shape);
      const first = shapes.find((shape) => shape !== undefined);
      if (!first) return undefined;
      const at = resolveAxis(axis ?? 0, first.length);
      return first.map((_, dimension) => {
        const sizes = shapes.map((shape) => shape?.[dimension] ?? '?');
        if (dimension === at)
          return sizes.reduce<Dimension>(
            (total, size) => mapDimension(size, (a) => (typeof total === 'number' ? total + a : Number.NaN)),
            0,
          );
        return sizes.find((size) => typeof size === 'number') ?? sizes[0]!;
      });
    },
    value: ({ inputs }) =>
      inputs.every((input) => input?.value && input.shape?.length === 1)
        ? inputs.flatMap((input) => input!.value!)
        : undefined,
    grad: {
      inputs: ({ g, inputs, index, attributes: { axis }, b }) => {
        const at = axis ?? 0;
        const start = inputs.slice(0, index).map((input) => b.sizes(input!, [at]));
        const begin = start.reduce((total, size) => b.add(total, size), b.integers([0]));
        return b.slice(g, begin, b.add(begin, b.sizes(inputs[index]!, [at])), [at]);
      },
    },
  },
});
