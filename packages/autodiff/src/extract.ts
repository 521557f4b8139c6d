import { SaywhyError } from './errors.js';
import { makeValue } from './model/encode.js';
import { indexGraph, uses } from './model/graph.js';
import type { Graph, Initializer, Model, Node, Value } from './model/types.js';
import { inferTensors } from './shapes/infer.js';

export interface ExtractOptions {
  /** Tensors that become the inputs. A graph input is kept only if it is named or still needed. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/**
 * The part of a model between some tensors and some others, as a Model of its own: what the outputs need, cut off at the inputs.
 * @throws SaywhyError `unknown-tensor`
 */
export function extract(model: Model, { inputs, outputs }: ExtractOptions): Model {
  const { graph } = model;
  for (const name of [...inputs, ...outputs])
    if (!has(graph, name)) throw new SaywhyError('unknown-tensor', `The model has no tensor "${name}".`);
  const { nodes, needed } = ancestorNodes(graph, outputs, inputs);
  const tensors = inferTensors(model);
  const declared = new Map<string, Value>([
    ...graph.valueInfo,
    ...[...graph.inputs, ...graph.outputs].map((value) => [value.name, value] as const),
  ]);
  const valueOf = (name: string) => declared.get(name) ?? makeValue(name, tensors.get(name)!);
  const initializers = new Map<string, Initializer>();
  for (const [name, tensor] of graph.initializers)
    if (needed.has(name) && !inputs.includes(name)) initializers.set(name, tensor);
  const kept = graph.inputs.filter(({ name }) => needed.has(name) && !inputs.includes(name));
  const made = new Set(nodes.flatMap((node) => node.outputs));
  return {
    ...model,
    graph: indexGraph({
      name: graph.name,
      nodes,
      initializers,
      inputs: [...inputs.map(valueOf), ...kept],
      outputs: outputs.map(valueOf),
      valueInfo: new Map([...graph.valueInfo].filter(([name]) => made.has(name) && !outputs.includes(name))),
      rest: graph.rest,
    }),
  };
}

export function has(graph: Graph, name: string): boolean {
  return graph.producers.has(name) || graph.initializers.has(name) || graph.inputs.some((input) => input.name === name);
}

/** The nodes that make some tensors, and every tensor that those need; the walk does not go beyond `until`. */
export function ancestorNodes(
  graph: Graph,
  outputs: readonly string[],
  until: readonly string[] = [],
): { nodes: Node[]; needed: Set<string> } {
  const stop = new Set(until);
  const needed = new Set(outputs);
  const nodes = [...graph.nodes].reverse().filter((node) => {
    const used = node.outputs.some((name) => needed.has(name) && !stop.has(name));
    if (used) for (const name of uses(node)) needed.add(name);
    return used;
  });
  return { nodes: nodes.reverse(), needed };
}
