import { create, toBinary } from '@bufbuild/protobuf';
import { type TensorProto, TensorProto_DataLocation, TensorProtoSchema } from 'onnx-buf';
import { SaywhyError } from '../errors.js';
import {
  dataTypeCode,
  dataTypeName,
  elementBytes,
  fromBfloat16Bits,
  fromFloat16Bits,
  toBfloat16Bits,
  toFloat16Bits,
} from './data-types.js';
import type { DataType, Initializer } from './types.js';

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function initializer(proto: TensorProto, encoded: Uint8Array): Initializer {
  return { name: proto.name, type: dataTypeName(proto.dataType), shape: proto.dims.map(Number), proto, encoded };
}

/** Makes a constant from numbers, row by row. Integers beyond 2^53 saturate as ONNX's "to the end" markers do. */
export function makeTensor(
  name: string,
  type: DataType,
  shape: readonly number[],
  values: readonly number[],
): TensorProto {
  const rawData = new Uint8Array(values.length * (elementBytes[type] ?? 0));
  const view = new DataView(rawData.buffer);
  values.forEach((value, index) => {
    writeElement(view, type, index, value);
  });
  return create(TensorProtoSchema, { name, dataType: dataTypeCode(type), dims: shape.map(BigInt), rawData });
}

export function makeInitializer(
  name: string,
  type: DataType,
  shape: readonly number[],
  values: readonly number[],
): Initializer {
  const proto = makeTensor(name, type, shape, values);
  return initializer(proto, toBinary(TensorProtoSchema, proto));
}

/**
 * The elements of a constant as numbers, whichever of ONNX's fields hold them.
 * @throws SaywhyError `external-data-missing` where they lie in a file that was not supplied.
 */
export function readTensor(proto: TensorProto, external: ReadonlyMap<string, Uint8Array>): number[] {
  const type = dataTypeName(proto.dataType);
  if (proto.dataLocation === TensorProto_DataLocation.EXTERNAL) return readRaw(externalBytes(proto, external), type);
  if (proto.rawData.length > 0) return readRaw(proto.rawData, type);
  if (type === 'float16') return proto.int32Data.map(fromFloat16Bits);
  if (type === 'bfloat16') return proto.int32Data.map(fromBfloat16Bits);
  for (const field of [proto.floatData, proto.doubleData, proto.int32Data]) if (field.length > 0) return [...field];
  return [...proto.int64Data, ...proto.uint64Data].map(Number);
}

/** Where a tensor's external data lies: the file's location as the model names it, and the range of bytes in it. */
export function externalReference(proto: TensorProto): {
  location: string;
  offset: number;
  length: number | undefined;
} {
  const entries = new Map(proto.externalData.map(({ key, value }) => [key, value]));
  const length = entries.get('length');
  return {
    location: entries.get('location') ?? '',
    offset: Number(entries.get('offset') ?? 0),
    length: length === undefined ? undefined : Number(length),
  };
}

function externalBytes(proto: TensorProto, external: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const { location, offset, length } = externalReference(proto);
  const file = external.get(location);
  if (!file)
    throw new SaywhyError(
      'external-data-missing',
      `The weights of "${proto.name}" lie in "${location}", which was not given. Pass { bytes, external: { "${location}": ... } }.`,
    );
  const end = length === undefined ? file.length : offset + length;
  if (!(offset >= 0 && end >= offset && end <= file.length))
    throw new SaywhyError(
      'invalid-model',
      `"${proto.name}" claims bytes ${offset} to ${end} of "${location}", which holds ${file.length}. The file may be truncated.`,
    );
  return file.subarray(offset, end);
}

function readRaw(bytes: Uint8Array, type: DataType): number[] {
  const size = elementBytes[type];
  if (!size) throw new SaywhyError('unsupported-type', `Tensors of type ${type} cannot be read.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / size) }, (_, index) => readElement(view, type, index * size));
}

function readElement(view: DataView, type: DataType, at: number): number {
  switch (type) {
    case 'float32':
      return view.getFloat32(at, true);
    case 'float64':
      return view.getFloat64(at, true);
    case 'float16':
      return fromFloat16Bits(view.getUint16(at, true));
    case 'bfloat16':
      return fromBfloat16Bits(view.getUint16(at, true));
    case 'int64':
      return Number(view.getBigInt64(at, true));
    case 'uint64':
      return Number(view.getBigUint64(at, true));
    case 'int32':
      return view.getInt32(at, true);
    case 'uint32':
      return view.getUint32(at, true);
    case 'int16':
      return view.getInt16(at, true);
    case 'uint16':
      return view.getUint16(at, true);
    case 'int8':
      return view.getInt8(at);
    default:
      return view.getUint8(at);
  }
}

function writeElement(view: DataView, type: DataType, index: number, value: number): void {
  const at = index * (elementBytes[type] ?? 0);
  switch (type) {
    case 'float32':
      return view.setFloat32(at, value, true);
    case 'float64':
      return view.setFloat64(at, value, true);
    case 'float16':
      return view.setUint16(at, toFloat16Bits(value), true);
    case 'bfloat16':
      return view.setUint16(at, toBfloat16Bits(value), true);
    case 'int64':
      return view.setBigInt64(at, saturate(value), true);
    case 'int32':
      return view.setInt32(at, value, true);
    case 'bool':
    case 'uint8':
      return view.setUint8(at, value);
    default:
      throw new SaywhyError('unsupported-type', `Constants of type ${type} cannot be made.`);
  }
}

function saturate(value: number): bigint {
  const integer = BigInt(value);
  return integer > INT64_MAX ? INT64_MAX : integer < INT64_MIN ? INT64_MIN : integer;
}
