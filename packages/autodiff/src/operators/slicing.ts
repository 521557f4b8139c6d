import type { Builder } from '../builder/builder.js';
import type { Dimension } from '../model/types.js';
import { elementAt, known, mapPositions } from './elements.js';
import { isWhole, type Placement, place, reversed, sizeAt } from './placing.js';
import { operators, type Tensor } from './record.js';
import { mapDimension, numbersOf, resolveAxis } from './shapes.js';

/** A bound at least this large means "to the end". */
const END = 2 ** 31 - 1;

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
export function slicePositions(length: number, start: number, end: number, step: number) {
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
    const isForward = step === 1 && start === 0 && (end === size || (typeof end === 'number' && end >= END));
    const isBackward = step === -1 && (start === -1 || start >= END) && typeof end === 'number' && end <= -END;
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
  if (step === 1 && typeof end === 'number' && end >= END) return placed(b.sub(size, length));
  return placed(countAtRunTime(b, size, b.integers([0]), from, 1));
}

interface PadCall {
  readonly data: Tensor;
  readonly pads: Tensor;
  readonly axes: Tensor | undefined;
}

/** The padding before and after each axis; '?' where it is not known before run time. */
function paddings({ data: { shape }, pads, axes }: PadCall): { before: Dimension; after: Dimension }[] | undefined {
  const named = axes ? numbersOf(axes) : shape?.map((_, axis) => axis);
  if (!shape) return undefined;
  const which = named?.map((axis) => resolveAxis(axis, shape.length));
  return shape.map((_, axis) => {
    if (!which) return { before: '?', after: '?' };
    const at = which.indexOf(axis);
    if (at < 0) return { before: 0, after: 0 };
    return { before: pads.value?.[at] ?? '?', after: pads.value?.[at + which.length] ?? '?' };
  });
}

function paddedSize(size: Dimension, before: Dimension, after: Dimension): Dimension {
  if (before === 0 && after === 0) return size;
  return typeof before === 'number' && typeof after === 'number' ? mapDimension(size, (n) => n + before + after) : '?';
}

interface KnownPadding {
  readonly axis: number;
  readonly before: number;
  readonly after: number;
}

function knownPaddings(call: PadCall): KnownPadding[] | undefined {
  const all = paddings(call)?.map((padding, axis) => ({ ...padding, axis }));
  const isKnown = (padding: { before: Dimension; after: Dimension }): padding is { before: number; after: number } =>
    typeof padding.before === 'number' && typeof padding.after === 'number';
  return all?.every(isKnown) ? (all as KnownPadding[]) : undefined;
}

/** Undoes padding with a constant: cuts off what was added, and puts zeros where a negative padding had cut. */
function unpad(b: Builder, g: Tensor, rank: number, known: readonly KnownPadding[]): Tensor {
  const added = known.filter(({ before, after }) => before > 0 || after > 0);
  const inner =
    added.length === 0
      ? g
      : b.slice(
          g,
          added.map(({ before }) => Math.max(before, 0)),
          added.map(({ after }) => (after > 0 ? -after : END)),
          added.map(({ axis }) => axis),
        );
  const lost = (side: 'before' | 'after') =>
    Array.from({ length: rank }, (_, axis) => Math.max(0, -(known.find((one) => one.axis === axis)?.[side] ?? 0)));
  return b.pad(inner, [...lost('before'), ...lost('after')]);
}

/** Undoes padding with the tensor's own elements along one axis: each border is added to where its elements came from. */
function foldBorders(b: Builder, g: Tensor, { axis, before, after }: KnownPadding, mode: string, size: Tensor): Tensor {
  if (before === 0 && after === 0) return g;
  const one = b.integers([1]);
  const cut = (from: number, to: number) => b.slice(g, [from], [to], [axis]);
  const inner = cut(before, after > 0 ? -after : END);
  // `start`: where the first element of a border belongs, once it is reversed (reflect) or summed (edge).
  const borders: { part: Tensor; start: Tensor }[] = [];
  if (before > 0) {
    const part = cut(0, before);
    const start = mode === 'reflect' ? one : mode === 'edge' ? b.integers([0]) : b.sub(size, b.integers([before]));
    borders.push({ part, start });
  }
  if (after > 0) {
    const part = cut(-after, END);
    const start =
      mode === 'reflect' ? b.sub(size, b.integers([after + 1])) : mode === 'edge' ? b.sub(size, one) : b.integers([0]);
    borders.push({ part, start });
  }
  return borders.reduce((total, { part, start }) => {
    const folded = mode === 'reflect' ? reversed(b, part, [axis]) : mode === 'edge' ? b.sum(part, [axis]) : part;
    return b.add(total, place(b, folded, inner, [{ axis, size, start, step: 1 }]));
  }, inner);
}

