// A model whose weights lie in another file.
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, StringStringEntryProtoSchema, TensorProto_DataLocation } from 'onnx-buf';

/** Moves every initializer of some size into one file at `location`. */
export function withExternalData(bytes: Uint8Array, location: string): { model: Uint8Array; weights: Uint8Array } {
  const model = fromBinary(ModelProtoSchema, bytes);
  const weights: Uint8Array[] = [];
  let offset = 0;
  for (const tensor of model.graph!.initializer) {
    const data =
      tensor.rawData.length > 0 ? tensor.rawData : new Uint8Array(Float32Array.from(tensor.floatData).buffer);
    if (data.length < 64) continue;
    weights.push(data);
    const entries = { location, offset, length: data.length };
    offset += data.length;
    tensor.rawData = new Uint8Array();
    tensor.floatData = [];
    tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
    tensor.externalData = Object.entries(entries).map(([key, value]) =>
      create(StringStringEntryProtoSchema, { key, value: String(value) }),
    );
  }
  return { model: toBinary(ModelProtoSchema, model), weights: Buffer.concat(weights) };
}
