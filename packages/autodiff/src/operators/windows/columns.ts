// Col2Im adds columns of patches up to a picture (torch.nn.Fold).
import type { Builder } from '../../builder/builder.js';
import type { Shape } from '../../model/types.js';
import { MAX_RANK } from '../limits.js';
import { type Backward, type Call, operators, type Tensor } from '../record.js';
import { numbersOf, quotientOf, unknownRank } from '../shapes.js';
import { range, sizeAt } from '../tensors/placing.js';
import { irregularity, type KnownWindow, windowOf } from './window.js';

/** Elements of a block along an axis, each of which is written out. */
const LARGEST_BLOCK = 1024;

function foldedShape(call: Call<'Col2Im'>): Shape | undefined {
  const { input, image_shape } = call;
  const [blocks, space] = [numbersOf(call.block_shape), spaceOf(call)];
  if (!input.shape || space === undefined) return undefined;
  const channels = blocks ? quotientOf([input.shape[1]!], blocks) : '?';
  const sizes = Array.from({ length: space }, (_, axis) => image_shape.value?.[axis] ?? '?');
  return [input.shape[0]!, channels, ...sizes];
}

/** How many axes of space there are. */
function spaceOf({ image_shape, block_shape }: Call<'Col2Im'>): number | undefined {
  const count = image_shape.shape?.[0] ?? block_shape.shape?.[0];
  return typeof count === 'number' && count <= MAX_RANK ? count : undefined;
}

/** Strides, dilations and pads; the blocks' own sizes may be settled at run time, and stand as ones. */
function windowIn(call: Call<'Col2Im'>): KnownWindow {
  const kernel = new Array<number>(spaceOf(call)!).fill(1);
  return windowOf({ auto_pad: 'NOTSET', ...call.attributes }, kernel, []) as KnownWindow;
}

/** The elements of the padded picture that the blocks take along an axis, [elements of a block, blocks]. */
function positionsOf(b: Builder, call: Call<'Col2Im'>, axis: number): Tensor {
  const { strides, dilations, begin, end } = windowIn(call);
  const at = (list: Tensor) => b.cast(b.slice(list, [axis], [axis + 1], [0]), 'int64');
  const elements = at(call.block_shape);
  const reach = b.mul(b.sub(elements, 1), dilations[axis]!);
  const room = b.sub(b.add(at(call.image_shape), begin[axis]! + end[axis]! - 1), reach);
  const count = b.add(b.div(room, strides[axis]!), 1);
  const starts = b.mul(range(b, count), strides[axis]!);
  return b.add(b.unsqueeze(starts, [0]), b.unsqueeze(b.mul(range(b, elements), dilations[axis]!), [1]));
}

/** The way back cuts the patches out of the cotangent: along one axis after the other, and then all that a block takes next to each other. */
function unfold(call: Backward<'Col2Im'>): Tensor {
  const { g, input, b } = call;
  const { begin, end } = windowIn(call);
  const padded = b.pad(g, [0, 0, ...begin, 0, 0, ...end]);
  const cut = begin.reduceRight((x, _, axis) => b.gather(x, positionsOf(b, call, axis), axis + 2), padded);
  // [N, C, elements and blocks of the first axis, of the second, ...]
  const elements = begin.map((_, axis) => 2 + 2 * axis);
  const patches = b.transpose(cut, [0, 1, ...elements, ...elements.map((axis) => axis + 1)]);
  return b.reshape(patches, b.concat([sizeAt(b, g, 0), sizeAt(b, input, 1), sizeAt(b, input, 2)], 0));
}

export const columns = operators({
  Col2Im: {
    shape: foldedShape,
    unsupported: (call) => {
      const { input } = call;
      const unknown = unknownRank(input);
      if (unknown) return unknown;
      const space = spaceOf(call);
      if (space === undefined) return 'the number of axes of space is not known before run time';
      if (numbersOf(call.block_shape)?.some((size) => size < 1 || size > LARGEST_BLOCK))
        return `its block_shape (${call.block_shape.value}) is not between 1 and ${LARGEST_BLOCK}`;
      return irregularity(windowIn(call), { ...input, shape: new Array<number>(space + 2).fill(0) });
    },
    grad: { input: unfold },
  },
});
