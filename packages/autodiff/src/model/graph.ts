import { SaywhyError } from '../errors.js';
import type { Graph, Node } from './types.js';

export type GraphParts = Omit<Graph, 'producers' | 'consumers'>;

/**
 * Indexes the parts of a graph and puts its nodes in topological order (ONNX asks writers for that order; not all of them keep it).
 * @throws SaywhyError `invalid-model` for two tensors of one name, a cycle, or a tensor that nothing makes.
 */
export function indexGraph(parts: GraphParts): Graph {
  const inputs = uniqueNames(parts.inputs, 'inputs');
  uniqueNames(parts.outputs, 'outputs');
  const producers = new Map<string, Node>();
  for (const node of parts.nodes)
    for (const name of node.outputs) {
      if (!name) continue;
      if (producers.has(name) || inputs.has(name) || parts.initializers.has(name) || parts.sparse.has(name))
        throw duplicate('tensors', name);
      producers.set(name, node);
    }
  const given = (name: string) => inputs.has(name) || parts.initializers.has(name) || parts.sparse.has(name);
  const consumers = new Map<string, Node[]>();
  for (const node of parts.nodes)
    for (const name of new Set(uses(node))) {
      if (!producers.has(name) && !given(name))
        throw new SaywhyError(
          'invalid-model',
          `${describe(node)} uses a tensor "${name}" that no node, input or weight provides.`,
        );
      const list = consumers.get(name);
      if (list) list.push(node);
      else consumers.set(name, [node]);
    }
  for (const { name } of parts.outputs)
    if (!producers.has(name) && !given(name))
      throw new SaywhyError('invalid-model', `The model's output "${name}" is made by no node.`);
  return { ...parts, nodes: sort(parts.nodes, producers, consumers), producers, consumers };
}

/** Every tensor that a node reads, its sub-graphs' included. */
export function uses(node: Node): string[] {
  return [...node.inputs.filter((name) => name !== ''), ...node.captures];
}

/** Of some nodes those, in their order, that make some tensors, and every tensor that those need; the walk does not go beyond `until`. */
export function ancestorNodes(
  among: readonly Node[],
  outputs: Iterable<string>,
  until: ReadonlySet<string> = new Set(),
): { nodes: Node[]; needed: Set<string> } {
  const needed = new Set(outputs);
  const nodes = [...among].reverse().filter((node) => {
    const used = node.outputs.some((name) => needed.has(name) && !until.has(name));
    if (used) for (const name of uses(node)) needed.add(name);
    return used;
  });
  return { nodes: nodes.reverse(), needed };
}

/** An operator's name, with its domain in front unless that is the standard one. */
export function qualifiedName({ domain, opType }: Pick<Node, 'domain' | 'opType'>): string {
  return domain === '' ? opType : `${domain}.${opType}`;
}

export function describe(node: Node): string {
  return `${qualifiedName(node)} "${node.name || node.outputs[0] || ''}"`;
}

export function duplicate(what: string, name: string): SaywhyError {
  return new SaywhyError(
    'invalid-model',
    `Two ${what} of this model are named "${name}". ONNX wants every name once: repair the file with its exporter.`,
  );
}

function uniqueNames(values: readonly { readonly name: string }[], what: string): Set<string> {
  const names = new Set<string>();
  for (const { name } of values) {
    if (names.has(name)) throw duplicate(what, name);
    names.add(name);
  }
  return names;
}

/** Kahn's algorithm, stable: a graph that is in order already stays as it is. */
function sort(
  nodes: readonly Node[],
  producers: ReadonlyMap<string, Node>,
  consumers: ReadonlyMap<string, readonly Node[]>,
): readonly Node[] {
  const position = new Map(nodes.map((node, index) => [node, index]));
  const isBefore = (name: string, node: Node) => {
    const producer = producers.get(name);
    return !producer || position.get(producer)! < position.get(node)!;
  };
  if (nodes.every((node) => uses(node).every((name) => isBefore(name, node)))) return nodes;

  const waiting = new Map(nodes.map((node) => [node, new Set(uses(node).filter((name) => producers.has(name))).size]));
  const ready = nodes.filter((node) => waiting.get(node) === 0);
  for (let next = 0; next < ready.length; next++)
    for (const name of ready[next]!.outputs)
      for (const consumer of consumers.get(name) ?? []) {
        const left = waiting.get(consumer)! - 1;
        waiting.set(consumer, left);
        if (left === 0) ready.push(consumer);
      }
  if (ready.length < nodes.length) throw cycle(nodes, new Set(ready), producers);
  return ready;
}

/** Names a node on a cycle: the first one met twice on the way back from a node that never became ready. */
function cycle(nodes: readonly Node[], ready: ReadonlySet<Node>, producers: ReadonlyMap<string, Node>): SaywhyError {
  const seen = new Set<Node>();
  let node = nodes.find((candidate) => !ready.has(candidate))!;
  while (!seen.has(node)) {
    seen.add(node);
    node = uses(node)
      .flatMap((name) => producers.get(name) ?? [])
      .find((producer) => !ready.has(producer))!;
  }
  return new SaywhyError('invalid-model', `The graph has a cycle: ${describe(node)} depends on its own output.`);
}
