// Two models as one, where an exporter wrote them apart: an encoder that reads a picture, and a decoder that reads what the encoder makes of it.

import type { GraphProto, NodeProto, ValueInfoProto } from 'onnx-buf';
import { SaywhyError } from './errors.js';
import { calledFunctions, inlineFunctions } from './inline/functions.js';
import { separateScopes, tensorsOf } from './inline/scopes.js';
import { freePrefix, splice } from './inline/splice.js';
import { nodeFromProto, valueFromProto } from './model/encode.js';
import { externalFile } from './model/external.js';
import { indexGraph } from './model/graph.js';
import { create, fromBinary, toBinary } from './model/messages.js';
import { ModelProtoSchema, NodeProtoSchema, TensorProtoSchema, ValueInfoProtoSchema } from './model/onnx.js';
import { initializerFromBytes } from './model/tensor-data.js';
import { type Graph, hasTensor, type Initializer, type Model, type Node, type Value } from './model/types.js';
import { fieldsOf } from './model/wire.js';
import { nearest } from './nearest.js';
import { heldGraphs } from './subgraphs/graph-model.js';

/** For inputs of the second model, the tensors of the first that they are. */
export type Links = Readonly<Record<string, string>>;

type Naming = (name: string) => string;

/** Of a model's own fields: those that are written anew. */
const [IR_VERSION, OPSET_IMPORT] = [1, 8];

/**
 * One model of two: the second reads what the first makes, has the first's inputs besides those of its own that `links` does not name, and gives the
 * second's outputs. Where both call something alike, the second's is called `second/...`; metadata that both have is the first's.
 *
 * @throws SaywhyError `unknown-tensor` for links to and from what there is not; `opset-mismatch`; `duplicate-name` for external data of one name and two
 *   contents
 */
export function compose(first: Model, second: Model, links: Links): Model {
  checkLinks(first, second, links);
  const [before, after] = [inlineFunctions(first), inlineFunctions(second)];
  const { graph } = after;
  const called = namesBeside(before.graph, graph, links);
  const titled = titlesBeside(before.graph, graph);
  const sizes = sizesBeside(before.graph, graph, links);
  const value = (found: Value) => renamedValue(found, called, sizes);
  const linked = (name: string) => Object.hasOwn(links, name);
  const own = [...graph.initializers.values()].filter(({ name }) => !linked(name));
  const weights = own.map((weight) => renamedWeight(weight, called));
  return separateScopes({
    ...first,
    opset: opsets(first, second),
    irVersion: Math.max(first.irVersion, second.irVersion),
    metadata: new Map([...second.metadata, ...first.metadata]),
    rest: restOf(first, second),
    external: externalOf(first, second),
    graph: indexGraph({
      ...before.graph,
      nodes: [...before.graph.nodes, ...graph.nodes.map((node) => renamedNode(node, called, titled, sizes))],
      initializers: new Map([...before.graph.initializers, ...weights.map((weight) => [weight.name, weight] as const)]),
      inputs: [...before.graph.inputs, ...graph.inputs.filter(({ name }) => !linked(name)).map(value)],
      outputs: graph.outputs.map(value),
      // What the first said of its results is still true of them.
      valueInfo: new Map(
        [
          ...before.graph.valueInfo.values(),
          ...before.graph.outputs.filter(({ name }) => before.graph.producers.has(name)),
          ...[...graph.valueInfo.values()].map(value),
        ].map((info) => [info.name, info]),
      ),
      sparse: new Set([...before.graph.sparse, ...graph.sparse]),
      rest: [...before.graph.rest, ...graph.rest],
    }),
  });
}

function checkLinks(first: Model, second: Model, links: Links): void {
  const inputs = second.graph.inputs.map(({ name }) => name);
  const known = [...first.graph.producers.keys(), ...first.graph.inputs.map(({ name }) => name)];
  for (const [input, tensor] of Object.entries(links)) {
    if (!inputs.includes(input))
      throw new SaywhyError(
        'unknown-tensor',
        `The second model has no input "${input}"; its inputs are ${inputs.join(', ')}.`,
      );
    if (hasTensor(first.graph, tensor)) continue;
    const [near] = nearest(tensor, known);
    throw new SaywhyError(
      'unknown-tensor',
      `The first model has no tensor "${tensor}".${near ? ` Did you mean "${near}"?` : ''} Its outputs are ${first.graph.outputs.map(({ name }) => name).join(', ')}.`,
    );
  }
}

/** What the second model's tensors are called beside the first's. */
function namesBeside(first: Graph, second: Graph, links: Links): Naming {
  const [taken, own] = [tensorsOf(first), [...tensorsOf(second)]];
  const clashing = own.filter((name) => taken.has(name));
  const prefix = freePrefix('second/', clashing, new Set([...taken, ...own]));
  const names = new Map(clashing.map((name) => [name, prefix + name]));
  for (const [input, tensor] of Object.entries(links)) names.set(input, tensor);
  return (name) => names.get(name) ?? name;
}

