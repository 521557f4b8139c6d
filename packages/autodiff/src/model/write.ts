import { SaywhyError } from '../errors.js';
import { create, toBinary } from './messages.js';
import { ModelProtoSchema } from './onnx.js';
import { GRAPH_FIELD, graphFields, MAX_BYTES } from './parse.js';
import type { Model } from './types.js';
import { concat, fieldHead, totalLength } from './wire.js';

/**
 * The model as the bytes of an ONNX file. Every node and weight is copied as the bytes it was read from; the graph is one field, since a second one,
 * though legal protobuf, is dropped by Netron. External data is not part of the result: its references stay as they were.
 * @throws SaywhyError `model-too-large` beyond the 2 GiB that one file holds
 */
export function writeModel(model: Model): Uint8Array {
  const { graph } = model;
  const parts: Uint8Array[] = [];
  const put = (field: number, content: Uint8Array) => {
    parts.push(fieldHead(field, content.length), content);
  };
  for (const node of graph.nodes) put(graphFields.node, node.encoded);
  put(graphFields.name, new TextEncoder().encode(graph.name));
  for (const tensor of graph.initializers.values()) put(graphFields.initializer, tensor.encoded);
  for (const input of graph.inputs) put(graphFields.input, input.encoded);
  for (const output of graph.outputs) put(graphFields.output, output.encoded);
  for (const value of graph.valueInfo.values()) put(graphFields.valueInfo, value.encoded);
  parts.push(...graph.rest);

  const metadataProps = [...model.metadata].map(([key, value]) => ({ key, value }));
  const metadata = toBinary(ModelProtoSchema, create(ModelProtoSchema, { metadataProps }));
  const length = totalLength(parts);
  const head = [...model.rest, metadata, fieldHead(GRAPH_FIELD, length)];
  const total = totalLength(head) + length;
  if (total > MAX_BYTES)
    throw new SaywhyError(
      'model-too-large',
      `The model would have ${total} bytes; one ONNX file holds 2 GiB at most. Save its weights as external data first.`,
    );
  return concat([...head, ...parts]);
}
