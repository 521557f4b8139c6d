import type { Builder } from '../../builder/builder.js';
import type { Dimension } from '../../model/types.js';
import { operators, type Tensor } from '../record.js';
import { numbersOf, resolveAxis, TO_THE_END } from '../shapes.js';
import { elementAt, known, mapPositions } from './elements.js';
import { isWhole, type Placement, place, range, reversed, sizeAt } from './placing.js';
import { scatterElements } from './positions.js';

interface SliceCall {
  readonly data: Tensor;
  readonly starts: Tensor;
  readonly ends: Tensor;
  readonly axes: Tensor | undefined;
  readonly steps: Tensor | undefined;
}

/** One axis of a slice; bounds that are not known before run time are symbols, or '?'. */
interface AxisSlice {
  readonly axis: number;
  /** Position among the slice's axes. */
  readonly index: number;
  readonly start: Dimension;
  readonly end: Dimension;
  readonly step: Dimension;
}

/** What a slice does to each axis that it names; undefined where those are not known. */
function slicedAxes({ data: { shape }, starts, ends, axes, steps }: SliceCall): AxisSlice[] | undefined {
  const count = starts.shape?.[0] ?? axes?.shape?.[0];
  const which = axes
    ? numbersOf(axes)
    : typeof count === 'number' && count <= 64
      ? Array.from({ length: count }, (_, axis) => axis)
      : undefined;
  if (!shape || !which) return undefined;
  return which.map((axis, index) => ({
    axis: resolveAxis(axis, shape.length),
    index,
    start: starts.value?.[index] ?? '?',
    end: ends.value?.[index] ?? '?',
    step: steps ? (steps.value?.[index] ?? '?') : 1,
  }));
}

/** The first position that a slice takes of an axis and how many there are, by Python's rules for start, end and step. */
function slicePositions(length: number, start: number, end: number, step: number) {
  const bound = (index: number) => (index < 0 ? index + length : index);
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
  const clamp = (index: number) => Math.min(Math.max(bound(index), low), high);
  const first = clamp(start);
  return { first, count: Math.max(0, Math.ceil((clamp(end) - first) / step)) };
}

/** The size of an axis after its slice. */
function slicedSize(size: Dimension, { start, end, step }: AxisSlice): Dimension {
  if (typeof start === 'number' && typeof step === 'number') {
    if (typeof end === 'number' && typeof size === 'number') return slicePositions(size, start, end, step).count;
    const isForward = step === 1 && start === 0 && (end === size || (typeof end === 'number' && end >= TO_THE_END));
    const isBackward =
      step === -1 && (start === -1 || start >= TO_THE_END) && typeof end === 'number' && end <= -TO_THE_END;
    if (isForward || isBackward) return size;
  }
  return '?';
}

/** How many positions a slice takes of an axis, without touching the tensor: those it takes of a list as long as the axis. */
function countAtRunTime(b: Builder, size: Tensor, start: Tensor, end: Tensor, step: number): Tensor {
  const list = b.emit('ConstantOfShape', [size]);
  return b.shape(b.slice(list, start, end, [0], [step]));
}

/** Where an axis of a slice's result lies in the whole axis. */
function placementOf(b: Builder, g: Tensor, call: SliceCall, slice: AxisSlice): Placement {
  const { axis, index, start, end } = slice;
  const [size, length, step] = [sizeAt(b, call.data, axis), sizeAt(b, g, axis), slice.step as number];
  const placed = (lowest: Tensor | number) => ({
    axis,
    size,
    start: typeof lowest === 'number' ? b.integers([lowest]) : lowest,
    step: Math.abs(step),
  });
  const known = numbersOf(size)?.[0];
  if (typeof start === 'number' && typeof end === 'number' && known !== undefined) {
    const { first, count } = slicePositions(known, start, end, step);
    return placed(step > 0 ? first : first + (count - 1) * step);
  }
  const from =
    typeof start === 'number' ? b.integers([start]) : b.cast(b.slice(call.starts, [index], [index + 1], [0]), 'int64');
  if (step < 0) {
    const first = b.sub(countAtRunTime(b, size, from, b.integers([-(2 ** 62)]), -1), b.integers([1]));
    return placed(b.add(first, b.mul(b.sub(length, b.integers([1])), b.integers([step]))));
  }
  if (typeof start === 'number' && start >= 0) return placed(start);
  if (step === 1 && typeof end === 'number' && end >= TO_THE_END) return placed(b.sub(size, length));
  return placed(countAtRunTime(b, size, b.integers([0]), from, 1));
}

/** The way back where axes or steps are computed at run time: the numbers of the elements, sliced alike, say where each belongs. */
function throughPositions(b: Builder, call: SliceCall & { readonly g: Tensor }): Tensor {
  const { data, starts, ends, axes, steps, g } = call;
  const count = b.reshape(b.emit('Size', [data]), [1]);
  const numbers = b.reshape(range(b, count), b.shape(data));
  const taken = b.reshape(b.emit('Slice', [numbers, starts, ends, axes, steps]), [-1]);
  const zeros = b.expand(b.scalar(0, data), count);
  return b.reshape(scatterElements(b, zeros, taken, b.reshape(g, [-1]), 0), b.shape(data));
}

/** Slice takes part of a tensor. */
export const slicing = operators({
  Slice: {
    shape: (call) => {
      const sliced = slicedAxes(call);
      return sliced
        ? call.data.shape!.map((size, axis) => {
            const slice = sliced.find((one) => one.axis === axis);
            return slice ? slicedSize(size, slice) : size;
          })
        : call.data.shape?.map(() => '?');
    },
    value: (call) => {
      const [from, sliced] = [known(call.data), slicedAxes(call)];
      if (!from || !sliced) return undefined;
      const runs = from.shape.map((size, axis) => {
        const { start = 0, end = size, step = 1 } = sliced.find((one) => one.axis === axis) ?? {};
        if (typeof start !== 'number' || typeof end !== 'number' || typeof step !== 'number') return undefined;
        return { step, ...slicePositions(size, start, end, step) };
      });
      if (!runs.every((run) => run !== undefined)) return undefined;
      return mapPositions(
        runs.map(({ count }) => count),
        (position) =>
          elementAt(
            from,
            position.map((at, axis) => runs[axis]!.first + at * runs[axis]!.step),
          ),
      );
    },
    grad: {
      data: (call) => {
        const { g, y, data, b } = call;
        const sliced = slicedAxes(call);
        if (!sliced?.every(({ step }) => typeof step === 'number')) return throughPositions(b, call);
        const part = {
          ...g,
          shape: g.shape?.map((size, axis) => (typeof size === 'number' ? size : (y.shape?.[axis] ?? size))),
        };
        const backwards = sliced.filter(({ step }) => (step as number) < 0).map(({ axis }) => axis);
        const placements = sliced
          .filter(({ axis, step }) => !(Math.abs(step as number) === 1 && isWhole(part, data, axis)))
          .map((slice) => placementOf(b, part, call, slice));
        return place(b, reversed(b, part, backwards), data, placements);
      },
    },
  },
});
