// Quantization, differentiated as if nothing were rounded (the straight-through estimator: Bengio et al., 2013): QuantizeLinear as x / scale + zero point
// within the range of its type, outside of which the gradient is 0. With DequantizeLinear behind it that gives torch.fake_quantize's gradient at x, and at
// the scale that of learned step sizes (Esser et al., 2020). The integers between stand for real numbers, and what works on them is differentiated so.
import type { Builder } from '../builder/builder.js';
import type { DataType, Shape } from '../model/types.js';
import { matrices } from './matrices/matrices.js';
import { type Call, operators, type Tensor } from './record.js';
import { resolveAxis, same, unknownRank } from './shapes.js';
import { typeCode } from './tensors/constants.js';
import { sizeAt } from './tensors/placing.js';
import { convolution } from './windows/convolution.js';

/** The numbers between which the nearest one of a type is no more than half a step away. */
const ranges: Partial<Record<DataType, readonly [number, number]>> = {
  int8: [-128.5, 127.5],
  uint8: [-0.5, 255.5],
  int16: [-32768.5, 32767.5],
  uint16: [-0.5, 65535.5],
  int4: [-8.5, 7.5],
  uint4: [-0.5, 15.5],
  int2: [-2.5, 1.5],
  uint2: [-0.5, 3.5],
  float8e4m3fn: [-464, 464],
  float8e4m3fnuz: [-248, 248],
  float8e5m2: [-61440, 61440],
  float8e5m2fnuz: [-61440, 61440],
  float4e2m1: [-7, 7],
};

/** How finely scales and zero points are given: for the whole tensor, for each position of an axis, or for each block of such. */
interface Granularity {
  readonly axis: number;
  readonly block_size: number;
}

/** A scale or zero point in a shape that is broadcast over x. */
function spread(b: Builder, parameter: Tensor, x: Tensor, { axis, block_size: block }: Granularity): Tensor {
  if (parameter.shape!.length === 0) return parameter;
  const rank = x.shape!.length;
  const at = resolveAxis(axis, rank);
  if (!block) return parameter.shape![0] === 1 ? b.reshape(parameter, []) : perAxis(b, parameter, at, rank);
  const repeats = [...x.shape!.map(() => 1), 1];
  repeats[at + 1] = block;
  const repeated = b.expand(b.unsqueeze(parameter, [at + 1]), b.integers(repeats));
  const sizes = x.shape!.map((_, other) => (other === at ? b.integers([-1]) : sizeAt(b, parameter, other)));
  return b.slice(b.reshape(repeated, b.concat(sizes, 0)), [0], sizeAt(b, x, at), [at]);
}

/** A list with one element for each position of an axis, with ones for the axes behind it. */
function perAxis(b: Builder, list: Tensor, axis: number, rank: number): Tensor {
  return b.unsqueeze(
    list,
    Array.from({ length: rank - 1 - axis }, (_, offset) => offset + 1),
  );
}

function needsShapes(x: Tensor, scale: Tensor): string | undefined {
  const isScalar = scale.shape?.length === 0;
  return isScalar ? undefined : unknownRank(x, scale);
}

/** What the integers stand for would be without rounding: cut off at the ends of their type. */
function withoutRounding(b: Builder, quotient: Tensor, zero: Tensor | undefined, type: DataType): Tensor {
  const value = zero ? b.add(quotient, b.cast(zero, quotient.type)) : quotient;
  const [low, high] = ranges[type]!;
  const within = b.emit('Clip', [value, b.scalar(low, value), b.scalar(high, value)]);
  // The rule of Clip reads its output, which is not the rounded one of the operator: Identity stands for that.
  return b.emit('Identity', [b.cast(within, 'float32')]);
}

function realOf(b: Builder, x: Tensor, zero: Tensor | undefined, type: DataType): Tensor {
  const value = b.cast(x, type);
  return zero ? b.sub(value, b.cast(zero, type)) : value;
}

/** A zero point or scale of the rows of a matrix. */
function ofRows(b: Builder, parameter: Tensor | undefined, matrix: Tensor): Tensor | undefined {
  const isList = parameter?.shape?.length === 1 && (matrix.shape?.length ?? 0) > 1;
  return isList ? b.unsqueeze(parameter, [1]) : parameter;
}

/** One of the output channels of a convolution's weights, or of its result. */
function ofChannels(b: Builder, parameter: Tensor | undefined, rank: number): Tensor | undefined {
  return parameter?.shape?.length === 1 ? perAxis(b, parameter, 0, rank) : parameter;
}

/** The cotangent of x through a scale that is 1/255 of the way from its lowest element, or 0, to its highest; elements that tie share. */
function ofRange(b: Builder, x: Tensor, g: Tensor): Tensor {
  const at = (extreme: Tensor, isBeyondZero: Tensor) => {
    const mask = b.indicator(b.equal(x, extreme), x);
    return b.mul(b.div(mask, b.emit('ReduceSum', [mask], { keepdims: 0 })), b.indicator(isBeyondZero, x));
  };
  const [highest, lowest] = [b.emit('ReduceMax', [x], { keepdims: 0 }), b.emit('ReduceMin', [x], { keepdims: 0 })];
  const ends = b.sub(at(highest, b.greater(highest, 0)), at(lowest, b.less(lowest, 0)));
  return b.mul(ends, b.div(g, 255));
}

function quantizedType({ y_zero_point, attributes }: Call<'QuantizeLinear'>): DataType {
  return y_zero_point?.type ?? typeCode(attributes.output_dtype, 'uint8');
}

