// onnxruntime's own operators, as its offline optimisation writes them into vision models: by hand from its documentation (ContribOperators.md), in the
// shape of the generated table. Before opset 17 it writes LayerNormalization too, in the standard domain; see `read`.
export const contribSchemas = {
  'com.microsoft.Attention': signature(
    ['input', 'weights', 'bias?', 'mask_index?', 'past?', 'attention_bias?', 'past_sequence_length?'],
    ['output', 'present?'],
    {
      do_rotary: ['int', 0],
      mask_filter_value: ['float', -10000],
      num_heads: ['int'],
      past_present_share_buffer: ['int', 0],
      qkv_hidden_sizes: ['ints'],
      rotary_embedding_dim: ['int', 0],
      scale: ['float'],
      unidirectional: ['int', 0],
    },
  ),
  'com.microsoft.BiasAdd': signature(['X', 'bias', 'skip'], ['Y'], {}),
  'com.microsoft.BiasDropout': signature(
    ['data', 'bias', 'residual?', 'ratio?', 'training_mode?'],
    ['output', 'mask?'],
    {
      seed: ['int'],
    },
  ),
  'com.microsoft.BiasGelu': signature(['A', 'B'], ['C'], {}),
  'com.microsoft.BiasSoftmax': signature(['data', 'bias'], ['output'], {
    axis: ['int', 1],
    is_inner_broadcast: ['int', 0],
  }),
  'com.microsoft.BiasSplitGelu': signature(['X', 'bias'], ['Y'], {}),
  'com.microsoft.EmbedLayerNormalization': signature(
    [
      'input_ids',
      'segment_ids?',
      'word_embedding',
      'position_embedding',
      'segment_embedding?',
      'gamma',
      'beta',
      'mask?',
      'position_ids?',
    ],
    ['output', 'mask_index?', 'embedding_sum?'],
    { epsilon: ['float', 1e-12], mask_index_type: ['int', 0] },
  ),
  'com.microsoft.FastGelu': signature(['X', 'bias?'], ['Y'], {}),
  'com.microsoft.FusedConv': signature(['X', 'W', 'B?', 'Z?'], ['Y'], {
    activation: ['string'],
    activation_params: ['floats'],
    auto_pad: ['string', 'NOTSET'],
    dilations: ['ints'],
    group: ['int', 1],
    kernel_shape: ['ints'],
    pads: ['ints'],
    strides: ['ints'],
  }),
  'com.microsoft.FusedGemm': signature(['A', 'B', 'C?'], ['Y'], {
    activation: ['string'],
    activation_alpha: ['float'],
    activation_beta: ['float'],
    activation_gamma: ['float'],
    alpha: ['float', 1],
    beta: ['float', 1],
    transA: ['int', 0],
    transB: ['int', 0],
  }),
  'com.microsoft.FusedMatMul': signature(['A', 'B'], ['Y'], {
    alpha: ['float', 1],
    transA: ['int', 0],
    transB: ['int', 0],
    transBatchA: ['int', 0],
    transBatchB: ['int', 0],
  }),
  'com.microsoft.Gelu': signature(['X'], ['Y'], {}),
  'com.microsoft.MultiHeadAttention': signature(
    [
      'query',
      'key?',
      'value?',
      'bias?',
      'key_padding_mask?',
      'attention_bias?',
      'past_key?',
      'past_value?',
      'past_sequence_length?',
      'cache_indirection?',
    ],
    ['output', 'present_key?', 'present_value?', 'qk?'],
    {
      mask_filter_value: ['float', -10000],
      num_heads: ['int'],
      scale: ['float'],
      unidirectional: ['int', 0],
    },
  ),
  'com.microsoft.QuickGelu': signature(['X'], ['Y'], { alpha: ['float', 1.702] }),
  'com.microsoft.RotaryEmbedding': signature(['input', 'position_ids', 'cos_cache', 'sin_cache'], ['output'], {
    interleaved: ['int', 0],
    is_packed_batching: ['int', 0],
    num_heads: ['int', 0],
    rotary_embedding_dim: ['int', 0],
    scale: ['float', 1],
  }),
  'com.microsoft.SkipLayerNormalization': signature(
    ['input', 'skip', 'gamma', 'beta?', 'bias?'],
    ['output', 'mean?', 'inv_std_var?', 'input_skip_bias_sum?'],
    { epsilon: ['float', 1e-12] },
  ),
  'com.microsoft.SkipSimplifiedLayerNormalization': signature(
    ['input', 'skip', 'gamma', 'bias?'],
    ['output', 'mean?', 'inv_std_var?', 'input_skip_bias_sum?'],
    { epsilon: ['float', 1e-12] },
  ),
  /** In the standard domain, where no standard operator has this name. */
  SimplifiedLayerNormalization: signature(['X', 'scale'], ['Y', 'inv_std_var?'], {
    axis: ['int', -1],
    epsilon: ['float', 1e-5],
    stash_type: ['int', 1],
  }),
};

/** What a rule of an operator that has one version sees of it. */
function signature<const I extends readonly string[], const O extends readonly string[], const A>(
  inputs: I,
  outputs: O,
  attributes: A,
): { readonly versions: readonly [1]; readonly signatures: readonly [Signature<I, O, A>] } {
  return { versions: [1], signatures: [{ since: 1, inputs, outputs, attributes }] };
}

interface Signature<I, O, A> {
  readonly since: 1;
  readonly inputs: I;
  readonly outputs: O;
  readonly attributes: A;
}

/** Why an operator that no standard one stands behind has no rule, and what to do, where that is known. */
export function withoutRule(opType: string): string | undefined {
  if (opType.startsWith('com.microsoft.nchwc.'))
    return 'no rule: the file was optimised for one kind of processor; take the file before optimisation, or optimise it at the level "extended"';
  const name = opType.split('.').at(-1)!;
  if (/^(QLinear|DynamicQuantize|MatMulInteger|ConvInteger|QGemm|QAttention|QMoE|MatMulNBits|QOrdered)/.test(name))
    return 'no rule: it computes with integers; take the model before quantisation, or quantise it in the QDQ format';
  return undefined;
}
