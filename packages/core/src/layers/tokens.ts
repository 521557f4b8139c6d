// Whether the scores still look at the patches of a feature map, or only at a class token beside them.
import { inferTensors, type Model, type Node, type Shape } from '@saywhy/autodiff';
import type { LayerInfo } from '../types.js';

type ShapeOf = (name: string) => Shape | undefined;

/** The axes that hold the patches: one of tokens, two of a map with rows and columns; they lie side by side. */
interface Span {
  readonly first: number;
  readonly count: number;
}

/** Operators after which every row has seen the others, or that end in a value of all. */
const mixes = new Set(['Attention', 'GlobalAveragePool', 'GlobalMaxPool', 'AveragePool', 'Conv', 'Einsum', 'Flatten']);

/**
 * Whether the patches of a feature map lead to the scores: they do unless every way first takes out single tokens, as a model with a class token does after
 * its last block. Their axes are followed through the graph until patches are mixed, or until it is too hard to tell.
 */
export function patchesMatter(model: Model, { tensor, layout, shape }: LayerInfo, scores: string): boolean {
  const tensors = inferTensors(model);
  const shapeOf: ShapeOf = (name) => tensors.get(name)?.shape;
  const spans = new Map<string, Span>([
    [tensor, { first: layout === 'channels-first' ? 2 : 1, count: layout === 'tokens' ? 1 : shape.length - 2 }],
  ]);
  const waiting = [tensor];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name === scores) return true;
    for (const node of model.graph.consumers.get(name) ?? []) {
      if (node.opType === 'Shape') continue;
      const next = follow(node, name, spans, shapeOf, (input) => tensors.get(input)?.value?.length);
      if (next === 'mixed') return true;
      if (next === 'taken') continue;
      for (const output of node.outputs)
        if (!spans.has(output)) {
          spans.set(output, next);
          waiting.push(output);
        }
    }
  }
  return false;
}

/** Where the patches are after a node, or what became of them. */
function follow(
  node: Node,
  name: string,
  spans: ReadonlyMap<string, Span>,
  shapeOf: ShapeOf,
  elements: (input: string) => number | undefined,
): Span | 'mixed' | 'taken' {
  const span = spans.get(name)!;
  const [before, after] = [shapeOf(name), shapeOf(node.outputs[0]!)];
  if (!before || !after || mixes.has(node.opType)) return 'mixed';
  switch (node.opType) {
    case 'Transpose':
      return transposed(
        span,
        (node.attributes.perm as readonly number[] | undefined) ?? before.map((_, i) => i).reverse(),
      );
    case 'Squeeze':
    case 'Unsqueeze':
    case 'Reshape':
      return reshaped(before, after, span) ?? 'mixed';
  }
  const shifted = { first: span.first + after.length - before.length, count: span.count };
  const isKept = inside(span).every((axis, i) => before[axis] === after[shifted.first + i]);
  if (node.opType.startsWith('Reduce')) {
    // A mean over the channels is part of a normalization, and keeps the patches apart.
    return isKept && after.length === before.length ? span : 'mixed';
  }
  if (span.count > 1) return isKept && !/^(MatMul|(Log)?Softmax)$/.test(node.opType) ? shifted : 'mixed';
  const axis = span.first;
  switch (node.opType) {
    case 'MatMul':
      // Rows times rows; and a weight that multiplies from the left mixes rows too, as does a sum over them.
      return node.inputs.every((input) => spans.has(input)) || node.inputs[1] === name || axis === before.length - 1
        ? 'mixed'
        : span;
    case 'Softmax':
      return attribute(node, 'axis', -1, before.length) === axis ? 'mixed' : span;
    case 'Gather': {
      const along = attribute(node, 'axis', 0, before.length);
      if (along === axis) return 'taken';
      return along < axis && elements(node.inputs[1]!) !== undefined ? shifted : span;
    }
    case 'Slice':
    case 'Split':
      return keepsMost(before[axis], after[axis]) ? span : 'taken';
  }
  return shifted;
}

function inside({ first, count }: Span): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}

function transposed(span: Span, perm: readonly number[]): Span | 'mixed' {
  const axes = inside(span).map((axis) => perm.indexOf(axis));
  return axes.every((axis, i) => axis === axes[0]! + i) ? { first: axes[0]!, count: span.count } : 'mixed';
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

/** The fewest axes that hold as much, behind as much: elements keep their order. */
function reshaped(before: Shape, after: Shape, { first, count }: Span): Span | undefined {
  const [outside, size] = [product(before.slice(0, first)), product(before.slice(first, first + count))];
  const starts = after.flatMap((_, i) => (product(after.slice(0, i)) === outside ? [i] : []));
  const found = starts.flatMap((start) =>
    after
      .slice(start)
      .flatMap((_, i) => (product(after.slice(start, start + i + 1)) === size ? [{ first: start, count: i + 1 }] : [])),
  );
  return found.sort((a, b) => a.count - b.count)[0];
}

/** Sizes that are known multiplied, and the names of the others: equal products are equal texts. */
function product(sizes: Shape): string {
  const factors = sizes.flatMap((size) => String(size).split('×'));
  const names = factors.filter((factor) => !/^\d+$/.test(factor)).sort();
  const known = factors.filter((factor) => /^\d+$/.test(factor)).reduce((total, factor) => total * Number(factor), 1);
  return [known, ...names].join('×');
}
