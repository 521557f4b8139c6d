// Which axis of each tensor holds the channels: what Conv says is passed on, forwards, through whatever keeps or moves axes.
import { inferTensors, type Model, type Node, type Shape } from '@saywhy/autodiff';
import type { Arrangement } from '../model/inputs.js';

/** Operators whose data and result are [N, C, ...] by ONNX's definition. */
const channelsFirst = new Set([
  'Conv',
  'ConvTranspose',
  'MaxPool',
  'AveragePool',
  'GlobalAveragePool',
  'GlobalMaxPool',
  'LpPool',
  'BatchNormalization',
  'InstanceNormalization',
  'GroupNormalization',
  'LRN',
  'DepthToSpace',
  'SpaceToDepth',
  'GridSample',
  'DeformConv',
]);

/** The channel axis by tensor; absent where it is not known, as inside attention. */
export function channelAxes(model: Model, input: string, arrangement: Arrangement): ReadonlyMap<string, number> {
  const tensors = inferTensors(model);
  const shapeOf = (name: string) => tensors.get(name)?.shape;
  const axes = new Map<string, number>();
  const rank = shapeOf(input)?.length;
  if (rank) axes.set(input, arrangement === 'channels-first' ? 1 : rank - 1);
  const data = new Set([input]);
  for (const node of model.graph.nodes) {
    if (!node.inputs.some((name) => data.has(name))) continue;
    for (const name of node.outputs) {
      data.add(name);
      const axis = axisAfter(node, name, shapeOf, axes, data);
      if (axis !== undefined) axes.set(name, axis);
    }
  }
  return axes;
}

type ShapeOf = (name: string) => Shape | undefined;

function axisAfter(
  node: Node,
  output: string,
  shapeOf: ShapeOf,
  axes: ReadonlyMap<string, number>,
  /** What depends on the picture; all else is weights. */
  data: ReadonlySet<string>,
): number | undefined {
  const shape = shapeOf(output);
  if (!shape) return undefined;
  const from = node.inputs[0] ?? '';
  const axis = axes.get(from);
  const before = shapeOf(from);
  switch (node.opType) {
    case 'Transpose': {
      const perm = node.attributes.perm as readonly number[] | undefined;
      return axis === undefined ? undefined : (perm?.indexOf(axis) ?? shape.length - 1 - axis);
    }
    case 'Reshape':
    case 'Flatten':
    case 'Squeeze':
    case 'Unsqueeze':
      return axis === undefined || !before ? undefined : axisReshaped(before, shape, axis);
    case 'MatMul':
      // Rows times a weight are a linear layer over the last axis; rows times rows are attention.
      return data.has(node.inputs[1]!) ? undefined : last(before, shape);
    case 'Gemm':
      return shape.length - 1;
    case 'LayerNormalization':
      return axis ?? last(before, shape);
  }
  if (channelsFirst.has(node.opType) && node.domain === '') return 1;
  for (const name of node.inputs) {
    const known = axes.get(name);
    if (known !== undefined && shapeOf(name)?.length === shape.length) return known;
  }
  return undefined;
}

function last(before: Shape | undefined, after: Shape): number | undefined {
  return before === undefined || before.length === after.length ? after.length - 1 : undefined;
}

/** A reshape keeps the channels where it splits or merges only the axes beside them. */
function axisReshaped(before: Shape, after: Shape, axis: number): number | undefined {
  const size = before[axis];
  if (axis === before.length - 1 && after.at(-1) === size && after.length > 2) return after.length - 1;
  if (axis === 1 && after[1] === size && after.length > 2) return 1;
  // Rows become channels, or channels rows: the space behind them stays.
  const still = after.length === before.length && after.length > 2 && after.every((n, i) => i < 2 || n === before[i]);
  if (axis === 1 && still) return 1;
  return undefined;
}
