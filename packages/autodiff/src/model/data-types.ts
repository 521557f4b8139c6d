import { Code } from './onnx.js';
import type { DataType } from './types.js';

const codes: Partial<Record<DataType, number>> = {
  float32: Code.FLOAT,
  float64: Code.DOUBLE,
  float16: Code.FLOAT16,
  bfloat16: Code.BFLOAT16,
  int8: Code.INT8,
  int16: Code.INT16,
  int32: Code.INT32,
  int64: Code.INT64,
  uint8: Code.UINT8,
  uint16: Code.UINT16,
  uint32: Code.UINT32,
  uint64: Code.UINT64,
  bool: Code.BOOL,
  string: Code.STRING,
  int4: Code.INT4,
  uint4: Code.UINT4,
  int2: Code.INT2,
  uint2: Code.UINT2,
  float8e4m3fn: Code.FLOAT8E4M3FN,
  float8e4m3fnuz: Code.FLOAT8E4M3FNUZ,
  float8e5m2: Code.FLOAT8E5M2,
  float8e5m2fnuz: Code.FLOAT8E5M2FNUZ,
  float4e2m1: Code.FLOAT4E2M1,
};
const names = new Map(Object.entries(codes).map(([name, code]) => [code, name as DataType]));

/** Bytes of one element; undefined where elements have no fixed whole number of bytes, or are no numbers that are read here. */
export const elementBytes: Partial<Record<DataType, number>> = {
  float32: 4,
  float64: 8,
  float16: 2,
  bfloat16: 2,
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  uint8: 1,
  uint16: 2,
  uint32: 4,
  uint64: 8,
  bool: 1,
};

export function dataTypeName(code: number): DataType {
  return names.get(code) ?? 'other';
}

export function dataTypeCode(type: DataType): number {
  return codes[type] ?? Code.UNDEFINED;
}

const single = new Float32Array(1);
const singleBits = new Uint32Array(single.buffer);

/** The bits of the float16 nearest to a number, ties to even. */
export function toFloat16Bits(value: number): number {
  single[0] = value;
  const bits = singleBits[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = Math.abs(Math.fround(value));
  if (Number.isNaN(value)) return sign | 0x7e00;
  if (magnitude >= 65520) return sign | 0x7c00;
  if (magnitude < 2 ** -14) return sign | roundHalfEven(magnitude * 2 ** 24);
  const exponent = Math.floor(Math.log2(magnitude));
  return sign | (((exponent + 15) << 10) + roundHalfEven((magnitude / 2 ** exponent - 1) * 1024));
}

export function fromFloat16Bits(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

export function fromBfloat16Bits(bits: number): number {
  return new Float32Array(new Uint32Array([bits << 16]).buffer)[0]!;
}

/** The bits of the bfloat16 nearest to a number, ties to even. */
export function toBfloat16Bits(value: number): number {
  if (Number.isNaN(value)) return 0x7fc0;
  const bits = new Uint32Array(new Float32Array([value]).buffer)[0]!;
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
