// Model-local functions: operators that the file defines by others. Exporters write them for modules that occur again and again.

import type { FunctionProto, NodeProto } from 'onnx-buf';
import { SaywhyError } from '../errors.js';
import { nodeFromProto, standardDomain } from '../model/encode.js';
import { indexGraph, qualifiedName } from '../model/graph.js';
import { fromBinary, toBinary } from '../model/messages.js';
import { FunctionProtoSchema, NodeProtoSchema } from '../model/onnx.js';
import { type Model, type Node, opsetOf } from '../model/types.js';
import { fieldsOf } from '../model/wire.js';
import { schemaOf } from '../schema/read.js';
import { heldGraphs } from '../subgraphs/graph-model.js';
import { tensorsOf } from './scopes.js';
import { freePrefix, splice } from './splice.js';

const FUNCTIONS_FIELD = 25;

/** Functions in functions, and nodes in all, beyond which a file is taken for a trap. */
const MAX_DEPTH = 64;
const MAX_NODES = 2 ** 16;

type Functions = ReadonlyMap<string, FunctionProto>;

function keyOf({ domain, opType, overload }: Pick<NodeProto, 'domain' | 'opType' | 'overload'>): string {
  return [qualifiedName({ domain: standardDomain(domain), opType }), overload].join('\n');
}

/** The functions that a file defines, each with the field that holds it, and whether its calls are written out. */
function definitions(model: Model) {
  return model.rest.flatMap((field) =>
    [...fieldsOf(field)].flatMap(({ number, content }) => {
      if (number !== FUNCTIONS_FIELD || !content) return [];
      const proto = fromBinary(FunctionProtoSchema, content);
      return [{ field, proto, isInlined: isReadAs(proto, opsetOf(model)) }];
    }),
  );
}

/** The functions that stay what they are, as fields of the model: those written for other versions of the operators that they use. */
export function calledFunctions(model: Model): Uint8Array[] {
  return definitions(model).flatMap(({ field, isInlined }) => (isInlined ? [] : [field]));
}

/** All others. */
function functionsOf(model: Model): Functions {
  const inlined = definitions(model).filter(({ isInlined }) => isInlined);
  return new Map(inlined.map(({ proto }) => [keyOf({ ...proto, opType: proto.name }), proto]));
}

/** Whether the standard operators of a function mean the same in the version that the model is written for. */
function isReadAs({ opsetImport, node }: FunctionProto, opset: number): boolean {
  const own = opsetImport.find(({ domain }) => standardDomain(domain) === '');
  if (!own || Number(own.version) === opset) return true;
  const inForce = (versions: readonly number[], at: number) => versions.findLast((version) => version <= at);
  return node.every(({ domain, opType }) => {
    const versions = standardDomain(domain) === '' ? schemaOf(opType)?.versions : undefined;
    return !versions || inForce(versions, Number(own.version)) === inForce(versions, opset);
  });
}

/**
 * Replaces every call of a function by what the function is made of. The same tensors; those inside get new names.
 * @throws SaywhyError `invalid-model` for functions that call themselves; `model-too-large`
 */
export function inlineFunctions(model: Model): Model {
  const functions = functionsOf(model);
  if (functions.size === 0) return model;
  const names = new Set([...functions.keys()].map((key) => key.split('\n')[0]!));
  const expand = expander(functions, tensorsOf(model.graph));
  const nodes = model.graph.nodes.flatMap((node): Node[] => {
    if (!names.has(qualifiedName(node)) && heldGraphs(node).length === 0) return [node];
    return expand(fromBinary(NodeProtoSchema, node.encoded), 0).map((proto) =>
      nodeFromProto(proto, toBinary(NodeProtoSchema, proto)),
    );
  });
  return { ...model, graph: indexGraph({ ...model.graph, nodes }) };
}

function expander(functions: Functions, taken: ReadonlySet<string>) {
  let count = 0;
  const expand = (node: NodeProto, depth: number): NodeProto[] => {
    for (const { g } of node.attribute) if (g) g.node = g.node.flatMap((inner) => expand(inner, depth));
    const called = functions.get(keyOf(node));
    if (!called) return [node];
    count += called.node.length;
    if (depth > MAX_DEPTH)
      throw new SaywhyError(
        'invalid-model',
        `The function "${called.name}" of the model calls itself. ONNX forbids that.`,
      );
    if (count > MAX_NODES)
      throw new SaywhyError('model-too-large', `The functions of the model stand for more than ${MAX_NODES} nodes.`);
    return bodyOf(called, node, taken).flatMap((inner) => expand(inner, depth + 1));
  };
  return expand;
}

function bodyOf(called: FunctionProto, node: NodeProto, taken: ReadonlySet<string>): NodeProto[] {
  const made = called.node.flatMap(({ output }) => output);
  const prefix = freePrefix(`${node.output.find((name) => name !== '')}/`, made, taken);
  return splice({
    nodes: called.node,
    bindings: new Map(called.input.map((name, index) => [name, node.input[index] ?? ''])),
    results: called.output.flatMap((name, index) => (node.output[index] ? [[name, node.output[index]] as const] : [])),
    prefix,
    ...(node.name && { place: `${node.name}/` }),
    attributes: new Map([...called.attributeProto, ...node.attribute].map((attribute) => [attribute.name, attribute])),
    origin: node.metadataProps,
  }).nodes;
}
