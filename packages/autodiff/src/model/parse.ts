import { SaywhyError } from '../errors.js';
import { nodeFromProto, standardDomain, valueFromProto } from './encode.js';
import { externalLocations } from './external.js';
import { duplicate, indexGraph } from './graph.js';
import { fromBinary } from './messages.js';
import { ModelProtoSchema, NodeProtoSchema, SparseTensorProtoSchema, ValueInfoProtoSchema } from './onnx.js';
import { initializerFromBytes } from './tensor-data.js';
import type { Graph, Initializer, Model, Node, Value } from './types.js';
import { concat, fieldsOf } from './wire.js';

/** A model's bytes, with the files that hold its external data (by the location that the model names) where it has any. */
export type ModelBytes = {
  readonly bytes: Uint8Array;
  readonly external?: Readonly<Record<string, Uint8Array>> | undefined;
};

/** A protobuf message, and so a model in one file, cannot be larger. */
export const MAX_BYTES = 2 ** 31 - 1;

export const GRAPH_FIELD = 7;
const METADATA_FIELD = 14;
/** ir_version, opset_import and metadata_props. */
const headerFields = new Set([1, 8, METADATA_FIELD]);
export const graphFields = {
  node: 1,
  name: 2,
  initializer: 5,
  input: 11,
  output: 12,
  valueInfo: 13,
  sparseInitializer: 15,
} as const;

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
    return readModel(bytes, new Map(Object.entries(external)));
  } catch (error) {
    if (error instanceof SaywhyError) throw error;
    throw new SaywhyError('invalid-model', `${describeBytes(bytes)} no ONNX model, or only a part of one.`, {
      cause: error,
    });
  }
}

function readModel(bytes: Uint8Array, external: ReadonlyMap<string, Uint8Array>): Model {
  const graphs: Uint8Array[] = [];
  const header: Uint8Array[] = [];
  const rest: Uint8Array[] = [];
  for (const { number, content, whole } of fieldsOf(bytes)) {
    if (number === GRAPH_FIELD && content) graphs.push(content);
    else if (number !== METADATA_FIELD) rest.push(whole);
    if (headerFields.has(number)) header.push(whole);
  }
  const { opsetImport, irVersion, metadataProps } = fromBinary(ModelProtoSchema, concat(header));
  const opset = new Map(opsetImport.map(({ domain, version }) => [standardDomain(domain), Number(version)]));
  if (graphs.length === 0 || opset.size === 0)
    throw new SaywhyError(
      'invalid-model',
      `${describeBytes(bytes)} no ONNX graph. Is it an .onnx file, and all of it?`,
    );
  const model: Model = {
    // Repeated occurrences of a message field are one message, by protobuf's rules.
    graph: readGraph(concat(graphs)),
    opset,
    irVersion: Number(irVersion),
    metadata: new Map(metadataProps.map(({ key, value }) => [key, value])),
    rest,
    external,
  };
  // Throws where one of them lies outside.
  externalLocations(model);
  return model;
}

function readGraph(bytes: Uint8Array): Graph {
  let name = '';
  const nodes: Node[] = [];
  const initializers = new Map<string, Initializer>();
  const sparse = new Set<string>();
  const inputs: Value[] = [];
  const outputs: Value[] = [];
  const valueInfo = new Map<string, Value>();
  const rest: Uint8Array[] = [];
  const value = (encoded: Uint8Array) => valueFromProto(fromBinary(ValueInfoProtoSchema, encoded), encoded);
  for (const { number, content, whole } of fieldsOf(bytes)) {
    if (content && number === graphFields.node)
      nodes.push(nodeFromProto(fromBinary(NodeProtoSchema, content), content));
    else if (content && number === graphFields.name) name = new TextDecoder().decode(content);
    else if (content && number === graphFields.initializer) {
      const tensor = initializerFromBytes(content);
      if (initializers.has(tensor.name)) throw duplicate('weights', tensor.name);
      initializers.set(tensor.name, tensor);
    } else if (content && number === graphFields.input) inputs.push(value(content));
    else if (content && number === graphFields.output) outputs.push(value(content));
    else if (content && number === graphFields.valueInfo) {
      const info = value(content);
      valueInfo.set(info.name, info);
    } else {
      if (content && number === graphFields.sparseInitializer)
        sparse.add(fromBinary(SparseTensorProtoSchema, content).values?.name ?? '');
      rest.push(whole);
    }
  }
  return indexGraph({ name, nodes, initializers, sparse, inputs, outputs, valueInfo, rest });
}

function describeBytes(bytes: Uint8Array): string {
  const start = new TextDecoder().decode(bytes.subarray(0, 24));
  if (start.startsWith('version https://git-lfs'))
    return 'This is a Git LFS pointer, not the file that it stands for (run `git lfs pull`): it holds';
  return bytes.length === 0 ? 'The file is empty: it holds' : `These ${bytes.length} bytes hold`;
}
