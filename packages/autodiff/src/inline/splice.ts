// A body (of a function, a branch, a round of a loop) in the place of the node that holds or calls it.

import type { AttributeProto, GraphProto, NodeProto, StringStringEntryProto } from 'onnx-buf';
import { clone } from '../model/messages.js';
import { AttributeProtoSchema, GraphProtoSchema, NodeProtoSchema } from '../model/onnx.js';
import { identity } from './nodes.js';

export interface Body {
  readonly nodes: readonly NodeProto[];
  /** Tensors that it holds itself, besides those that its nodes make. */
  readonly weights?: readonly string[];
  /** What its inputs are outside; an empty name is one that was left out. */
  readonly bindings?: ReadonlyMap<string, string>;
  /** Its results, and what they are called outside. */
  readonly results: readonly (readonly [inside: string, outside: string])[];
  /** Put before the names of all other tensors that it makes: see `freePrefix`. */
  readonly prefix: string;
  /** Put before the names of its nodes, which need not be unique; absent: the same. */
  readonly place?: string;
  /** Of a function: the attributes that its nodes refer to. */
  readonly attributes?: ReadonlyMap<string, AttributeProto>;
  /** Of the node that stood in its place: where it came from, for nodes that do not say so themselves. */
  readonly origin?: readonly StringStringEntryProto[];
}

export interface Spliced {
  readonly nodes: NodeProto[];
  /** What a tensor of the body is called outside. */
  readonly name: (inside: string) => string;
}

/** What to put before the names of tensors so that none is one of `taken`; `wanted`, if that will do. */
export function freePrefix(wanted: string, names: readonly string[], taken: ReadonlySet<string>): string {
  return names.some((name) => taken.has(wanted + name)) ? freePrefix(`${wanted}inlined/`, names, taken) : wanted;
}

/** Copies of a body's nodes under names that are its own in the graph around it. */
export function splice(body: Body): Spliced {
  const { nodes, weights = [], bindings = new Map(), results, prefix } = body;
  const made = nodes.flatMap(({ output }) => output).filter((name) => name !== '');
  const names = new Map([...made, ...weights].map((name) => [name, prefix + name]));
  for (const [inside, outside] of bindings) names.set(inside, outside);
  const links: NodeProto[] = [];
  for (const [inside, outside] of results) {
    // A result that is made here gets its name outside at once; one that was there before, or has another name already, is copied.
    if (made.includes(inside) && names.get(inside) === prefix + inside) names.set(inside, outside);
    else links.push(identity(names.get(inside) ?? inside, outside));
  }
  const name = (inside: string) => names.get(inside) ?? inside;
  return { nodes: [...nodes.map((node) => copied(node, name, body)), ...links], name };
}

function copied(node: NodeProto, name: (inside: string) => string, body: Body): NodeProto {
  const { prefix, place = prefix, attributes, origin = [] } = body;
  const result = clone(NodeProtoSchema, node);
  // Names tell where a node stands, and runtimes want them to differ.
  result.name = place + (node.name || `${node.opType}/${node.output[0] ?? ''}`);
  result.input = node.input.map((input) => input && name(input));
  result.output = node.output.map((output) => output && name(output));
  if (node.metadataProps.length === 0) result.metadataProps = [...origin];
  result.attribute = node.attribute.flatMap((attribute) => {
    const meant = attribute.refAttrName ? attributes?.get(attribute.refAttrName) : attribute;
    if (!meant) return [];
    const own = clone(AttributeProtoSchema, meant);
    own.name = attribute.name;
    if (own.g) own.g = copiedGraph(own.g, name, body);
    own.graphs = own.graphs.map((graph) => copiedGraph(graph, name, body));
    return [own];
  });
  return result;
}

/** A graph inside a body: its own names too are set apart from those of the graphs that it now stands in. */
function copiedGraph(graph: GraphProto, outside: (inside: string) => string, body: Body): GraphProto {
  const own = new Set([
    ...graph.input.map(({ name }) => name),
    ...graph.initializer.map(({ name }) => name),
    ...graph.node.flatMap(({ output }) => output),
  ]);
  const name = (inside: string) => (own.has(inside) ? body.prefix + inside : outside(inside));
  const result = clone(GraphProtoSchema, graph);
  for (const value of [...result.input, ...result.output, ...result.valueInfo, ...result.initializer])
    value.name = name(value.name);
  result.node = graph.node.map((node) => copied(node, name, body));
  return result;
}
