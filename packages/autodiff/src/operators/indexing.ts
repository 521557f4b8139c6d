import { operators } from './record.js';
import { mapDimension, numbersOf, resolveAxis } from './shapes.js';

/** Operators that pick, place or repeat parts of a tensor. */
export const indexing = operators({
  Slice: {
    shape: ({ data: { shape }, starts, ends, axes, steps }) => {
      const [from, to, by] = [numbersOf(starts), numbersOf(ends), steps ? numbersOf(steps) : []];
      const which = axes ? numbersOf(axes) : starts.value?.map((_, axis) => axis);
      if (!shape || !which) return undefined;
      const along = new Map(which.map((axis, position) => [resolveAxis(axis, shape.length), position]));
      return shape.map((size, axis) => {
        const at = along.get(axis);
        if (at === undefined) return size;
        if (!from || !to || !by) return '?';
        return mapDimension(size, (length) => slicedIndices(length, from[at]!, to[at]!, by[at] ?? 1).length);
      });
    },
    value: ({ data, starts, ends, steps }) => {
      const [from, to, by] = [numbersOf(starts), numbersOf(ends), steps ? numbersOf(steps) : [1]];
      if (!data.value || data.shape?.length !== 1 || !from || !to || !by) return undefined;
      return slicedIndices(data.value.length, from[0]!, to[0]!, by[0]!).map((index) => data.value![index]!);
    },
  },
  Gather: {
    shape: ({ data: { shape }, indices, attributes: { axis } }) => {
      if (!shape || !indices.shape) return undefined;
      const at = resolveAxis(axis, shape.length);
      return [...shape.slice(0, at), ...indices.shape, ...shape.slice(at + 1)];
    },
    value: ({ data, indices }) => {
      const list = numbersOf(indices);
      return data.shape?.length === 1 && data.value && list
        ? list.map((index) => data.value!.at(index) ?? '?')
        : undefined;
    },
  },
  Pad: {
    shape: ({ data: { shape }, pads, axes }) => {
      const list = numbersOf(pads);
      if (!shape) return undefined;
      const which = axes
        ? numbersOf(axes)?.map((axis) => resolveAxis(axis, shape.length))
        : shape.map((_, axis) => axis);
      return shape.map((size, axis) => {
        const at = which?.indexOf(axis);
        if (!list || at === undefined || !which) return '?';
        return at < 0
          ? size
          : list[at] === 0 && list[at + which.length] === 0
            ? size
            : mapDimension(size, (n) => n + list[at]! + list[at + which.length]!);
      });
    },
  },
});

/** The positions that a slice takes of an axis, by Python's rules for start, end and step. */
export function slicedIndices(length: number, start: number, end: number, step: number): number[] {
  const bound = (index: number) => (index < 0 ? index + length : index);
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
  const from = Math.min(Math.max(bound(start), step > 0 ? 0 : -1), step > 0 ? length : length - 1);
  const to = Math.min(Math.max(bound(end), low), high);
  const indices: number[] = [];
  for (let index = from; step > 0 ? index < to : index > to; index += step) indices.push(index);
  return indices;
}