/** Slice takes parts of a tensor, Pad puts a border around it: each is most of the other's derivative. */
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
    unsupported: (call) => {
      const sliced = slicedAxes(call);
      if (!sliced) return 'its axes, or the number of axes of its input, are computed at run time';
      return sliced.every(({ step }) => typeof step === 'number') ? undefined : 'its steps are computed at run time';
    },
    grad: {
      data: (call) => {
        const { g, y, data, b } = call;
        const part = {
          ...g,
          shape: g.shape?.map((size, axis) => (typeof size === 'number' ? size : (y.shape?.[axis] ?? size))),
        };
        const sliced = slicedAxes(call)!;
        const backwards = sliced.filter(({ step }) => (step as number) < 0).map(({ axis }) => axis);
        const placements = sliced
          .filter(({ axis, step }) => !(Math.abs(step as number) === 1 && isWhole(part, data, axis)))
          .map((slice) => placementOf(b, part, call, slice));
        return place(b, reversed(b, part, backwards), data, placements);
      },
    },
  },
  Pad: {
    shape: (call) => {
      const all = paddings(call);
      return call.data.shape?.map((size, axis) => paddedSize(size, all![axis]!.before, all![axis]!.after));
    },
    value: (call) => {
      const [from, all] = [known(call.data), knownPaddings(call)];
      const fill = call.constant_value ? call.constant_value.value?.[0] : 0;
      if (!from || !all || fill === undefined || call.attributes.mode !== 'constant') return undefined;
      return mapPositions(
        all.map(({ axis, before, after }) => from.shape[axis]! + before + after),
        (position) => {
          const source = position.map((at, axis) => at - all[axis]!.before);
          return source.every((at, axis) => at >= 0 && at < from.shape[axis]!) ? elementAt(from, source) : fill;
        },
      );
    },
    unsupported: (call) => {
      if (!call.data.shape) return 'the number of axes of its input is not known';
      if (call.attributes.mode === 'constant') return undefined;
      const all = knownPaddings(call);
      if (!all) return `its pads are computed at run time, with mode "${call.attributes.mode}"`;
      const tooWide = all.some(({ axis, before, after }) => {
        const size = call.data.shape![axis];
        return typeof size === 'number' && Math.max(before, after) > size + Math.min(before, after, 0);
      });
      return tooWide ? 'its borders are wider than its input' : undefined;
    },
    grad: {
      data: (call) => {
        const { g, data, pads, axes, attributes, b } = call;
        const known = knownPaddings(call);
        if (!known) return b.reshapeLike(b.emit('Pad', [g, b.neg(pads), undefined, axes]), data);
        if (attributes.mode === 'constant') return unpad(b, g, known.length, known);
        // A negative padding crops first; what is left is what the borders repeat.
        const crops = known.map((one) => ({ ...one, before: Math.min(one.before, 0), after: Math.min(one.after, 0) }));
        const folded = known.reduce((total, one, at) => {
          const { axis, before, after } = crops[at]!;
          const size = b.add(sizeAt(b, data, axis), b.integers([before + after]));
          const border = { axis, before: Math.max(one.before, 0), after: Math.max(one.after, 0) };
          return foldBorders(b, total, border, attributes.mode, size);
        }, g);
        return b.reshapeLike(unpad(b, folded, known.length, crops), data);
      },
      constant_value: ({ g, data, pads, axes, attributes: { mode }, b }) =>
        mode === 'constant'
          ? b.mul(g, b.emit('Pad', [b.zerosLike(data), pads, b.scalar(1, data), axes]))
          : b.scalar(0, data),
    },
  },
});
