// Tensors of every type that the cases of the ONNX standard are fed with.
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, TensorProtoSchema } from 'onnx-buf';
import * as ort from 'onnxruntime-node';
import { dataTypeCode, fromFloat16Bits, toFloat16Bits } from '../../packages/autodiff/src/model/data-types.js';

/** A tensor whose elements lie in a file, from byte `at` on. */
export interface TypedTensor {
  readonly name: string;
  readonly type: keyof typeof arrays;
  readonly shape: readonly number[];
  readonly at: number;
}

export type Real = 'float64' | 'float32' | 'float16';

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
} as const;

export function isReal(type: string): type is Real {
  return type === 'float64' || type === 'float32' || type === 'float16';
}

export function typedTensors(specs: readonly TypedTensor[], data: Uint8Array): Record<string, ort.Tensor> {
  return Object.fromEntries(
    specs.map(({ name, type, shape, at }) => {
      const count = shape.reduce((product, size) => product * size, 1);
      const bytes = data.slice(at, at + count * arrays[type].BYTES_PER_ELEMENT);
      return [name, new ort.Tensor(type as 'float32', new arrays[type](bytes.buffer) as Float32Array, shape)];
    }),
  );
}

export function numbers({ type, data }: ort.Tensor): number[] {
  if (type === 'float16') return Array.from(data as Uint16Array, fromFloat16Bits);
  return Array.from(data as Float64Array, Number);
}

export function tensorOf(type: Real, values: readonly number[], dims: readonly number[]): ort.Tensor {
  if (type === 'float16') return new ort.Tensor('float16', Uint16Array.from(values, toFloat16Bits), dims);
  if (type === 'float64') return new ort.Tensor('float64', Float64Array.from(values), dims);
  return new ort.Tensor('float32', Float32Array.from(values), dims);
}

/** A model in which the inputs that are no real numbers are constants, as exporters write them. */
export function withConstants(bytes: Uint8Array, feeds: Readonly<Record<string, ort.Tensor>>): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes);
  const graph = model.graph!;
  for (const { name } of graph.input) {
    const { type, dims, data } = feeds[name]!;
    if (isReal(type)) continue;
    const { buffer, byteOffset, byteLength } = data as Uint8Array<ArrayBuffer>;
    const rawData = new Uint8Array(buffer, byteOffset, byteLength);
    const dataType = dataTypeCode(type as 'int64');
    graph.initializer.push(create(TensorProtoSchema, { name, dataType, dims: dims.map(BigInt), rawData }));
  }
  graph.input = graph.input.filter(({ name }) => isReal(feeds[name]!.type));
  return toBinary(ModelProtoSchema, model);
}

export function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * b[index]!, 0);
}

export function norm(a: readonly number[]): number {
  return Math.sqrt(dot(a, a));
}
