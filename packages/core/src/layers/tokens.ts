// Token models: whether the scores still look at the patches of a tensor [N, T, C], or only at its class token.
import { inferTensors, type Model, type Node, type Shape } from '@saywhy/autodiff';

type ShapeOf = (name: string) => Shape | undefined;

/** Operators after which every row has seen the others, or that end in a value of all. */
const mixes = new Set(['Attention', 'GlobalAveragePool', 'GlobalMaxPool', 'AveragePool', 'Conv', 'Einsum', 'Flatten']);

/**
 * Whether the patches of a tensor of tokens lead to the scores: they do unless every way first takes out single tokens, as a model with a class token does
 * after its last block. The axis of tokens is followed through the graph until rows are mixed.
 */
export function patchesMatter(model: Model, tensor: string, scores: string): boolean {
  const tensors = inferTensors(model);
  const shapeOf: ShapeOf = (name) => tensors.get(name)?.shape;
  const axes = new Map([[tensor, 1]]);
  const waiting = [tensor];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name === scores) return true;
    for (const node of model.graph.consumers.get(name) ?? []) {
      if (node.opType === 'Shape') continue;
      const next = follow(node, name, axes, shapeOf, (input) => tensors.get(input)?.value?.length);
      if (next === 'mixed') return true;
      if (next === 'taken') continue;
      for (const output of node.outputs)
        if (!axes.has(output)) {
          axes.set(output, next);
          waiting.push(output);
        }
    }
  }
  return false;
}

/** The axis of tokens after a node, or what became of them. */
function follow(
  node: Node,
  name: string,
  axes: ReadonlyMap<string, number>,
  shapeOf: ShapeOf,
  elements: (input: string) => number | undefined,
): number | 'mixed' | 'taken' {
  const axis = axes.get(name)!;
  const [before, after] = [shapeOf(name), shapeOf(node.outputs[0]!)];
  if (!before || !after || mixes.has(node.opType)) return 'mixed';
  switch (node.opType) {
    case 'MatMul':
      // Rows times rows; and a weight that multiplies from the left mixes rows too.
      return node.inputs.every((input) => axes.has(input)) || node.inputs[1] === name ? 'mixed' : axis;
    case 'Softmax':
      return attribute(node, 'axis', -1, before.length) === axis ? 'mixed' : axis;
    case 'Transpose':
      return (node.attributes.perm as readonly number[] | undefined)?.indexOf(axis) ?? before.length - 1 - axis;
    case 'Gather': {
      const along = attribute(node, 'axis', 0, before.length);
      if (along === axis) return 'taken';
      return along < axis && elements(node.inputs[1]!) !== undefined ? axis + after.length - before.length : axis;
    }
    case 'Slice':
    case 'Split':
      return keepsMost(before[axis], after[axis]) ? axis : 'taken';
    case 'Squeeze':
    case 'Unsqueeze':
    case 'Reshape':
      return axisReshaped(before, after, axis) ?? 'mixed';
  }
  if (node.opType.startsWith('Reduce')) {
    // A mean over the channels is part of a normalization, and keeps the rows apart.
    return after.length === before.length && after[axis] === before[axis] ? axis : 'mixed';
  }
  return axis + after.length - before.length;
}

function attribute(node: Node, name: string, otherwise: number, rank: number): number {
  const value = node.attributes[name];
  const axis = typeof value === 'number' ? value : otherwise;
  return axis < 0 ? axis + rank : axis;
}

/** Whether what is left of the tokens are patches, and not a few class tokens. */
function keepsMost(before: Shape[number] | undefined, after: Shape[number] | undefined): boolean {
  return typeof before !== 'number' || typeof after !== 'number' ? before === after : after >= before / 2;
}

/** The axis of the same size; of several, the one that comes nearest to the same place from the front. */
function axisReshaped(before: Shape, after: Shape, axis: number): number | undefined {
  const same = after.flatMap((size, i) => (size === before[axis] ? [i] : []));
  return same.sort((a, b) => Math.abs(a - axis) - Math.abs(b - axis))[0];
}
