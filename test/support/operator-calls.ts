// At least one small call of every operator that has a derivative, by its newest signature: for tests that walk the records (records.test.ts,
// unknown-ranks.test.ts), run each call (calls.test.ts, on WebGPU web/native/records.ts) or change it at random (fuzz.ts).
export interface OperatorCall {
  /** Shapes of the floating-point inputs by formal name; of a variadic operator, by any names. */
  readonly floats: Readonly<Record<string, readonly number[]>>;
  /** Constant lists: integers, truth values, scales. */
  readonly integers?: Readonly<Record<string, readonly number[]>>;
  readonly booleans?: Readonly<Record<string, readonly number[]>>;
  readonly scales?: readonly number[];
  /** Shapes of those that are no lists. */
  readonly shapes?: Readonly<Record<string, readonly number[]>>;
  /** Shapes of inputs that are quantized to bytes before, and zero points, which are bytes. */
  readonly quantized?: Readonly<Record<string, readonly number[]>>;
  readonly zeros?: readonly string[];
  readonly attributes?: Readonly<Record<string, number | string | readonly number[]>>;
  readonly outputs?: number;
  /** Inputs whose sizes the rule must know: they get no names where the others do. */
  readonly sized?: readonly string[];
}

const map = { X: [2, 3, 6, 6] };
const unary = (name: string, ...more: OperatorCall[]): readonly OperatorCall[] => [
  { floats: { [name]: [2, 3] } },
  ...more,
];
const binary = (a: string, b: string) => [{ floats: { [a]: [2, 3, 1], [b]: [3, 4] } }];
const variadic = [{ floats: { a: [2, 3], b: [3], c: [2, 1] } }];
const reduction = [
  { floats: { data: [2, 3, 4] }, integers: { axes: [1] } },
  { floats: { data: [2, 3, 4] }, attributes: { keepdims: 0 } },
];
const sliding: readonly OperatorCall[] = [
  { floats: map, attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 0, 1, 1] } },
  { floats: map, attributes: { kernel_shape: [2, 2], strides: [1, 1] } },
  { floats: map, attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
];
const perChannel = { scale: [3], B: [3] };
const normalized = { floats: { X: [2, 3, 4], scale: [4], bias: [4] } };

const recurrent = (gates: number) => ({
  X: [2, 1, 3],
  W: [1, 2 * gates, 3],
  R: [1, 2 * gates, 2],
  B: [1, 4 * gates],
  initial_h: [1, 1, 2],
});

