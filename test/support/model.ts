// Small ONNX models built in code, written by the ONNX schema's own protobuf library rather than by what is tested.
import { create, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProtoSchema,
  FunctionProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  AttributeProto_AttributeType as Kind,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from 'onnx-buf';

/** Integers are written as `int`, `[..]` of integers as `ints`; floats as `{ float }` or `{ floats }`. */
export type Attribute =
  | number
  | string
  | readonly number[]
  | TensorProto
  | { float: number }
  | { floats: readonly number[] }
  | { strings: readonly string[] }
  | { graph: GraphSpec }
  /** The attribute of the function around the node. */
  | { ref: string; kind: 'FLOAT' | 'INT' | 'INTS' };

export interface NodeSpec {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute | undefined>>;
  readonly name?: string;
  readonly domain?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface ValueSpec {
  readonly name: string;
  /** A name is a dimension that is settled at run time; without a shape, the rank is unknown. */
  readonly shape?: readonly (number | string)[];
  readonly type?: 'float32' | 'float64' | 'float16' | 'int64' | 'int32' | 'bool';
}

/** A graph inside a node. */
export interface GraphSpec {
  readonly inputs: readonly ValueSpec[];
  readonly outputs: readonly ValueSpec[];
  /** What is declared of tensors within the graph. */
  readonly valueInfo?: readonly ValueSpec[];
  readonly nodes: readonly NodeSpec[];
  readonly initializers?: readonly TensorProto[];
}

/** An operator that the model itself defines. */
export interface FunctionSpec {
  readonly name: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Attributes that a call must give, and those that have a default. */
  readonly attributes?: readonly string[];
  readonly defaults?: Readonly<Record<string, Attribute>>;
  readonly nodes: readonly NodeSpec[];
  readonly opset?: number;
}

export interface ModelSpec extends GraphSpec {
  readonly functions?: readonly FunctionSpec[];
  readonly opset: number;
  readonly irVersion?: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

const codes = {
  float32: TensorProto_DataType.FLOAT,
  float64: TensorProto_DataType.DOUBLE,
  float16: TensorProto_DataType.FLOAT16,
  int64: TensorProto_DataType.INT64,
  int32: TensorProto_DataType.INT32,
  bool: TensorProto_DataType.BOOL,
};

export function buildModel(spec: ModelSpec): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: BigInt(spec.irVersion ?? 8),
    opsetImport: [
      { domain: '', version: BigInt(spec.opset) },
      ...[...new Set([...spec.nodes, ...(spec.functions ?? [])].map(({ domain }) => domain ?? ''))].flatMap((domain) =>
        domain === '' || domain === 'ai.onnx' ? [] : [{ domain, version: 1n }],
      ),
    ],
    metadataProps: Object.entries(spec.metadata ?? {}).map(([key, value]) => ({ key, value })),
    graph: graphProto(spec),
    functions: (spec.functions ?? []).map((made) => functionProto(made, spec.opset)),
  });
  return toBinary(ModelProtoSchema, model);
}

function graphProto(spec: GraphSpec): GraphProto {
  return create(GraphProtoSchema, {
    name: 'test',
    input: spec.inputs.map(valueInfo),
    output: spec.outputs.map(valueInfo),
    valueInfo: (spec.valueInfo ?? []).map(valueInfo),
    initializer: [...(spec.initializers ?? [])],
    node: spec.nodes.map(nodeProto),
  });
}

function nodeProto(node: NodeSpec): NodeProto {
  return create(NodeProtoSchema, {
    name: node.name ?? '',
    opType: node.op,
    domain: node.domain ?? '',
    input: [...node.inputs],
    output: [...node.outputs],
    attribute: Object.entries(node.attributes ?? {}).flatMap(([name, value]) =>
      value === undefined ? [] : [attribute(name, value)],
    ),
    metadataProps: Object.entries(node.metadata ?? {}).map(([key, value]) => ({ key, value })),
  });
}

function functionProto(spec: FunctionSpec, opset: number) {
  const domains = new Set([spec.domain, ...spec.nodes.map(({ domain }) => domain ?? '')]);
  return create(FunctionProtoSchema, {
    name: spec.name,
    domain: spec.domain,
    input: [...spec.inputs],
    output: [...spec.outputs],
    attribute: [...(spec.attributes ?? [])],
    attributeProto: Object.entries(spec.defaults ?? {}).map(([name, value]) => attribute(name, value)),
    node: spec.nodes.map(nodeProto),
    opsetImport: [...domains].map((domain) => ({ domain, version: BigInt(domain === '' ? (spec.opset ?? opset) : 1) })),
  });
}

export function floats(name: string, shape: readonly number[], values: readonly number[]): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dataType: TensorProto_DataType.FLOAT,
    dims: shape.map(BigInt),
    floatData: [...values],
  });
}

export function integers(name: string, shape: readonly number[], values: readonly number[]): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dataType: TensorProto_DataType.INT64,
    dims: shape.map(BigInt),
    int64Data: values.map(BigInt),
  });
}

export function bytes(name: string, shape: readonly number[], values: readonly number[]): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dataType: TensorProto_DataType.UINT8,
    dims: shape.map(BigInt),
    int32Data: [...values],
  });
}

export function booleans(name: string, shape: readonly number[], values: readonly number[]): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dataType: TensorProto_DataType.BOOL,
    dims: shape.map(BigInt),
    int32Data: [...values],
  });
}

function valueInfo({ name, shape, type = 'float32' }: ValueSpec): ValueInfoProto {
  const dim = shape?.map((size) =>
    typeof size === 'number'
      ? { value: { case: 'dimValue' as const, value: BigInt(size) } }
      : { value: { case: 'dimParam' as const, value: size } },
  );
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType: codes[type], ...(dim && { shape: { dim } }) } } },
  });
}

function attribute(name: string, value: Attribute) {
  if (typeof value === 'number') return create(AttributeProtoSchema, { name, type: Kind.INT, i: BigInt(value) });
  if (typeof value === 'string')
    return create(AttributeProtoSchema, { name, type: Kind.STRING, s: new TextEncoder().encode(value) });
  if ('strings' in value) {
    const strings = value.strings.map((text) => new TextEncoder().encode(text));
    return create(AttributeProtoSchema, { name, type: Kind.STRINGS, strings });
  }
  if ('ref' in value) return create(AttributeProtoSchema, { name, refAttrName: value.ref, type: Kind[value.kind] });
  if ('graph' in value) return create(AttributeProtoSchema, { name, type: Kind.GRAPH, g: graphProto(value.graph) });
  if ('float' in value) return create(AttributeProtoSchema, { name, type: Kind.FLOAT, f: value.float });
  if ('floats' in value) return create(AttributeProtoSchema, { name, type: Kind.FLOATS, floats: [...value.floats] });
  if ('$typeName' in value) return create(AttributeProtoSchema, { name, type: Kind.TENSOR, t: value });
  return create(AttributeProtoSchema, { name, type: Kind.INTS, ints: value.map(BigInt) });
}
