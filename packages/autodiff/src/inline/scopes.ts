// Names in the graphs inside nodes. ONNX lets a graph call a tensor as the graph around it calls one that it makes later, or as the node's own input is
// called; gradients put copies of such graphs behind all that, where the names would be one tensor's.

import type { GraphProto, NodeProto } from 'onnx-buf';
import { nodeFromProto } from '../model/encode.js';
import { indexGraph } from '../model/graph.js';
import { fromBinary, toBinary } from '../model/messages.js';
import { NodeProtoSchema } from '../model/onnx.js';
import type { Graph, Model } from '../model/types.js';
import { heldGraphs } from '../subgraphs/graph-model.js';
import { identity } from './nodes.js';

type Naming = (name: string) => string;

/** Gives the tensors of graphs inside nodes names that no graph around them has, and every result its own. Gives the model itself where they have them. */
export function separateScopes(model: Model): Model {
  const { graph } = model;
  if (graph.nodes.every((node) => heldGraphs(node).length === 0)) return model;
  const outer = tensorsOf(graph);
  let count = 0;
  const nodes = graph.nodes.map((node) => {
    if (heldGraphs(node).length === 0) return node;
    const proto = fromBinary(NodeProtoSchema, node.encoded);
    if (!separate(proto, outer, (name) => name)) return node;
    count++;
    return nodeFromProto(proto, toBinary(NodeProtoSchema, proto));
  });
  return count === 0 ? model : { ...model, graph: indexGraph({ ...graph, nodes }) };
}

/** Every tensor of a model's own graph. */
export function tensorsOf({ inputs, initializers, sparse, producers }: Graph): Set<string> {
  return new Set([...inputs.map(({ name }) => name), ...initializers.keys(), ...sparse, ...producers.keys()]);
}

/** Renames in a node's graphs. @returns whether there was something to rename */
function separate(node: NodeProto, outer: ReadonlySet<string>, outside: Naming): boolean {
  return node.attribute
    .flatMap(({ g, graphs }) => (g ? [g, ...graphs] : graphs))
    .map((graph) => separateGraph(graph, outer, outside))
    .some((changed) => changed);
}

function separateGraph(graph: GraphProto, outer: ReadonlySet<string>, outside: Naming): boolean {
  const own = [
    ...graph.input.map(({ name }) => name),
    ...graph.initializer.map(({ name }) => name),
    ...graph.node.flatMap(({ output }) => output),
  ].filter((name) => name !== '');
  const around = new Set([...outer, ...own]);
  const names = new Map<string, string>();
  for (const name of new Set(own)) {
    names.set(name, outer.has(name) ? unused(name, around) : name);
    around.add(names.get(name)!);
  }
  const called: Naming = (name) => (name === '' ? name : (names.get(name) ?? outside(name)));
  let changed = own.some((name) => names.get(name) !== name);
  for (const value of [...graph.input, ...graph.initializer, ...graph.valueInfo]) value.name = called(value.name);
  for (const node of graph.node) {
    const before = [...node.input];
    node.input = node.input.map(called);
    node.output = node.output.map(called);
    const inner = separate(node, around, called);
    changed ||= inner || node.input.some((name, index) => name !== before[index]);
  }
  const results = new Set<string>();
  for (const value of graph.output) {
    value.name = called(value.name);
    if (results.has(value.name)) {
      // The same tensor twice.
      const copy = unused(value.name, around);
      around.add(copy);
      graph.node.push(identity(value.name, copy));
      value.name = copy;
      changed = true;
    }
    results.add(value.name);
  }
  return changed;
}

function unused(name: string, taken: ReadonlySet<string>): string {
  for (let count = 1; ; count++) {
    const tried = `${name}/inside${count === 1 ? '' : count}`;
    if (!taken.has(tried)) return tried;
  }
}
