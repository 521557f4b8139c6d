import type { AttributeProto, GraphProto, NodeProto, TensorProto, TypeProto, ValueInfoProto } from 'onnx-buf';
import { dataTypeCode, dataTypeName } from './data-types.js';
import { create, fromBinary, toBinary } from './messages.js';
import {
  AttributeProtoSchema,
  Kind,
  NodeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from './onnx.js';
import type { Attributes, AttributeValue, Node, Shape, TensorType, Value } from './types.js';

/** ONNX attribute types by the names that the generated schema uses. */
export type AttributeKind = 'float' | 'int' | 'string' | 'tensor' | 'graph' | 'floats' | 'ints' | 'strings' | string;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export function nodeFromProto(proto: NodeProto, encoded: Uint8Array): Node {
  const captures = new Set<string>();
  for (const attribute of proto.attribute)
    for (const graph of graphsOf(attribute)) for (const name of captured(graph)) captures.add(name);
  return {
    name: proto.name,
    opType: proto.opType,
    domain: standardDomain(proto.domain),
    inputs: proto.input,
    outputs: proto.output,
    attributes: Object.fromEntries(proto.attribute.map((attribute) => [attribute.name, attributeValue(attribute)])),
    metadata: Object.fromEntries(proto.metadataProps.map(({ key, value }) => [key, value])),
    captures: [...captures],
    encoded,
  };
}

/** The standard operators' domain has two spellings. */
export function standardDomain(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}

/** The same node with other names for its inputs or outputs. */
export function withNames(node: Node, names: { inputs?: readonly string[]; outputs?: readonly string[] }): Node {
  const { inputs, outputs } = { ...node, ...names };
  const proto = fromBinary(NodeProtoSchema, node.encoded);
  proto.input = [...inputs];
  proto.output = [...outputs];
  return { ...node, inputs, outputs, encoded: toBinary(NodeProtoSchema, proto) };
}

export interface NewNode {
  readonly name: string;
  readonly opType: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

/** Makes a node of the standard operator set; `kinds` gives the ONNX type of each attribute. */
export function makeNode(node: NewNode, kinds: Readonly<Record<string, AttributeKind>>): Node {
  const proto = create(NodeProtoSchema, {
    name: node.name,
    opType: node.opType,
    input: [...node.inputs],
    output: [...node.outputs],
    attribute: Object.entries(node.attributes).flatMap(([name, value]) =>
      value === undefined ? [] : [makeAttribute(name, value, kinds[name] ?? 'string')],
    ),
  });
  return nodeFromProto(proto, toBinary(NodeProtoSchema, proto));
}

export function valueFromProto(proto: ValueInfoProto, encoded: Uint8Array): Value {
  return { name: proto.name, ...tensorType(proto.type), encoded };
}

/** Declares a tensor; where not even its type is known, by its name alone. */
export function makeValue(name: string, { type, shape }: TensorType): Value {
  const tensor = create(TypeProto_TensorSchema, {
    elemType: dataTypeCode(type),
    ...(shape && { shape: { dim: shape.map(dimension) } }),
  });
  const proto = create(ValueInfoProtoSchema, {
    name,
    ...(type !== 'other' && { type: create(TypeProtoSchema, { value: { case: 'tensorType', value: tensor } }) }),
  });
  return { name, type, shape, encoded: toBinary(ValueInfoProtoSchema, proto) };
}

function dimension(size: number | string) {
  return typeof size === 'number'
    ? { value: { case: 'dimValue' as const, value: BigInt(size) } }
    : { value: { case: 'dimParam' as const, value: size } };
}

function tensorType(type: TypeProto | undefined): TensorType {
  if (type?.value.case !== 'tensorType') return { type: 'other' };
  const tensor = type.value.value;
  const shape: Shape | undefined = tensor.shape?.dim.map(({ value }) =>
    // Some exporters write -1 for a size that is settled at run time.
    value.case === 'dimValue' && value.value >= 0
      ? Number(value.value)
      : value.case === 'dimParam' && value.value
        ? value.value
        : '?',
  );
  return { type: dataTypeName(tensor.elemType), shape };
}

function attributeValue(attribute: AttributeProto): AttributeValue {
  switch (attribute.type) {
    case Kind.FLOAT:
      return attribute.f;
    case Kind.INT:
      return Number(attribute.i);
    case Kind.STRING:
      return decoder.decode(attribute.s);
    case Kind.TENSOR:
      return attribute.t;
    case Kind.GRAPH:
      return attribute.g;
    case Kind.FLOATS:
      return attribute.floats;
    case Kind.INTS:
      return attribute.ints.map(Number);
    case Kind.STRINGS:
      return attribute.strings.map((bytes) => decoder.decode(bytes));
    case Kind.TENSORS:
      return attribute.tensors;
    case Kind.GRAPHS:
      return attribute.graphs;
    default:
      return undefined;
  }
}

function makeAttribute(name: string, value: NonNullable<AttributeValue>, kind: AttributeKind): AttributeProto {
  switch (kind) {
    case 'int':
      return create(AttributeProtoSchema, { name, type: Kind.INT, i: toBigInt(value as number) });
    case 'float':
      return create(AttributeProtoSchema, { name, type: Kind.FLOAT, f: value as number });
    case 'ints':
      return create(AttributeProtoSchema, { name, type: Kind.INTS, ints: (value as readonly number[]).map(toBigInt) });
    case 'floats':
      return create(AttributeProtoSchema, { name, type: Kind.FLOATS, floats: [...(value as readonly number[])] });
    case 'graph':
      return create(AttributeProtoSchema, { name, type: Kind.GRAPH, g: value as GraphProto });
    case 'tensor':
      return create(AttributeProtoSchema, { name, type: Kind.TENSOR, t: value as TensorProto });
    default:
      return create(AttributeProtoSchema, { name, type: Kind.STRING, s: encoder.encode(value as string) });
  }
}

function toBigInt(value: number): bigint {
  return BigInt.asIntN(64, BigInt(Math.min(Math.max(value, -(2 ** 63)), 2 ** 63 - 1024)));
}

function graphsOf(attribute: AttributeProto): GraphProto[] {
  return attribute.g ? [attribute.g, ...attribute.graphs] : attribute.graphs;
}

/** Names that a sub-graph uses but does not define: they belong to the graphs around it. */
function captured(graph: GraphProto): Set<string> {
  const sparse = graph.sparseInitializer.map(({ values }) => values?.name ?? '');
  const defined = new Set([...[...graph.input, ...graph.initializer].map(({ name }) => name), ...sparse]);
  const used = new Set(graph.output.map(({ name }) => name));
  for (const node of graph.node) {
    for (const name of node.input) if (name) used.add(name);
    for (const name of node.output) defined.add(name);
    for (const inner of node.attribute.flatMap(graphsOf)) for (const name of captured(inner)) used.add(name);
  }
  return new Set([...used].filter((name) => !defined.has(name)));
}
