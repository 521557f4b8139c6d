import type { Builder } from '../../builder/builder.js';
import type { Dimension, Shape } from '../../model/types.js';
import { sharedBy } from '../limits.js';
import { operators, type Tensor } from '../record.js';
import { mapDimension, numbersOf, productOf, quotientOf, resolveAxis, unknownRank } from '../shapes.js';
import { elementAt, known, mapPositions } from './elements.js';
import { place, sizeAt } from './placing.js';

/** The sum of sizes along the axis of a concatenation. */
function sumOf(sizes: readonly Dimension[]): Dimension {
  const some = sizes.filter((size) => size !== 0);
  if (some.length === 1) return some[0]!;
  return some.every((size) => typeof size === 'number') ? some.reduce((total, size) => total + size, 0) : '?';
}

interface SplitCall {
  readonly input: Tensor;
  readonly split: Tensor | undefined;
  readonly attributes: { readonly axis: number };
  readonly outputCount: number;
}

/** The shape of each part; without sizes the parts are equal, the last one smaller where they cannot be. */
function splitShapes({ input: { shape }, split, attributes: { axis }, outputCount }: SplitCall) {
  if (!shape) return undefined;
  const at = resolveAxis(axis, shape.length);
  const total = shape[at] ?? '?';
  const part = mapDimension(total, (size) => Math.ceil(size / outputCount));
  return Array.from({ length: outputCount }, (_, index) => {
    const size = split
      ? (split.value?.[index] ?? '?')
      : typeof part === 'number' && typeof total === 'number'
        ? Math.min(part, Math.max(0, total - index * part))
        : quotientOf([total], [outputCount]);
    return shape.map((other, dimension) => (dimension === at ? size : other));
  });
}

/** The sizes that Tile's result is seen in: for each repeated axis how often, then its own. */
function tiled(repeats: Tensor, shape: Shape | undefined, b: Builder, X: Tensor) {
  const times = numbersOf(repeats);
  const axes = (shape ?? []).map((_, axis) => axis).filter((axis) => times?.[axis] !== 1);
  const sizes = (shape ?? []).flatMap((_, axis) => [
    ...(axes.includes(axis) ? [b.slice(repeats, [axis], [axis + 1], [0])] : []),
    b.gather(b.shape(X), [axis], 0),
  ]);
  // The axis that counts repeats comes to stand before the repeated one, behind those inserted for axes to its left.
  return { sizes: b.concat(sizes, 0), axes: axes.map((axis, earlier) => axis + earlier) };
}

/** Sizes of [N, blocks², C / blocks², H, W] in any order of axes: numbers where they are known. */
function blockSizes(b: Builder, x: Tensor, blocksize: number, divided: 'channels' | 'space') {
  const size = (axis: number) => b.gather(b.shape(x), [axis], 0);
  const over = (axis: number, by: number) => b.div(size(axis), b.integers([by]));
  return divided === 'channels'
    ? { n: size(0), c: over(1, blocksize ** 2), h: size(2), w: size(3), k: b.integers([blocksize]) }
    : { n: size(0), c: size(1), h: over(2, blocksize), w: over(3, blocksize), k: b.integers([blocksize]) };
}

/** Where the parts of a concatenation begin, and the last one ends. */
const boundaries = new WeakMap<object, readonly Tensor[]>();

