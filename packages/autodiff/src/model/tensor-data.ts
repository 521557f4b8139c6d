import type { TensorProto } from 'onnx-buf';
import { explained, SaywhyError } from '../errors.js';
import {
  dataTypeCode,
  dataTypeName,
  elementBytes,
  fromBfloat16Bits,
  fromFloat16Bits,
  toBfloat16Bits,
  toFloat16Bits,
} from './data-types.js';
import { externalBytes, externalReference } from './external.js';
import { create, fromBinary, toBinary } from './messages.js';
import { TensorProtoSchema } from './onnx.js';
import type { DataType, Initializer } from './types.js';
import { concat, fieldsOf } from './wire.js';

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);
const UINT64_MAX = 2n ** 64n - 1n;

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Fields of TensorProto that hold elements, with the bytes of one where it is stored in a fixed number of them. */
const dataFields = new Map([
  [4, 4], // float_data
  [5, undefined], // int32_data
  [6, undefined], // string_data
  [7, undefined], // int64_data
  [9, undefined], // raw_data
  [10, 8], // double_data
  [11, undefined], // uint64_data
]);
const RAW_DATA = 9;

/**
 * A weight of a model, read without its elements.
 * @throws SaywhyError `invalid-model` where it holds another amount of data than its shape says; `external-data-outside`
 */
export function initializerFromBytes(encoded: Uint8Array): Initializer {
  const small: Uint8Array[] = [];
  const data: { field: number; length: number | undefined }[] = [];
  for (const { number, content, whole } of fieldsOf(encoded))
    if (dataFields.has(number)) data.push({ field: number, length: content?.length });
    else small.push(whole);
  const head = fromBinary(TensorProtoSchema, concat(small));
  const { type, shape, external } = describeTensor(head);
  const result: Initializer = {
    name: head.name,
    type,
    shape,
    external,
    encoded,
    get proto() {
      return explained(`The initializer "${head.name}"`, () => fromBinary(TensorProtoSchema, encoded));
    },
  };
  if (!external) checkAmount(result, data);
  return result;
}

/** The same of a constant that stands in an attribute. */
export function describeTensor(proto: TensorProto): Pick<Initializer, 'type' | 'shape' | 'external' | 'proto'> {
  return {
    type: dataTypeName(proto.dataType),
    shape: proto.dims.map(Number),
    external: externalReference(proto),
    proto,
  };
}

function checkAmount(
  { name, type, shape }: Initializer,
  data: readonly { field: number; length: number | undefined }[],
): void {
  const count = elementCount(shape);
  const last = data.at(-1);
  const size = last?.field === RAW_DATA ? elementBytes[type] : dataFields.get(last?.field ?? 0);
  const held = last?.length === undefined || !size ? undefined : last.length / size;
  const isEmpty = data.every(({ length }) => length === 0);
  const fits = isEmpty ? count === 0 : held === undefined || held === count || data.length > 1;
  if (type !== 'other' && !(count >= 0 && shape.every((size) => size >= 0) && fits))
    throw new SaywhyError(
      'invalid-model',
      `The weight "${name}" of shape [${shape}] and type ${type} does not hold ${count} elements${held === undefined ? '' : ` but ${held}`}.`,
    );
}

/** Makes a constant from numbers, row by row. Integers beyond 2^53 saturate as ONNX's "to the end" markers do. */
export function makeTensor(
  name: string,
  type: DataType,
  shape: readonly number[],
  values: readonly number[],
): TensorProto {
  const [size, write] = [elementBytes[type], writers[type]];
  if (!size || !write) throw new SaywhyError('unsupported-type', `Constants of type ${type} cannot be made.`);
  const rawData = new Uint8Array(values.length * size);
  const view = new DataView(rawData.buffer);
  values.forEach((value, index) => {
    write(view, index * size, value);
  });
  return create(TensorProtoSchema, { name, dataType: dataTypeCode(type), dims: shape.map(BigInt), rawData });
}

export function makeInitializer(
  name: string,
  type: DataType,
  shape: readonly number[],
  values: readonly number[],
): Initializer {
  return initializerFromBytes(toBinary(TensorProtoSchema, makeTensor(name, type, shape, values)));
}

/**
 * The elements of a constant as numbers, row by row, whichever of ONNX's fields hold them.
 * @throws SaywhyError `external-data-missing` where they lie in a file that was not supplied; `unsupported-type` for text, complex numbers and types of
 *   less than a byte; `invalid-model` where they are not as many as the shape says.
 */
