// Operators that make tensors from nothing, or from the shapes of others.
import type { TensorProto } from 'onnx-buf';
import { dataTypeName, elementBytes } from '../../model/data-types.js';
import { externalFile } from '../../model/external.js';
import { describeTensor, elementCount, readTensor } from '../../model/tensor-data.js';
import { type DataType, type Dimension, type Initializer, isFloating } from '../../model/types.js';
import { operators, type Tensor } from '../record.js';
import { mapDimension, numbersOf, productOf, same } from '../shapes.js';
import { range } from './placing.js';

/** Constants whose elements are kept: shapes, axes, scales, bounds; never weights. */
export const VALUE_LIMIT = 4096;
const FLOAT_LIMIT = 64;

/** The elements of a constant that is small and at hand. */
export function constantElements(
  constant: Pick<Initializer, 'type' | 'shape' | 'external' | 'proto'>,
  files: ReadonlyMap<string, Uint8Array> = new Map(),
): readonly number[] | undefined {
  const { type, shape, external } = constant;
  const limit = isFloating(type) ? FLOAT_LIMIT : VALUE_LIMIT;
  if (!elementBytes[type] || elementCount(shape) > limit) return undefined;
  return external && !externalFile(files, external.location) ? undefined : readTensor(constant.proto, files);
}

function tensorAttribute(value: unknown): TensorProto | undefined {
  const isTensor =
    typeof value === 'object' && value !== null && '$typeName' in value && value.$typeName === 'onnx.TensorProto';
  return isTensor ? (value as TensorProto) : undefined;
}

type ConstantAttributes = Readonly<Record<string, unknown>>;

/** The attribute of Constant that was given, as a tensor's type, shape and elements. */
function constant(attributes: ConstantAttributes): Pick<Tensor, 'type' | 'shape' | 'value'> {
  const [kind, value] = Object.entries(attributes).find(([, given]) => given !== undefined) ?? [];
  const proto = tensorAttribute(value);
  if (proto) {
    const described = describeTensor(proto);
    return { ...described, value: constantElements(described) };
  }
  const type: DataType = kind?.startsWith('value_float')
    ? 'float32'
    : kind?.startsWith('value_int')
      ? 'int64'
      : kind?.startsWith('value_string')
        ? 'string'
        : 'other';
  const isNumeric = type === 'float32' || type === 'int64';
  if (Array.isArray(value)) return { type, shape: [value.length], value: isNumeric ? value : undefined };
  return { type, shape: type === 'other' ? undefined : [], value: typeof value === 'number' ? [value] : undefined };
}

/** The number of steps of a range; a symbol where it counts the positions of an axis. */
function rangeLength(start: Tensor, limit: Tensor, delta: Tensor): Dimension {
  const [from, to, by] = [start.value?.[0], limit.value?.[0], delta.value?.[0]];
  if (typeof from === 'number' && typeof to === 'number' && typeof by === 'number')
    return Math.max(0, Math.ceil((to - from) / by));
  return from === 0 && by === 1 && to !== undefined ? to : '?';
}

/** The type that an attribute `dtype` or `to` asks for. */
export function typeCode(code: number | undefined, otherwise: DataType): DataType {
  return code ? dataTypeName(code) : otherwise;
}

const window = {
  grad: 'none' as const,
  shape: ({ size }: { readonly size: Tensor }) => [size.value?.[0] ?? '?'],
  type: ({ attributes }: { readonly attributes: { readonly output_datatype: number } }) =>
    typeCode(attributes.output_datatype, 'float32'),
};
const random = {
  grad: 'none' as const,
  shape: ({ attributes: { shape } }: { readonly attributes: { readonly shape: readonly number[] | undefined } }) =>
    shape,
  type: ({ attributes: { dtype } }: { readonly attributes: { readonly dtype: number } }) => typeCode(dtype, 'float32'),
};
const randomLike = {
  grad: 'none' as const,
  shape: same,
  type: ({
    input,
    attributes,
  }: {
    readonly input: Tensor;
    readonly attributes: { readonly dtype: number | undefined };
  }) => typeCode(attributes.dtype, input.type),
};

export const constants = operators({
  Constant: {
    type: ({ attributes }) => constant(attributes).type,
    shape: ({ attributes }) => constant(attributes).shape,
    value: ({ attributes }) => constant(attributes).value,
    grad: 'none',
  },
  ConstantOfShape: {
    type: ({ attributes: { value } }) => typeCode(tensorAttribute(value)?.dataType, 'float32'),
    shape: ({ input }) => {
      if (input.value) return input.value;
      const rank = input.shape?.[0];
      return typeof rank === 'number' && rank <= VALUE_LIMIT ? new Array(rank).fill('?') : undefined;
    },
    value: ({ input, attributes: { value } }) => {
      const proto = tensorAttribute(value);
      const fill = proto ? constantElements(describeTensor(proto))?.[0] : 0;
      const count = productOf(input.value ?? ['?']);
      return typeof count === 'number' && fill !== undefined ? new Array(count).fill(fill) : undefined;
    },
    grad: 'none',
  },
  Shape: {
    type: () => 'int64',
    shape: ({ data: { shape }, attributes: { start, end } }) => [shape ? shape.slice(start, end).length : '?'],
    value: ({ data: { shape }, attributes: { start, end } }) => shape?.slice(start, end),
    grad: 'none',
  },
  Size: {
    type: () => 'int64',
    shape: () => [],
    value: ({ data: { shape } }) => shape && [productOf(shape)],
    grad: 'none',
  },
  Range: {
    shape: ({ start, limit, delta }) => [rangeLength(start, limit, delta)],
    value: ({ start, limit, delta }) => {
      const [from, by, count] = [numbersOf(start)?.[0], numbersOf(delta)?.[0], rangeLength(start, limit, delta)];
      if (from === undefined || by === undefined || typeof count !== 'number') return undefined;
      return Array.from({ length: count }, (_, index) => from + index * by);
    },
    // How many steps there are changes in jumps.
    kink: 'limit: no derivative',
    grad: {
      start: ({ g, b }) => b.emit('ReduceSum', [g], { keepdims: 0 }),
      delta: ({ g, b }) => b.emit('ReduceSum', [b.mul(g, b.cast(range(b, b.shape(g)), g.type))], { keepdims: 0 }),
    },
  },
  EyeLike: {
    type: ({ input, attributes: { dtype } }) => typeCode(dtype, input.type),
    shape: same,
    grad: 'none',
  },
  RandomNormal: random,
  RandomUniform: random,
  RandomNormalLike: randomLike,
  RandomUniformLike: randomLike,
  Bernoulli: randomLike,
  BlackmanWindow: window,
  HammingWindow: window,
  HannWindow: window,
  MelWeightMatrix: {
    type: ({ attributes: { output_datatype: code } }) => typeCode(code, 'float32'),
    shape: ({ num_mel_bins, dft_length }) => [
      mapDimension(dft_length.value?.[0], (length) => Math.floor(length / 2) + 1),
      num_mel_bins.value?.[0] ?? '?',
    ],
    grad: 'none',
  },
});