/** What its nodes are called: runtimes want their names to differ, and the names of modules to stand in them as TorchScript writes them, behind a slash. */
function titlesBeside(first: Graph, second: Graph): Naming {
  const taken = new Set(first.nodes.map(({ name }) => name));
  const own = second.nodes.map(({ name }) => name);
  const clashing = own.filter((name) => name !== '' && taken.has(name));
  const prefix = freePrefix('/second/', clashing.map(bare), new Set([...taken, ...own]));
  const names = new Map(clashing.map((name) => [name, prefix + bare(name)]));
  return (name) => names.get(name) ?? name;
}

const bare = (name: string): string => name.replace(/^\//, '');

/** What the second model's sizes are called: those of a linked tensor as the first calls them, and others as nothing in the first is. */
function sizesBeside(first: Graph, second: Graph, links: Links): Naming {
  const taken = new Set(
    [...first.inputs, ...first.outputs, ...first.valueInfo.values()].flatMap(({ shape = [] }) =>
      shape.filter((size) => typeof size === 'string'),
    ),
  );
  const names = new Map<string, string>();
  for (const [input, tensor] of Object.entries(links)) {
    const theirs = [...first.inputs, ...first.outputs, ...first.valueInfo.values()].find(({ name }) => name === tensor);
    second.inputs
      .find(({ name }) => name === input)
      ?.shape?.forEach((size, axis) => {
        const same = theirs?.shape?.[axis];
        if (typeof size === 'string' && typeof same === 'string') names.set(size, same);
      });
  }
  return (size) => names.get(size) ?? (taken.has(size) ? `second/${size}` : size);
}

function renamedWeight(weight: Initializer, called: Naming): Initializer {
  if (called(weight.name) === weight.name) return weight;
  const { proto } = weight;
  proto.name = called(proto.name);
  return initializerFromBytes(toBinary(TensorProtoSchema, proto));
}

function renamedValue(value: Value, called: Naming, sizes: Naming): Value {
  const proto = fromBinary(ValueInfoProtoSchema, value.encoded);
  proto.name = called(proto.name);
  renameSizes(proto, sizes);
  return valueFromProto(proto, toBinary(ValueInfoProtoSchema, proto));
}

function renamedNode(node: Node, called: Naming, titled: Naming, sizes: Naming): Node {
  const used = [...node.inputs, ...node.outputs, ...node.captures].filter((name) => name !== '');
  const isSame = titled(node.name) === node.name && used.every((name) => called(name) === name);
  if (isSame && heldGraphs(node).length === 0) return node;
  const bindings = new Map(used.map((name) => [name, called(name)]));
  const nodes = [fromBinary(NodeProtoSchema, node.encoded)];
  const proto = splice({ nodes, bindings, results: [], prefix: '' }).nodes[0]!;
  // A node without a name was given one.
  proto.name = titled(node.name);
  renameInnerSizes(proto, sizes);
  return nodeFromProto(proto, toBinary(NodeProtoSchema, proto));
}

function renameInnerSizes({ attribute }: NodeProto, sizes: Naming): void {
  const graphs = attribute.flatMap(({ g, graphs }): GraphProto[] => (g ? [g, ...graphs] : graphs));
  for (const graph of graphs) {
    for (const value of [...graph.input, ...graph.output, ...graph.valueInfo]) renameSizes(value, sizes);
    for (const node of graph.node) renameInnerSizes(node, sizes);
  }
}

function renameSizes({ type }: ValueInfoProto, sizes: Naming): void {
  if (type?.value.case !== 'tensorType') return;
  for (const { value } of type.value.value.shape?.dim ?? [])
    if (value.case === 'dimParam') value.value = sizes(value.value);
}

function opsets(first: Model, second: Model): Map<string, number> {
  for (const [domain, version] of second.opset) {
    const other = first.opset.get(domain) ?? version;
    if (other !== version)
      throw new SaywhyError(
        'opset-mismatch',
        `The first model is written for opset ${other}${domain && ` of ${domain}`}, the second for ${version}. Convert one with onnx.version_converter, or export both alike.`,
      );
  }
  return new Map([...second.opset, ...first.opset]);
}

function restOf(first: Model, second: Model): Uint8Array[] {
  const numberOf = (field: Uint8Array) => fieldsOf(field).next().value!.number;
  const opsetImport = [...opsets(first, second)].map(([domain, version]) => ({ domain, version: BigInt(version) }));
  const irVersion = BigInt(Math.max(first.irVersion, second.irVersion));
  return [
    toBinary(ModelProtoSchema, create(ModelProtoSchema, { irVersion, opsetImport })),
    ...first.rest.filter((field) => ![IR_VERSION, OPSET_IMPORT].includes(numberOf(field))),
    ...calledFunctions(second),
  ];
}

function externalOf(first: Model, second: Model): Map<string, Uint8Array> {
  for (const [location, file] of second.external) {
    const other = externalFile(first.external, location);
    if (other && (other.length !== file.length || other.some((byte, index) => byte !== file[index])))
      throw new SaywhyError(
        'duplicate-name',
        `Both models have external data in "${location}", and not the same. Save one of them again under another name.`,
      );
  }
  return new Map([...second.external, ...first.external]);
}
