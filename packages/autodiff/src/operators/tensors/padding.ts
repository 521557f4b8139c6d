import type { Builder } from '../../builder/builder.js';
import type { Dimension, Shape } from '../../model/types.js';
import { operators, type Tensor } from '../record.js';
import { mapDimension, numbersOf, resolveAxis, TO_THE_END, unknownRank } from '../shapes.js';
import { throughMatrix } from './axis-matrix.js';
import { elementAt, known, mapPositions } from './elements.js';
import { place, range, reversed, sizeAt } from './placing.js';

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
          added.map(({ after }) => (after > 0 ? -after : TO_THE_END)),
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
  const inner = cut(before, after > 0 ? -after : TO_THE_END);
  // `start`: where the first element of a border belongs, once it is reversed (reflect) or summed (edge).
  const borders: { part: Tensor; start: Tensor }[] = [];
  if (before > 0) {
    const part = cut(0, before);
    const start = mode === 'reflect' ? one : mode === 'edge' ? b.integers([0]) : b.sub(size, b.integers([before]));
    borders.push({ part, start });
  }
  if (after > 0) {
    const part = cut(-after, TO_THE_END);
    const start =
      mode === 'reflect' ? b.sub(size, b.integers([after + 1])) : mode === 'edge' ? b.sub(size, one) : b.integers([0]);
    borders.push({ part, start });
  }
  return borders.reduce((total, { part, start }) => {
    const folded = mode === 'reflect' ? reversed(b, part, [axis]) : mode === 'edge' ? b.sum(part, [axis]) : part;
    return b.add(total, place(b, folded, inner, [{ axis, size, start, step: 1 }]));
  }, inner);
}

/** Whether borders of the tensor's own elements are wider than what they repeat, or could be. */
function areWide({ data: { shape } }: PadCall, known: readonly KnownPadding[]): boolean {
  return known.some(({ axis, before, after }) => {
    const size = shape![axis];
    return typeof size === 'number' && Math.max(before, after) > size + Math.min(before, after, 0);
  });
}

/** The position that each one of a padded axis takes its element from; `lost` is what a negative padding cuts off before. */
function sourcesOf(b: Builder, mode: string, at: Tensor, size: Tensor, lost: Tensor): Tensor {
  const last = b.sub(size, 1);
  const wrapped = (period: Tensor) => b.emit('Mod', [at, period]);
  if (mode === 'edge') {
    const above = b.where(b.less(at, size), at, last);
    return b.add(b.where(b.less(above, 0), 0, above), lost);
  }
  if (mode === 'wrap') return b.add(wrapped(size), lost);
  // There and back again; a single element has no way to go.
  const way = b.mul(last, 2);
  const within = wrapped(b.where(b.greater(way, 0), way, 1));
  return b.add(b.sub(last, b.abs(b.sub(within, last))), lost);
}

/** Undoes padding with the tensor's own elements by amounts computed at run time: each axis is a product with the matrix of what came from where. */
function throughPositions(
  b: Builder,
  call: PadCall & { readonly g: Tensor; readonly attributes: { readonly mode: string } },
): Tensor {
  const { g, data, pads, axes, attributes } = call;
  const rank = data.shape!.length;
  const which = (axes ? numbersOf(axes)! : data.shape!.map((_, axis) => axis)).map((axis) => resolveAxis(axis, rank));
  const amount = (at: number) => b.cast(b.slice(pads, [at], [at + 1], [0]), 'int64');
  const positive = (x: Tensor) => b.where(b.greater(x, 0), x, 0);
  const back = which.reduceRight((x, axis, at) => {
    const [before, after] = [amount(at), amount(at + which.length)];
    if ([before, after].every((pad) => numbersOf(pad)?.[0] === 0)) return x;
    const [lost, whole] = [positive(b.neg(before)), sizeAt(b, data, axis)];
    // A negative padding crops first; what is left is what the borders repeat.
    const left = b.sub(b.sub(whole, lost), positive(b.neg(after)));
    const at0 = b.sub(range(b, sizeAt(b, g, axis)), positive(before));
    const sources = sourcesOf(b, attributes.mode, at0, left, lost);
    const isFrom = b.equal(b.unsqueeze(sources, [1]), b.unsqueeze(range(b, whole), [0]));
    return throughMatrix(b, x, data, axis, b.cast(isFrom, g.type));
  }, g);
  return b.reshapeLike(back, data);
}

interface CenterCall {
  readonly input_data: Tensor;
  readonly shape: Tensor;
  readonly attributes: { readonly axes: readonly number[] | undefined };
}

/** The axes that CenterCropPad brings to a size; undefined where the rank is not known. */
function centeredAxes({ input_data, attributes }: CenterCall): number[] | undefined {
  const { shape } = input_data;
  return shape && (attributes.axes ?? shape.map((_, axis) => axis)).map((axis) => resolveAxis(axis, shape.length));
}

function centeredShape(call: CenterCall): Shape | undefined {
  const axes = centeredAxes(call);
  return call.input_data.shape?.map((size, axis) => {
    const at = axes!.indexOf(axis);
    return at < 0 ? size : (call.shape.value?.[at] ?? '?');
  });
}

/** Pad puts a border around a tensor. */
export const padding = operators({
  CenterCropPad: {
    shape: centeredShape,
    unsupported: ({ input_data }) => unknownRank(input_data),
    /** One Pad, of negative borders where there is too much: an odd one goes, or is put, behind. */
    lower: (call) => {
      const { input_data, shape, b } = call;
      const axes = centeredAxes(call)!;
      const wanted = b.cast(shape, 'int64');
      const missing = b.sub(wanted, b.sizes(input_data, axes));
      // The division cuts off, for what is missing and for what is too much alike.
      const before = b.div(missing, 2);
      const pads = b.concat([before, b.sub(missing, before)], 0);
      return b.emit('Pad', [input_data, pads, undefined, b.integers(axes)]);
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
    unsupported: ({ data, axes, ...call }) => {
      const unknown = unknownRank(data);
      if (unknown) return unknown;
      if (call.attributes.mode !== 'constant' && axes && !numbersOf(axes))
        return `its axes are computed at run time, with mode "${call.attributes.mode}"`;
      return undefined;
    },
    grad: {
      data: (call) => {
        const { g, data, pads, axes, attributes, b } = call;
        const known = knownPaddings(call);
        const isPlain = attributes.mode === 'constant';
        if (!known && isPlain) return b.reshapeLike(b.emit('Pad', [g, b.neg(pads), undefined, axes]), data);
        if (!known || (!isPlain && areWide(call, known))) return throughPositions(b, call);
        if (isPlain) return unpad(b, g, known.length, known);
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
