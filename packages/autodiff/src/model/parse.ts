import { fromBinary } from '@bufbuild/protobuf';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import {
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataLocation,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import { SaywhyError } from '../errors.js';
import { elementBytes } from './data-types.js';
import { nodeFromProto, valueFromProto } from './encode.js';
import { indexGraph } from './graph.js';
import { elementCount, externalReference, initializer } from './tensor-data.js';
import type { Graph, Initializer, Model, Node, Value } from './types.js';

/** A model's bytes, with the files that hold its external data (by the location that the model names) where it has any. */
export type ModelBytes = {
  readonly bytes: Uint8Array;
  readonly external?: Readonly<Record<string, Uint8Array>> | undefined;
};

/** A protobuf message, and so a model in one file, cannot be larger. */
const MAX_BYTES = 2 ** 31 - 1;

const GRAPH_FIELD = 7;
const LENGTH_DELIMITED = 2;
export const graphFields = { node: 1, name: 2, initializer: 5, input: 11, output: 12, valueInfo: 13 } as const;

/**
 * Reads an ONNX model. Weights stay views of the given bytes: nothing is decoded until its value is asked for, so do not change the bytes afterwards.
 * @throws SaywhyError `invalid-model` for bytes that are no ONNX model, and for a graph with cycles, duplicate or missing names; `model-too-large`;
 *   `external-data-outside` for external data that points out of the model's folder.
 */
export function parseModel(source: Uint8Array | ModelBytes): Model {
  const { bytes, external = {} } = source instanceof Uint8Array ? { bytes: source } : source;
  if (bytes.length > MAX_BYTES)
    throw new SaywhyError(
      'model-too-large',
      `This model has ${bytes.length} bytes; one ONNX file holds 2 GiB at most. Save the weights as external data.`,
    );
  try {
    return read(bytes, new Map(Object.entries(external)));
  } catch (error) {
    if (error instanceof SaywhyError) throw error;
    throw new SaywhyError(
      'invalid-model',
      `These ${bytes.length} bytes are not an ONNX model, or only a part of one.`,
      { cause: error },
    );
  }
}

function read(bytes: Uint8Array, external: ReadonlyMap<string, Uint8Array>): Model {
  const graphs: Uint8Array[] = [];
  const others: Uint8Array[] = [];
  eachField(bytes, (field, content, whole) => {
    if (field === GRAPH_FIELD && content) graphs.push(content);
    else others.push(whole);
  });
  const header = fromBinary(ModelProtoSchema, concat(others));
  const opset = new Map(
    header.opsetImport.map(({ domain, version }) => [domain === 'ai.onnx' ? '' : domain, Number(version)]),
  );
  if (graphs.length === 0 || opset.size === 0)
    throw new SaywhyError(
      'invalid-model',
      `These ${bytes.length} bytes hold no ONNX graph. Is it an .onnx file, and all of it?`,
    );
  // Repeated occurrences of a message field are one message, by protobuf's rules.
  const graph = readGraph(graphs.length === 1 ? graphs[0]! : concat(graphs));
  for (const tensor of graph.initializers.values()) checkInitializer(tensor);
  return {
    graph,
    opset,
    irVersion: Number(header.irVersion),
    metadata: new Map(header.metadataProps.map(({ key, value }) => [key, value])),
    header,
    external,
  };
}

function readGraph(bytes: Uint8Array): Graph {
  let name = '';
  const nodes: Node[] = [];
  const initializers = new Map<string, Initializer>();
  const inputs: Value[] = [];
  const outputs: Value[] = [];
  const valueInfo = new Map<string, Value>();
  const rest: Uint8Array[] = [];
  const value = (encoded: Uint8Array) => valueFromProto(fromBinary(ValueInfoProtoSchema, encoded), encoded);
  eachField(bytes, (field, content, whole) => {
    if (!content) return void rest.push(whole);
    if (field === graphFields.node) nodes.push(nodeFromProto(fromBinary(NodeProtoSchema, content), content));
    else if (field === graphFields.name) name = new TextDecoder().decode(content);
    else if (field === graphFields.initializer) {
      const tensor = initializer(fromBinary(TensorProtoSchema, content), content);
      if (initializers.has(tensor.name))
        throw new SaywhyError(
          'invalid-model',
          `Two weights of this model are named "${tensor.name}". ONNX wants every name once.`,
        );
      initializers.set(tensor.name, tensor);
    } else if (field === graphFields.input) inputs.push(value(content));
    else if (field === graphFields.output) outputs.push(value(content));
    else if (field === graphFields.valueInfo) {
      const info = value(content);
      valueInfo.set(info.name, info);
    } else rest.push(whole);
  });
  return indexGraph({ name, nodes, initializers, inputs, outputs, valueInfo, rest });
}

function checkInitializer({ name, type, shape, proto }: Initializer): void {
  if (proto.dataLocation === TensorProto_DataLocation.EXTERNAL) {
    const { location } = externalReference(proto);
    const outside = location === '' || /^([a-z]:|[\\/])/i.test(location) || location.split(/[\\/]/).includes('..');
    if (outside)
      throw new SaywhyError(
        'external-data-outside',
        `The weights of "${name}" are said to lie in "${location}". External data must lie in the model's own folder or below it.`,
      );
    return;
  }
  const expected = elementCount(shape) * (elementBytes[type] ?? 0);
  if (
    shape.some((size) => !(size >= 0)) ||
    (proto.rawData.length > 0 && elementBytes[type] && proto.rawData.length !== expected)
  )
    throw new SaywhyError(
      'invalid-model',
      `The weight "${name}" of shape [${shape}] and type ${type} holds ${proto.rawData.length} bytes, not ${expected}.`,
    );
}

/** Calls back with each field of a message: its content where it is length-delimited, and the field as a whole. */
function eachField(
  bytes: Uint8Array,
  visit: (field: number, content: Uint8Array | undefined, whole: Uint8Array) => void,
): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [field, wireType] = reader.tag();
    const content = wireType === LENGTH_DELIMITED ? reader.bytes() : undefined;
    if (!content) reader.skip(wireType, field);
    if (reader.pos > reader.len) throw new RangeError('a field ends after the message');
    visit(field, content, bytes.subarray(start, reader.pos));
  }
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
