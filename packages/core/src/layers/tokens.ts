// Token models: whether the scores still look at the patches of a tensor [N, T, C], or only at its class token.
import { inferTensors, type Model, type Node } from '@saywhy/autodiff';

/** Operators that mix rows with one another, or end in a value for all. */
const mixes = new Set([
  'Softmax',
  'Attention',
  'ReduceMean',
  'ReduceMax',
  'ReduceSum',
  'GlobalAveragePool',
  'GlobalMaxPool',
  'AveragePool',
  'Conv',
  'Einsum',
  'Flatten',
]);

/**
 * Whether the patches of a tensor of tokens lead to the scores: they do unless every way first takes out single tokens (Gather, or a Slice of few), as a
 * model with a class token does after its last block.
 */
export function patchesMatter(model: Model, tensor: string, scores: string): boolean {
  const tensors = inferTensors(model);
  const count = tensors.get(tensor)?.shape?.[1];
  const shapeOf = (name: string) => tensors.get(name)?.shape;
  const seen = new Set([tensor]);
  const waiting = [tensor];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name === scores) return true;
    for (const node of model.graph.consumers.get(name) ?? []) {
      if (mixesRows(node, name, seen, shapeOf)) return true;
      if (node.opType === 'Shape' || takesFew(node, name, count, shapeOf)) continue;
      for (const output of node.outputs)
        if (!seen.has(output)) {
          seen.add(output);
          waiting.push(output);
        }
    }
  }
  return false;
}

type ShapeOf = (name: string) => readonly (number | string)[] | undefined;

function mixesRows(node: Node, name: string, seen: ReadonlySet<string>, shapeOf: ShapeOf): boolean {
  if (node.opType === 'MatMul') return node.inputs.every((input) => seen.has(input));
  if (!mixes.has(node.opType)) return false;
  if (!node.opType.startsWith('Reduce')) return true;
  const [before, after] = [shapeOf(name), shapeOf(node.outputs[0]!)];
  // A mean over the channels is part of a normalization, and keeps the rows apart.
  return !before || !after || after[1] !== before[1];
}

/** Whether a node takes single tokens out: the axis of tokens is gone, or what is left of it is a few class tokens. */
function takesFew(node: Node, name: string, count: number | string | undefined, shapeOf: ShapeOf): boolean {
  if (!['Gather', 'GatherElements', 'GatherND', 'Slice', 'Split'].includes(node.opType)) return false;
  const [before, after] = [shapeOf(name), shapeOf(node.outputs[0]!)];
  if (!before || !after || before[1] !== count) return false;
  if (after.length < before.length) return true;
  const kept = after[1];
  return typeof kept === 'number' && (typeof count !== 'number' || kept < count / 2);
}