function productShape(A: Tensor, B: Tensor): Shape | undefined {
  return matrices.MatMul.shape!({ A, B } as Call<'MatMul'>) as Shape | undefined;
}

function needsRanks(A: Tensor, B: Tensor): string | undefined {
  return matrices.MatMul.unsupported!({ A, B } as Call<'MatMul'>);
}

function convolved(call: Call<'ConvInteger'> | Call<'QLinearConv'>, X: Tensor, W: Tensor): Shape | undefined {
  return convolution.Conv.shape!({ ...call, X, W, inputs: [X, W] } as unknown as Call<'Conv'>) as Shape | undefined;
}

function refusedConv(call: Call<'ConvInteger'> | Call<'QLinearConv'>, X: Tensor, W: Tensor): string | undefined {
  return convolution.Conv.unsupported!({ ...call, X, W, inputs: [X, W] } as unknown as Call<'Conv'>);
}

const STRAIGHT = 'straight through the rounding; 0 where the type saturates (torch.fake_quantize)';

export const quantization = operators({
  QuantizeLinear: {
    shape: same,
    type: quantizedType,
    quantizes: true,
    kink: STRAIGHT,
    unsupported: (call) => {
      const type = quantizedType(call);
      return ranges[type] ? needsShapes(call.x, call.y_scale) : `it quantizes to ${type}, whose range is not known`;
    },
    lower: (call) => {
      const { x, y_scale, y_zero_point: zero, attributes, b } = call;
      const quotient = b.div(b.cast(x, y_scale.type), spread(b, y_scale, x, attributes));
      const offset = zero && spread(b, b.cast(zero, quotient.type), x, attributes);
      return withoutRounding(b, quotient, offset, quantizedType(call));
    },
  },
  DequantizeLinear: {
    shape: same,
    type: ({ x_scale, attributes }) => typeCode(attributes.output_dtype, x_scale.type),
    unsupported: ({ x, x_scale }) => needsShapes(x, x_scale),
    lower: ({ x, x_scale, x_zero_point: zero, attributes, b }) => {
      const type = typeCode(attributes.output_dtype, x_scale.type);
      const value = realOf(b, x, zero && spread(b, b.cast(zero, type), x, attributes), type);
      return b.mul(value, b.cast(spread(b, x_scale, x, attributes), type));
    },
  },
  DynamicQuantizeLinear: {
    shape: ({ x }) => [x.shape, [], []],
    type: ({ x }) => ['uint8', x.type, 'uint8'],
    quantizes: true,
    kink: 'straight through the rounding; beside the integers, scale and zero point count as constants',
    grad: {
      x: ({ x, cotangents: [g, ofScale], outputs: [, scale], b }) => {
        if (g) return b.div(g, scale!);
        return ofScale ? ofRange(b, x, ofScale) : b.zerosLike(x);
      },
    },
  },
  MatMulInteger: {
    shape: (call) => productShape(call.A, call.B),
    type: () => 'int32',
    unsupported: ({ A, B }) => needsRanks(A, B),
    lower: ({ A, B, a_zero_point, b_zero_point, b }) =>
      b.matmul(realOf(b, A, ofRows(b, a_zero_point, A), 'float32'), realOf(b, B, b_zero_point, 'float32')),
  },
  QLinearMatMul: {
    // Its second operand is called b, as the builder is.
    shape: ({ a, inputs }) => productShape(a, inputs[3]!),
    type: ({ y_zero_point }) => y_zero_point.type,
    quantizes: true,
    kink: STRAIGHT,
    unsupported: ({ a, inputs }) => needsRanks(a, inputs[3]!),
    lower: ({ a, a_scale, a_zero_point, inputs, b_scale, b_zero_point, y_scale, y_zero_point, b }) => {
      const { type } = a_scale;
      const left = b.mul(realOf(b, a, ofRows(b, a_zero_point, a), type), ofRows(b, a_scale, a)!);
      const product = b.matmul(left, b.mul(realOf(b, inputs[3]!, b_zero_point, type), b_scale));
      const quotient = b.div(product, ofRows(b, y_scale, a)!);
      return withoutRounding(b, quotient, ofRows(b, y_zero_point, a), y_zero_point.type);
    },
  },
  ConvInteger: {
    shape: (call) => convolved(call, call.x, call.w),
    type: () => 'int32',
    unsupported: (call) => refusedConv(call, call.x, call.w),
    lower: ({ x, w, x_zero_point, w_zero_point, attributes, b }) => {
      const rank = w.shape!.length;
      const weights = realOf(b, w, ofChannels(b, w_zero_point, rank), 'float32');
      return b.emit('Conv', [realOf(b, x, x_zero_point, 'float32'), weights], attributes);
    },
  },
  QLinearConv: {
    shape: (call) => convolved(call, call.x, call.w),
    type: ({ y_zero_point }) => y_zero_point.type,
    quantizes: true,
    kink: STRAIGHT,
    unsupported: (call) => refusedConv(call, call.x, call.w),
    lower: ({ x, x_scale, x_zero_point, w, w_scale, w_zero_point, y_scale, y_zero_point, B, attributes, b }) => {
      const rank = w.shape!.length;
      const weights = realOf(b, w, ofChannels(b, w_zero_point, rank), 'float32');
      const bias = B && b.cast(B, 'float32');
      const product = b.emit('Conv', [realOf(b, x, x_zero_point, 'float32'), weights, bias], attributes);
      const scale = b.mul(x_scale, ofChannels(b, w_scale, rank - 1)!);
      return withoutRounding(b, b.div(b.mul(product, scale), y_scale), y_zero_point, y_zero_point.type);
    },
  },
});