/** Operators that take a tensor apart, put it together, or repeat it, in blocks. */
export const blocks = operators({
  Concat: {
    shape: ({ inputs, attributes: { axis } }) => {
      const shapes = inputs.map((input) => input?.shape);
      const first = shapes.find((shape) => shape !== undefined);
      if (!first) return undefined;
      const at = resolveAxis(axis ?? 0, first.length);
      return first.map((_, dimension) => {
        const sizes = shapes.map((shape) => shape?.[dimension] ?? '?');
        if (dimension === at) return sumOf(sizes);
        return sizes.find((size) => typeof size === 'number') ?? sizes.find((size) => size !== '?') ?? '?';
      });
    },
    value: ({ inputs, attributes: { axis } }) => {
      const parts = inputs.map(known);
      if (!parts.every((part) => part !== undefined)) return undefined;
      const shape = parts[0]?.shape ?? [];
      const at = resolveAxis(axis ?? 0, shape.length);
      // Row by row of the elements before the axis, the run of each part that belongs to the row.
      const rows = shape.slice(0, at).reduce((product, size) => product * size, 1);
      return Array.from({ length: rows }, (_, row) =>
        parts.map(({ value }) => value.slice((row * value.length) / rows, ((row + 1) * value.length) / rows)),
      ).flat(2);
    },
    grad: {
      inputs: ({ g, inputs, index, attributes: { axis }, b }) => {
        if (inputs.length === 1) return g;
        const rank = inputs.find((input) => input?.shape)?.shape?.length ?? g.shape?.length;
        const at = rank === undefined ? (axis ?? 0) : resolveAxis(axis ?? 0, rank);
        const bounds = sharedBy(inputs, boundaries, () => {
          let end = b.integers([0]);
          const ends = inputs.map((input) => {
            end = b.add(end, b.gather(b.shape(input!), [at], 0));
            return end;
          });
          return [b.integers([0]), ...ends];
        });
        return b.reshapeLike(b.slice(g, bounds[index]!, bounds[index + 1]!, [at]), inputs[index]!);
      },
    },
  },
  Split: {
    type: ({ input, outputCount }) => new Array(outputCount).fill(input.type),
    shape: splitShapes,
    grad: {
      input: ({ input, cotangents, outputs, attributes, b }) => {
        const axis = resolveAxis(attributes.axis, input.shape!.length);
        const whole = sizeAt(b, input, axis);
        const zero = b.integers([0]);
        // Neighbours that have a cotangent are joined, and each run put in its place.
        const runs: { start: Tensor; parts: Tensor[] }[] = [];
        outputs.reduce((start, output, index) => {
          const g = cotangents[index];
          if (g && index > 0 && cotangents[index - 1]) runs.at(-1)!.parts.push(g);
          else if (g) runs.push({ start, parts: [g] });
          return b.add(start, sizeAt(b, output, axis));
        }, zero);
        return runs
          .map(({ start, parts }) => {
            const run = b.concat(parts, axis);
            if (parts.length === outputs.length) return b.reshapeLike(run, input);
            return place(b, run, input, [{ axis, size: whole, start, step: 1 }]);
          })
          .reduce((total, run) => b.add(total, run));
      },
    },
    unsupported: ({ input }) => unknownRank(input),
  },
  Tile: {
    shape: ({ input: { shape }, repeats }) =>
      shape?.map((size, axis) => {
        const times = repeats.value?.[axis];
        return times === undefined ? '?' : productOf([size, times]);
      }),
    value: ({ input, repeats }) => {
      const [from, times] = [known(input), numbersOf(repeats)];
      if (!from || !times) return undefined;
      return mapPositions(
        from.shape.map((size, axis) => size * times[axis]!),
        (position) =>
          elementAt(
            from,
            position.map((at, axis) => at % from.shape[axis]!),
          ),
      );
    },
    unsupported: ({ input }) => unknownRank(input),
    grad: {
      input: ({ g, input, repeats, b }) => {
        const { sizes, axes } = tiled(repeats, input.shape, b, input);
        return axes.length === 0 ? g : b.reshapeLike(b.sum(b.reshape(g, sizes), axes, false), input);
      },
    },
  },
  DepthToSpace: {
    shape: ({ input: { shape }, attributes: { blocksize: k = 1 } }) =>
      shape && [
        shape[0] ?? '?',
        quotientOf([shape[1] ?? '?'], [k * k]),
        productOf([shape[2] ?? '?', k]),
        productOf([shape[3] ?? '?', k]),
      ],
    grad: {
      input: ({ g, input, attributes: { blocksize = 1, mode }, b }) => {
        const { n, c, h, w, k } = blockSizes(b, input, blocksize, 'channels');
        const apart = b.reshape(g, b.concat([n, c, h, k, w, k], 0));
        return b.reshapeLike(b.transpose(apart, mode === 'CRD' ? [0, 1, 3, 5, 2, 4] : [0, 3, 5, 1, 2, 4]), input);
      },
    },
  },
  SpaceToDepth: {
    shape: ({ input: { shape }, attributes: { blocksize: k = 1 } }) =>
      shape && [
        shape[0] ?? '?',
        productOf([shape[1] ?? '?', k * k]),
        quotientOf([shape[2] ?? '?'], [k]),
        quotientOf([shape[3] ?? '?'], [k]),
      ],
    grad: {
      input: ({ g, input, attributes: { blocksize = 1 }, b }) => {
        const { n, c, h, w, k } = blockSizes(b, input, blocksize, 'space');
        const apart = b.reshape(g, b.concat([n, k, k, c, h, w], 0));
        return b.reshapeLike(b.transpose(apart, [0, 3, 4, 1, 5, 2]), input);
      },
    },
  },
});