export function readTensor(proto: TensorProto, external: ReadonlyMap<string, Uint8Array>): number[] {
  const { type, shape, external: elsewhere } = describeTensor(proto);
  const values = elsewhere
    ? readRaw(externalBytes(proto.name, elsewhere, external), type)
    : proto.rawData.length > 0
      ? readRaw(proto.rawData, type)
      : readTyped(proto, type);
  const count = elementCount(shape);
  if (values.length === count) return values;
  throw new SaywhyError(
    'invalid-model',
    `The constant "${proto.name}" of shape [${shape}] and type ${type} holds ${values.length} elements, not ${count}.`,
  );
}

/** The same in float32, of which the elements of a float32 weight are copied at once. */
export function readFloats(proto: TensorProto, external: ReadonlyMap<string, Uint8Array>): Float32Array {
  const { type, external: elsewhere } = describeTensor(proto);
  const raw = elsewhere ? externalBytes(proto.name, elsewhere, external) : proto.rawData;
  if (type !== 'float32' || raw.length === 0) return Float32Array.from(readTensor(proto, external));
  return new Float32Array(new Uint8Array(raw).buffer);
}

function readTyped(proto: TensorProto, type: DataType): number[] {
  if (!elementBytes[type]) throw unreadable(type);
  if (type === 'float16') return proto.int32Data.map(fromFloat16Bits);
  if (type === 'bfloat16') return proto.int32Data.map(fromBfloat16Bits);
  for (const field of [proto.floatData, proto.doubleData, proto.int32Data]) if (field.length > 0) return [...field];
  return [...proto.int64Data, ...proto.uint64Data].map(Number);
}

function readRaw(bytes: Uint8Array, type: DataType): number[] {
  const [size, read] = [elementBytes[type], readers[type]];
  if (!size || !read) throw unreadable(type);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values: number[] = [];
  for (let at = 0; at + size <= bytes.length; at += size) values.push(read(view, at));
  return values;
}

function unreadable(type: DataType): SaywhyError {
  const kind = type === 'other' ? 'a type without whole bytes or real numbers' : type;
  return new SaywhyError('unsupported-type', `Constants of ${kind} cannot be read as numbers.`);
}

type Reader = (view: DataView, at: number) => number;
type Writer = (view: DataView, at: number, value: number) => void;

const readers: Partial<Record<DataType, Reader>> = {
  float32: (view, at) => view.getFloat32(at, true),
  float64: (view, at) => view.getFloat64(at, true),
  float16: (view, at) => fromFloat16Bits(view.getUint16(at, true)),
  bfloat16: (view, at) => fromBfloat16Bits(view.getUint16(at, true)),
  int64: (view, at) => Number(view.getBigInt64(at, true)),
  uint64: (view, at) => Number(view.getBigUint64(at, true)),
  int32: (view, at) => view.getInt32(at, true),
  uint32: (view, at) => view.getUint32(at, true),
  int16: (view, at) => view.getInt16(at, true),
  uint16: (view, at) => view.getUint16(at, true),
  int8: (view, at) => view.getInt8(at),
  uint8: (view, at) => view.getUint8(at),
  bool: (view, at) => view.getUint8(at),
};

const writers: Partial<Record<DataType, Writer>> = {
  float32: (view, at, value) => view.setFloat32(at, value, true),
  float64: (view, at, value) => view.setFloat64(at, value, true),
  float16: (view, at, value) => view.setUint16(at, toFloat16Bits(value), true),
  bfloat16: (view, at, value) => view.setUint16(at, toBfloat16Bits(value), true),
  int64: (view, at, value) => view.setBigInt64(at, saturate(value, INT64_MIN, INT64_MAX), true),
  uint64: (view, at, value) => view.setBigUint64(at, saturate(value, 0n, UINT64_MAX), true),
  int32: (view, at, value) => view.setInt32(at, value, true),
  uint32: (view, at, value) => view.setUint32(at, value, true),
  int16: (view, at, value) => view.setInt16(at, value, true),
  uint16: (view, at, value) => view.setUint16(at, value, true),
  int8: (view, at, value) => view.setInt8(at, value),
  uint8: (view, at, value) => view.setUint8(at, value),
  bool: (view, at, value) => view.setUint8(at, value),
};

/** NaN becomes 0, as in a typed array. */
function saturate(value: number, least: bigint, most: bigint): bigint {
  const bounded = Math.trunc(Math.min(Math.max(value, -(2 ** 65)), 2 ** 65)) || 0;
  const integer = BigInt(bounded);
  return integer > most ? most : integer < least ? least : integer;
}