/** Calls by operator. */
export const operatorCalls: Readonly<Record<string, readonly OperatorCall[]>> = {
  ...Object.fromEntries(
    ['Abs', 'Celu', 'Elu', 'HardSigmoid', 'HardSwish', 'LeakyRelu', 'Mish', 'Neg', 'Reciprocal', 'Relu', 'Selu']
      .concat(['Sigmoid', 'Softplus', 'Sqrt'])
      .map((op) => [op, unary('X')]),
  ),
  ...Object.fromEntries(
    ['Cos', 'Erf', 'Exp', 'Identity', 'Log', 'Shrink', 'Sin', 'Softsign', 'Tanh']
      .concat(['Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atanh', 'Cosh', 'Sinh', 'Tan'])
      .map((op) => [op, unary('input')]),
  ),
  ...Object.fromEntries(['Add', 'Div', 'Mul', 'Sub'].map((op) => [op, binary('A', 'B')])),
  ...Object.fromEntries(['Max', 'Mean', 'Min', 'Sum'].map((op) => [op, variadic])),
  ...Object.fromEntries(
    ['L1', 'L2', 'LogSum', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'Sum', 'SumSquare'].map((op) => [
      `Reduce${op}`,
      reduction,
    ]),
  ),
  Pow: binary('X', 'Y'),
  Mod: [{ floats: { A: [2, 3], B: [3] }, attributes: { fmod: 1 } }],
  PRelu: [{ floats: { X: [2, 3, 4], slope: [3, 1] } }],
  Swish: unary('X', { floats: { X: [2, 3] }, attributes: { alpha: 1.5 } }),
  ThresholdedRelu: unary('X', { floats: { X: [2, 3] }, attributes: { alpha: 0.5 } }),
  Clip: [{ floats: { input: [2, 3], min: [], max: [] } }, ...unary('input')],
  Gelu: [{ floats: { X: [3] } }, { floats: { X: [3] }, attributes: { approximate: 'tanh' } }],
  Softmax: unary('input', { floats: { input: [2, 3, 4] }, attributes: { axis: 1 } }),
  LogSoftmax: unary('input', { floats: { input: [2, 3, 4] }, attributes: { axis: 1 } }),
  MatMul: [
    { floats: { A: [2, 3, 4], B: [4, 5] } },
    { floats: { A: [4], B: [4, 5] } },
    { floats: { A: [2, 1, 3, 4], B: [3, 4, 5] } },
  ],
  Gemm: [
    { floats: { A: [3, 2], B: [3, 4], C: [4] }, attributes: { transA: 1 } },
    { floats: { A: [2, 3], B: [4, 3], C: [2, 1] }, attributes: { transB: 1 } },
  ],
  Einsum: [
    { floats: { a: [2, 3], b: [3, 4] }, attributes: { equation: 'ij,jk->ik' } },
    { floats: { a: [2, 3], b: [2, 3] }, attributes: { equation: 'ij,ij->i' } },
    { floats: { a: [3, 3], b: [2, 4] }, attributes: { equation: 'ii,...->i...' } },
  ],
  DFT: [
    { floats: { input: [2, 5, 1] }, attributes: { onesided: 1 }, sized: ['input'] },
    { floats: { input: [2, 5, 2] }, attributes: { inverse: 1 }, sized: ['input'] },
    { floats: { input: [2, 5, 2] }, attributes: { inverse: 1, onesided: 1 }, sized: ['input'] },
  ],
  STFT: [{ floats: { signal: [1, 9, 1], window: [4] }, integers: { frame_step: [2] }, sized: ['signal'] }],
  Det: [{ floats: { X: [1, 3, 3] } }],
  Conv: [
    { floats: { ...map, W: [4, 3, 3, 3], B: [4] }, attributes: { pads: [1, 1, 1, 1] }, sized: ['W'] },
    { floats: { ...map, W: [3, 1, 3, 3], B: [3] }, attributes: { group: 3, strides: [2, 2] }, sized: ['W'] },
    {
      floats: { X: [2, 4, 7], W: [4, 2, 2], B: [4] },
      attributes: { group: 2, dilations: [2], pads: [4, 1] },
      sized: ['W'],
    },
  ],
  ConvTranspose: [
    {
      floats: { ...map, W: [3, 4, 3, 3], B: [4] },
      attributes: { strides: [2, 2], output_padding: [1, 0] },
      sized: ['W'],
    },
    { floats: { X: [2, 4, 7], W: [4, 2, 2], B: [4] }, attributes: { group: 2, pads: [1, 0] }, sized: ['W'] },
  ],
  MaxPool: [...sliding, { floats: map, attributes: { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 } }],
  AveragePool: [
    ...sliding,
    { floats: map, attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1], count_include_pad: 1 } },
  ],
  LpPool: [...sliding, { floats: map, attributes: { kernel_shape: [2, 3], p: 3 } }],
  MaxUnpool: [
    {
      floats: { X: [1, 1, 2] },
      integers: { I: [1, 3] },
      shapes: { I: [1, 1, 2] },
      attributes: { kernel_shape: [2], strides: [2] },
    },
  ],
  GlobalLpPool: [{ floats: map }, { floats: map, attributes: { p: 1 } }],
  GlobalAveragePool: [{ floats: map }],
  GlobalMaxPool: [{ floats: map }],
  BatchNormalization: [{ floats: { ...map, ...perChannel, input_mean: [3], input_var: [3] } }],
  InstanceNormalization: [{ floats: { input: [2, 3, 4], ...perChannel } }],
  LayerNormalization: [{ floats: { X: [2, 3, 4], Scale: [4], B: [4] } }],
  GroupNormalization: [{ floats: { X: [2, 4, 3], scale: [4], bias: [4] }, attributes: { num_groups: 2 } }],
  RMSNormalization: [{ floats: { X: normalized.floats.X, scale: [4] } }],
  LpNormalization: [{ floats: { input: [2, 3] }, attributes: { p: 1 } }, ...unary('input')],
  MeanVarianceNormalization: [{ floats: map }],
  LRN: [{ floats: map, attributes: { size: 3 } }],
  NegativeLogLikelihoodLoss: [
    { floats: { input: [2, 3], weight: [3] }, integers: { target: [0, 2] }, attributes: { ignore_index: 1 } },
  ],
  SoftmaxCrossEntropyLoss: [
    { floats: { scores: [2, 3], weights: [3] }, integers: { labels: [0, 2] }, attributes: { ignore_index: 1 } },
  ],
  QuantizeLinear: [
    { floats: { x: [2, 3], y_scale: [] }, zeros: ['y_zero_point'] },
    { floats: { x: [2, 3], y_scale: [3] } },
  ],
  DequantizeLinear: [
    { floats: { x_scale: [] }, quantized: { x: [2, 3] }, zeros: ['x_zero_point'] },
    { floats: { x_scale: [2, 2] }, quantized: { x: [2, 3] }, attributes: { block_size: 2 } },
  ],
  DynamicQuantizeLinear: [{ floats: { x: [2, 3] }, outputs: 3 }],
  MatMulInteger: [{ floats: {}, quantized: { A: [2, 3], B: [3, 4] }, zeros: ['a_zero_point'] }],
  ConvInteger: [{ floats: {}, quantized: { x: map.X, w: [4, 3, 3, 3] }, zeros: ['x_zero_point'], sized: ['w'] }],
  QLinearMatMul: [
    {
      floats: { a_scale: [], b_scale: [], y_scale: [] },
      quantized: { a: [2, 3], b: [3, 4] },
      zeros: ['a_zero_point', 'b_zero_point', 'y_zero_point'],
    },
  ],
  QLinearConv: [
    {
      floats: { x_scale: [], w_scale: [], y_scale: [] },
      quantized: { x: map.X, w: [4, 3, 3, 3] },
      zeros: ['x_zero_point', 'w_zero_point', 'y_zero_point'],
      sized: ['w'],
    },
  ],
  Cast: [{ floats: { input: [2, 3] }, attributes: { to: 11 } }],
  CastLike: [{ floats: { input: [2, 3], target_type: [1] } }],
  Dropout: unary('data'),
  Reshape: [{ floats: { data: [2, 6] }, integers: { shape: [3, -1] } }],
  Flatten: unary('input'),
  Squeeze: [{ floats: { data: [2, 1, 3] }, integers: { axes: [1] } }],
  Unsqueeze: [{ floats: { data: [2, 3] }, integers: { axes: [1] } }],
  Transpose: [{ floats: { data: [2, 3, 4] }, attributes: { perm: [2, 0, 1] } }, ...unary('data')],
  Expand: [{ floats: { input: [3, 1] }, integers: { shape: [2, 1, 4] } }],
  Concat: [{ floats: { a: [2, 3], b: [2, 1], c: [2, 2] }, attributes: { axis: 1 } }],
  Split: [{ floats: { input: [2, 6] }, integers: { split: [1, 3, 2] }, attributes: { axis: 1 }, outputs: 3 }],
  Tile: [{ floats: { input: [2, 3] }, integers: { repeats: [2, 3] } }],
  DepthToSpace: [
    { floats: { input: [1, 8, 2, 3] }, attributes: { blocksize: 2 } },
    { floats: { input: [1, 8, 2, 3] }, attributes: { blocksize: 2, mode: 'CRD' } },
  ],
  SpaceToDepth: [{ floats: { input: [1, 3, 4, 6] }, attributes: { blocksize: 2 } }],
  Slice: [
    { floats: { data: [5, 7] }, integers: { starts: [1], ends: [4], axes: [1], steps: [1] } },
    { floats: { data: [5, 7] }, integers: { starts: [-1, 1], ends: [-100, 6], axes: [0, 1], steps: [-1, 2] } },
  ],
  Pad: [
    { floats: { data: [4, 5], constant_value: [] }, integers: { pads: [1, 0, -1, 2] } },
    ...['reflect', 'edge'].map((mode) => ({
      floats: { data: [4, 5] },
      integers: { pads: [1, 0, 2, 1] },
      attributes: { mode },
    })),
  ],
  Gather: [[1], [0, 2, 4], [3, 0, 3], [-1, 0]].map((indices) => ({
    floats: { data: [2, 5, 3] },
    integers: { indices },
    attributes: { axis: 1 },
  })),
  GatherElements: [{ floats: { data: [5] }, integers: { indices: [3, -1, 3] } }],
  GatherND: [{ floats: { data: [5, 3] }, integers: { indices: [2] } }],
  Compress: [
    { floats: { input: [2, 3] }, booleans: { condition: [0, 1, 1] }, attributes: { axis: 1 } },
    { floats: { input: [2, 3] }, booleans: { condition: [0, 1, 1] } },
  ],
  OneHot: [{ floats: { values: [2] }, integers: { indices: [1, 0], depth: [3] } }],
  Range: [{ floats: { start: [], limit: [], delta: [] } }],
  TopK: [{ floats: { X: [2, 5] }, integers: { K: [2] }, outputs: 2 }],
  CumProd: [{ floats: { x: [4] }, integers: { axis: [0] }, attributes: { exclusive: 1 } }],
  CumSum: [{ floats: { x: [4] }, integers: { axis: [0] }, attributes: { exclusive: 1 } }],
  Trilu: [{ floats: { input: [3, 4] } }],
  ReverseSequence: [{ floats: { input: [4, 2] }, integers: { sequence_lens: [3, 1] } }],
  Unique: [{ floats: { X: [2, 3] } }, { floats: { X: [2, 3] }, attributes: { axis: 1 } }],
  TensorScatter: [
    {
      floats: { past_cache: [2, 1, 4, 2], update: [2, 1, 2, 2] },
      integers: { write_indices: [1, 3] },
      attributes: { mode: 'circular' },
    },
  ],
  Scatter: [{ floats: { data: [5], updates: [2] }, integers: { indices: [3, 1] } }],
  ScatterElements: ['none', 'add', 'mul', 'max', 'min'].map((reduction) => ({
    floats: { data: [5], updates: [2] },
    integers: { indices: [3, 1] },
    attributes: { reduction },
  })),
  ScatterND: ['none', 'add', 'mul', 'max', 'min'].map((reduction) => ({
    floats: { data: [5, 3], updates: [3] },
    integers: { indices: [2] },
    attributes: { reduction },
  })),
  Resize: ['nearest', 'linear', 'cubic'].map((mode) => ({
    floats: { X: [1, 1, 4, 5] },
    integers: { sizes: [1, 1, 8, 7] },
    attributes: { mode },
  })),
  GridSample: [
    // Not the nearest: it gives the grid zeros, which do not depend on the cotangent.
    ...['linear', 'cubic'].flatMap((mode) =>
      ['zeros', 'border', 'reflection'].map((padding_mode) => ({
        floats: { X: [1, 2, 4, 5], grid: [1, 3, 2, 2] },
        attributes: { mode, padding_mode },
      })),
    ),
    { floats: { X: [1, 2, 4, 5, 3], grid: [1, 3, 2, 2, 3] } },
  ],
  AffineGrid: [{ floats: { theta: [1, 2, 3] }, integers: { size: [1, 2, 3, 4] } }],
  CenterCropPad: [{ floats: { input_data: [4, 5] }, integers: { shape: [3, 8] } }],
  RoiAlign: ['avg', 'max'].flatMap((mode) =>
    [0, 2].map((sampling_ratio) => ({
      floats: { X: [2, 2, 4, 5], rois: [2, 4] },
      integers: { batch_indices: [0, 1] },
      attributes: { mode, sampling_ratio, output_height: 2, output_width: 2 },
    })),
  ),
  MaxRoiPool: [{ floats: { X: [2, 2, 4, 5], rois: [2, 5] }, attributes: { pooled_shape: [2, 2] } }],
  DeformConv: [
    {
      floats: { X: [1, 2, 4, 4], W: [2, 2, 2, 2], offset: [1, 8, 3, 3], B: [2], mask: [1, 4, 3, 3] },
      attributes: { kernel_shape: [2, 2] },
    },
  ],
  Col2Im: [{ floats: { input: [1, 4, 9] }, integers: { image_shape: [4, 4], block_shape: [2, 2] } }],
  Upsample: ['nearest', 'linear'].map((mode) => ({
    floats: { X: [1, 1, 4, 5] },
    scales: [1, 1, 2, 1.5],
    attributes: { mode },
  })),
  'com.microsoft.Gelu': unary('X'),
  'com.microsoft.QuickGelu': unary('X'),
  'com.microsoft.FastGelu': [{ floats: { X: [2, 3], bias: [3] } }],
  'com.microsoft.BiasGelu': [{ floats: { A: [2, 3], B: [3] } }],
  'com.microsoft.BiasAdd': [{ floats: { X: [2, 3], bias: [3], skip: [2, 3] } }],
  'com.microsoft.BiasDropout': [{ floats: { data: [2, 3], bias: [3], residual: [2, 3] } }],
  'com.microsoft.BiasSoftmax': [{ floats: { data: [2, 3], bias: [1, 3] }, attributes: { is_inner_broadcast: 1 } }],
  'com.microsoft.BiasSplitGelu': [{ floats: { X: [2, 3, 4], bias: [4] } }],
  'com.microsoft.FusedConv': [
    { floats: { ...map, W: [4, 3, 3, 3], B: [4], Z: [2, 4, 4, 4] }, attributes: { activation: 'Relu' }, sized: ['W'] },
  ],
  'com.microsoft.FusedGemm': [
    { floats: { A: [3, 2], B: [3, 4], C: [4] }, attributes: { transA: 1, activation: 'Relu' } },
  ],
  'com.microsoft.FusedMatMul': [{ floats: { A: [2, 4, 3], B: [2, 4, 5] }, attributes: { transA: 1 } }],
  'com.microsoft.SkipLayerNormalization': [
    { floats: { input: [2, 3, 4], skip: [2, 3, 4], gamma: [4], beta: [4], bias: [4] } },
  ],
  'com.microsoft.SkipSimplifiedLayerNormalization': [
    { floats: { input: [2, 3, 4], skip: [2, 3, 4], gamma: [4], bias: [4] } },
  ],
  SimplifiedLayerNormalization: [{ floats: { X: normalized.floats.X, scale: [4] } }],
  'com.microsoft.EmbedLayerNormalization': [
    {
      floats: { word_embedding: [5, 4], position_embedding: [3, 4], gamma: [4], beta: [4] },
      integers: { input_ids: [0, 1, 4], position_ids: [0, 1, 2] },
    },
  ],
  Attention: [
    { floats: { Q: [2, 2, 3, 4], K: [2, 2, 5, 4], V: [2, 2, 5, 6], attn_mask: [3, 5] } },
    {
      floats: { Q: [2, 3, 8], K: [2, 5, 4], V: [2, 5, 4] },
      attributes: { q_num_heads: 2, kv_num_heads: 1, is_causal: 1 },
    },
  ],
  RNN: [{ floats: recurrent(1), attributes: { hidden_size: 2 } }],
  GRU: [{ floats: recurrent(3), attributes: { hidden_size: 2 } }],
  LSTM: [{ floats: { ...recurrent(4), initial_c: [1, 1, 2], P: [1, 6] }, attributes: { hidden_size: 2 } }],
  RotaryEmbedding: [{ floats: { X: [2, 3, 2, 4], cos_cache: [2, 2, 2], sin_cache: [2, 2, 2] } }],
  'com.microsoft.RotaryEmbedding': [
    { floats: { input: [2, 3, 2, 4], cos_cache: [5, 2], sin_cache: [5, 2] }, integers: { position_ids: [1] } },
  ],
  'com.microsoft.Attention': [
    { floats: { input: [2, 3, 4], weights: [4, 12], bias: [12] }, attributes: { num_heads: 2 } },
  ],
  'com.microsoft.MultiHeadAttention': [
    {
      floats: { query: [2, 3, 4], key: [2, 3, 4], value: [2, 3, 4], bias: [12] },
      attributes: { num_heads: 2 },
      sized: ['query', 'key', 'value'],
    },
  ],
  Where: [{ floats: { X: [2, 3], Y: [3] }, booleans: { condition: [1, 0, 1] } }],
};
