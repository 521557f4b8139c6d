// Col2Im adds columns of patches up to a picture (torch.nn.Fold).
import type { Builder } from '../builder/builder.js';
import type { Shape } from '../model/types.js';
import { range, sizeAt } from './placing.js';
import { type Backward, type Call, operators, type Tensor } from './record.js';
import { numbersOf, quotientOf } from './shapes.js';
import { irregularity, windowOf } from './window.js';

/** Elements of a block along an axis, each of which is written out. */
const LARGEST_BLOCK = 1024;

function foldedShape({ input, image_shape, block_shape }: Call<'Col2Im'>): Shape | undefined {
  const [blocks, space] = [numbersOf(block_shape), image_shape.shape?.[0]];
  if (!input.shape || typeof space !== 'number') return undefined;
  const channels = blocks ? quotientOf([input.shape[1]!], blocks) : '?';
  const sizes = Array.from({ length: space }, (_, axis) => image_shape.value?.[axis] ?? '?');
  return [input.shape[0]!, channels, ...sizes];
}

/** The elements of the padded picture that the blocks take along an axis, [elements of a block, blocks]. */
function positionsOf(b: Builder, call: Call<'Col2Im'>, kernel: readonly number[], axis: number): Tensor {
  const { strides, dilations, begin, end } = windowOf({ auto_pad: 'NOTSET', ...call.attributes }, kernel, []);
  const reach = dilations[axis]! * (kernel[axis]! - 1);
  const size = b.slice(call.image_shape, [axis], [axis + 1], [0]);
  const room = b.add(size, begin[axis]! + end[axis]! - reach - 1);
  const count = b.add(b.div(room, strides[axis]!), 1);
  const starts = b.mul(range(b, count), strides[axis]!);
  const within = Array.from({ length: kernel[axis]! }, (_, at) => at * dilations[axis]!);
  return b.add(b.unsqueeze(starts, [0]), b.constant('int64', [within.length, 1], within));
}

/** The way back cuts the patches out of the cotangent: along one axis after the other, and then all that a block takes next to each other. */
function unfold(call: Backward<'Col2Im'>): Tensor {
  const { g, input, attributes, b } = call;
  const kernel = numbersOf(call.block_shape)!;
  const { begin, end } = windowOf({ auto_pad: 'NOTSET', ...attributes }, kernel, []);
  const padded = b.pad(g, [0, 0, ...begin, 0, 0, ...end] as number[]);
  const cut = kernel.reduceRight((x, _, axis) => b.gather(x, positionsOf(b, call, kernel, axis), axis + 2), padded);
  // [N, C, elements and blocks of the first axis, of the second, ...]
  const elements = kernel.map((_, axis) => 2 + 2 * axis);
  const patches = b.transpose(cut, [0, 1, ...elements, ...elements.map((axis) => axis + 1)]);
  const area = kernel.reduce((product, size) => product * size, 1);
  const rows = b.mul(sizeAt(b, g, 1), area);
  return b.reshape(patches, b.concat([sizeAt(b, g, 0), rows, sizeAt(b, input, 2)], 0));
}

export const columns = operators({
  Col2Im: {
    shape: foldedShape,
    unsupported: (call) => {
      const { input, block_shape } = call;
      if (!input.shape) return `the rank of its input "${input.name}" is not known before run time`;
      const kernel = numbersOf(block_shape);
      if (!kernel) return 'its block_shape is computed at run time';
      if (kernel.some((size) => size > LARGEST_BLOCK)) return `its block_shape (${kernel}) is above ${LARGEST_BLOCK}`;
      const window = windowOf({ auto_pad: 'NOTSET', ...call.attributes }, kernel, []);
      return irregularity(window, { ...input, shape: [0, 0, ...kernel] });
    },
    grad: { input: unfold },
  },
});
