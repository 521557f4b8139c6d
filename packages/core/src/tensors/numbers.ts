// Between the runtime's tensors, of whatever type a model uses, and float32, in which everything here is computed.
import { type DataType, fromFloat16Bits, toFloat16Bits } from '@saywhy/autodiff';
import { Tensor } from 'onnxruntime-common';
import { SaywhyError } from '../errors.js';

type Numeric = Exclude<Tensor.Type, 'string'>;

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  int32: Int32Array,
  uint32: Uint32Array,
} as const;

/** A tensor of the model's own type from float32 values. */
export function fromFloats(values: Float32Array, type: DataType, dims: readonly number[]): Tensor {
  if (type === 'float32') return new Tensor('float32', values, dims);
  if (type === 'float16') return new Tensor('float16', Uint16Array.from(values, toFloat16Bits), dims);
  if (type === 'int64')
    return new Tensor(
      'int64',
      BigInt64Array.from(values, (value) => BigInt(Math.round(value))),
      dims,
    );
  if (type in arrays) {
    const array = arrays[type as keyof typeof arrays];
    return new Tensor(type as Numeric, array.from(values as ArrayLike<number>), dims);
  }
  throw new SaywhyError(
    'unsupported-type',
    `A tensor of type ${type} cannot be made from a picture. Pass it as { data, shape, type }.`,
  );
}

/** The values of a result, which may still lie on the device. A float32 result is not copied. */
export async function toFloats(tensor: Tensor): Promise<Float32Array> {
  return floatsIn(tensor.location === 'cpu' ? tensor.data : await tensor.getData(), tensor.type);
}

/** A tensor's data as numbers, not copied where it is float32. */
export function floatsIn(data: Tensor['data'], type: Tensor.Type): Float32Array {
  if (data instanceof Float32Array) return data;
  if (type === 'float16' && data instanceof Uint16Array) return Float32Array.from(data, fromFloat16Bits);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Float32Array.from(data, Number);
  if (Array.isArray(data))
    throw new SaywhyError('unsupported-type', 'The model gave text where numbers were expected.');
  return Float32Array.from(data as ArrayLike<number>);
}

export function countOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Whether all values are finite: NaN and infinities survive a sum. Four sums, since each addition waits for the one before; products with 0 cannot overflow. */
export function allFinite(values: Float32Array | Float64Array): boolean {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = values.length - (values.length % 4);
  for (let i = 0; i < whole; i += 4) {
    a += values[i]! * 0;
    b += values[i + 1]! * 0;
    c += values[i + 2]! * 0;
    d += values[i + 3]! * 0;
  }
  for (let i = whole; i < values.length; i++) a += values[i]! * 0;
  return a + b + c + d === 0;
}
