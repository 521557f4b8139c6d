import { create, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { ModelProtoSchema } from 'onnx-buf';
import { concat, graphFields } from './parse.js';
import type { Model } from './types.js';

const GRAPH_FIELD = 7;

/**
 * The model as the bytes of an ONNX file. Every node and weight is copied as the bytes it was read from; the graph is one field, since a second one,
 * though legal protobuf, is dropped by Netron. External data is not part of the result: its references stay as they were.
 */
export function writeModel(model: Model): Uint8Array {
  const { graph } = model;
  const parts: Uint8Array[] = [];
  const put = (field: number, content: Uint8Array) => {
    parts.push(prefix(field, content.length), content);
  };
  for (const node of graph.nodes) put(graphFields.node, node.encoded);
  put(graphFields.name, new TextEncoder().encode(graph.name));
  for (const tensor of graph.initializers.values()) put(graphFields.initializer, tensor.encoded);
  for (const input of graph.inputs) put(graphFields.input, input.encoded);
  for (const output of graph.outputs) put(graphFields.output, output.encoded);
  for (const value of graph.valueInfo.values()) put(graphFields.valueInfo, value.encoded);
  parts.push(...graph.rest);

  const { $typeName, $unknown, ...fields } = model.header;
  const header = create(ModelProtoSchema, {
    ...fields,
    metadataProps: [...model.metadata].map(([key, value]) => ({ key, value })),
  });
  const length = parts.reduce((total, part) => total + part.length, 0);
  return concat([toBinary(ModelProtoSchema, header), prefix(GRAPH_FIELD, length), ...parts]);
}

function prefix(field: number, length: number): Uint8Array {
  return new BinaryWriter().tag(field, WireType.LengthDelimited).uint32(length).finish();
}
