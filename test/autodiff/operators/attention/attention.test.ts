import { checkGradients, type GradientCase, type InputSpec } from '../../../support/gradient-check.js';
import { booleans, floats, integers, type NodeSpec } from '../../../support/model.js';
import { sameGradients } from '../../../support/same-gradients.js';

const domain = 'com.microsoft';
const check = (test: Omit<GradientCase, 'op' | 'opset'>, opset = 23) =>
  checkGradients({ op: 'Attention', opset, ...test });
const heads = {
  Q: { shape: [2, 2, 3, 4] },
  K: { shape: [2, 2, 5, 4] },
  V: { shape: [2, 2, 5, 6] },
};
const past = { past_key: { shape: [2, 2, 2, 4] }, past_value: { shape: [2, 2, 2, 6] } };
const flat = { Q: { shape: [2, 3, 8] }, K: { shape: [2, 5, 8] }, V: { shape: [2, 5, 12] } };
const mask = (shape: readonly number[]) =>
  booleans(
    'mask',
    shape,
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, index) => Number(index % 3 !== 1)),
  );
const integers32 = (name: string, shape: readonly number[], values: readonly number[]) => ({
  ...integers(name, shape, []),
  dataType: 6,
  int64Data: [],
  int32Data: [...values],
});
/** Every output of a node, made one. */
const joined = (node: NodeSpec, initializers: readonly string[] = []): NodeSpec[] => [
  node,
  ...node.outputs.map((name) => ({ op: 'Reshape', inputs: [name, 'row'], outputs: [`${name}/row`] })),
  { op: 'Concat', inputs: node.outputs.map((name) => `${name}/row`), outputs: ['Y'], attributes: { axis: 0 } },
  ...initializers.map((name) => ({ op: 'Identity', inputs: [name], outputs: [`${name}/same`] })),
];
const row = integers('row', [1], [-1]);

describe('gradients of attention', () => {
  for (const opset of [23, 24]) {
    it(`of heads, opset ${opset}`, () => check({ inputs: heads }, opset));
    it(`of queries, keys and values in rows, opset ${opset}`, () =>
      check({ inputs: flat, attributes: { q_num_heads: 2, kv_num_heads: 2 } }, opset));
    it(`where several heads share keys and values, opset ${opset}`, async () => {
      await check({ inputs: { ...heads, Q: { shape: [2, 6, 3, 4] } } }, opset);
      const attributes = { q_num_heads: 4, kv_num_heads: 2, scale: { float: 0.3 } };
      await check({ inputs: { ...flat, Q: { shape: [2, 3, 16] } }, attributes }, opset);
    });
    it(`with sizes settled at run time, opset ${opset}`, async () => {
      const declared = ['n', 's', 8];
      await check(
        {
          inputs: {
            Q: { ...flat.Q, declared },
            K: { ...flat.K, declared: ['n', 't', 8] },
            V: { ...flat.V, declared: ['n', 't', 12] },
          },
          attributes: { q_num_heads: 2, kv_num_heads: 2, is_causal: 1 },
        },
        opset,
      );
    });
    for (const shape of [
      [3, 5],
      [2, 1, 3, 5],
    ])
      it(`with a mask added of [${shape}], opset ${opset}`, () =>
        check({ inputs: { ...heads, attn_mask: { shape } } }, opset));
    it(`with a mask added, and causal, opset ${opset}`, () =>
      check({ inputs: { ...heads, attn_mask: { shape: [3, 5] } }, attributes: { is_causal: 1 } }, opset));
    it(`of heads whose size is settled at run time, opset ${opset}`, () =>
      check(
        {
          inputs: {
            Q: { ...heads.Q, declared: ['n', 2, 's', 'd'] },
            K: { ...heads.K, declared: ['n', 2, 't', 'd'] },
            V: heads.V,
          },
        },
        opset,
      ));
    it(`with a mask of truth values, opset ${opset}`, () =>
      check({ inputs: heads, order: ['Q', 'K', 'V', 'mask'], initializers: [mask([2, 1, 3, 5])] }, opset));
    it(`with a mask that leaves a query nothing to look at, opset ${opset}`, () =>
      check(
        {
          inputs: heads,
          order: ['Q', 'K', 'V', 'mask'],
          initializers: [booleans('mask', [3, 5], [1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 1])],
        },
        opset,
      ));
    for (const attributes of [
      { is_causal: 1 },
      { softcap: { float: 1.5 } },
      { softmax_precision: 11 },
      { scale: { float: 2 } },
    ])
      it(`with ${JSON.stringify(attributes)}, opset ${opset}`, () => check({ inputs: heads, attributes }, opset));
    it(`behind a past, opset ${opset}`, () =>
      check(
        {
          inputs: { ...heads, ...past },
          order: ['Q', 'K', 'V', '', 'past_key', 'past_value'],
          outputs: ['Y', 'keys', 'values'],
          attributes: { is_causal: 1 },
        },
        opset,
      ));
    for (const mode of [0, 1, 2, 3])
      it(`of every output, the scores in mode ${mode}, opset ${opset}`, () =>
        check(
          {
            inputs: { ...heads, attn_mask: { shape: [3, 7] }, ...past },
            initializers: [row],
            nodes: joined({
              op: 'Attention',
              inputs: ['Q', 'K', 'V', 'attn_mask', 'past_key', 'past_value'],
              outputs: ['y', 'keys', 'values', 'scores'],
              attributes: { softcap: { float: 2 }, qk_matmul_output_mode: mode },
            }),
          },
          opset,
        ));
  }
  for (const is_causal of [0, 1])
    it(`of keys of which each picture has its own number, ${is_causal ? 'causal' : 'all'}`, () =>
      check(
        {
          inputs: heads,
          order: ['Q', 'K', 'V', '', '', '', 'count'],
          initializers: [integers('count', [2], [5, 3])],
          attributes: { is_causal },
        },
        24,
      ));

  // No released ONNX Runtime takes a mask that ends before the keys do: its lowering against that of one that says the same.
  it('with a mask added that ends before the keys do: the others are masked', () =>
    sameGradients({
      opset: 24,
      inputs: { Q: heads.Q.shape, K: heads.K.shape, V: heads.V.shape, added: [3, 4] },
      initializers: [integers('pads', [4], [0, 0, 0, 1]), floats('low', [], [-1e4])],
      shape: [2, 2, 3, 6],
      node: { op: 'Attention', inputs: ['Q', 'K', 'V', 'added'], outputs: ['Y'] },
      plain: [
        { op: 'Pad', inputs: ['added', 'pads', 'low'], outputs: ['whole'] },
        { op: 'Attention', inputs: ['Q', 'K', 'V', 'whole'], outputs: ['Y'] },
      ],
    }));
  it('with a mask of truth values that ends before the keys do', () =>
    sameGradients({
      opset: 24,
      inputs: { Q: heads.Q.shape, K: heads.K.shape, V: heads.V.shape },
      initializers: [
        booleans('short', [3, 4], [1, 0, 1, 1, 1, 1, 0, 1, 0, 1, 1, 0]),
        booleans('whole', [3, 5], [1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 0]),
      ],
      shape: [2, 2, 3, 6],
      node: { op: 'Attention', inputs: ['Q', 'K', 'V', 'short'], outputs: ['Y'] },
      plain: [{ op: 'Attention', inputs: ['Q', 'K', 'V', 'whole'], outputs: ['Y'] }],
    }));

  // No released ONNX Runtime has the window: its lowering against that of a mask that says the same.
  for (const [left, right] of [
    [1, -1],
    [-1, 1],
    [1, 0],
  ] as const)
    it(`with a window of ${left} and ${right}, as with the mask that it is`, () => {
      const values = Array.from({ length: 15 }, (_, index) => {
        const distance = Math.floor(index / 5) - (index % 5);
        return Number((left < 0 || distance <= left) && (right < 0 || -distance <= right));
      });
      const inputs = ['Q', 'K', 'V'];
      const attributes = { left_window_size: left, right_window_size: right };
      return sameGradients({
        opset: 25,
        inputs: { Q: heads.Q.shape, K: heads.K.shape, V: heads.V.shape },
        initializers: [booleans('mask', [3, 5], values)],
        shape: [2, 2, 3, 6],
        node: { op: 'Attention', inputs, outputs: ['Y'], attributes },
        plain: [{ op: 'Attention', inputs: [...inputs, 'mask'], outputs: ['Y'] }],
      });
    });
});

describe('gradients of rotary embeddings', () => {
  const caches = (shape: readonly number[]): Record<string, InputSpec> => ({ cos: { shape }, sin: { shape } });
  for (const interleaved of [0, 1]) {
    it(`of heads, ${interleaved ? 'pairs beside each other' : 'in halves'}`, () =>
      checkGradients({
        op: 'RotaryEmbedding',
        opset: 23,
        inputs: { X: { shape: [2, 3, 4, 6] }, ...caches([2, 4, 3]) },
        attributes: { interleaved },
      }));
    it(`in rows, of a part of each head, by positions, ${interleaved ? 'pairs beside each other' : 'in halves'}`, () =>
      checkGradients({
        op: 'RotaryEmbedding',
        opset: 23,
        inputs: { X: { shape: [2, 4, 18], declared: ['n', 's', 18] }, ...caches([7, 2]) },
        order: ['X', 'cos', 'sin', 'at'],
        initializers: [integers('at', [2, 4], [0, 3, 1, 2, 6, 5, 0, 0])],
        attributes: { interleaved, num_heads: 3, rotary_embedding_dim: 4 },
      }));
    for (const at of [integers('at', [2, 4], [0, 3, 1, 2, 6, 5, 0, 0]), integers('at', [1], [2])])
      it(`onnxruntime’s own, ${interleaved ? 'pairs beside each other' : 'in halves'}, positions of ${at.dims.length} axes`, async () => {
        const attributes = { interleaved };
        const shared = { op: 'RotaryEmbedding', domain, opset: 17, initializers: [at] };
        await checkGradients({
          ...shared,
          inputs: { X: { shape: [2, 4, 12] }, ...caches([7, 3]) },
          order: ['X', 'at', 'cos', 'sin'],
          attributes,
        });
        await checkGradients({
          ...shared,
          inputs: { X: { shape: [2, 3, 4, 6] }, ...caches([7, 3]) },
          order: ['X', 'at', 'cos', 'sin'],
          attributes,
        });
      });
  }
});

describe('gradients of onnxruntime’s own attention', () => {
  const joint = { input: { shape: [2, 3, 8] }, weights: { shape: [8, 24] }, bias: { shape: [24] } };
  const checkJoint = (test: Omit<GradientCase, 'op' | 'opset'>, opset = 17) =>
    checkGradients({ op: 'Attention', domain, opset, ...test, attributes: { num_heads: 2, ...test.attributes } });
  for (const opset of [12, 13, 17]) it(`opset ${opset}`, () => checkJoint({ inputs: joint }, opset));
  it('with sizes settled at run time', () =>
    checkJoint({ inputs: { ...joint, input: { shape: [2, 3, 8], declared: ['n', 's', 8] } } }));
  it('with heads of values of another size, and a scale of its own', () =>
    checkJoint({
      inputs: { input: { shape: [2, 3, 8] }, weights: { shape: [8, 20] }, bias: { shape: [20] } },
      attributes: { qkv_hidden_sizes: [8, 8, 4], scale: { float: 0.3 } },
    }));
  it('where nothing looks at what comes after it', () =>
    checkJoint({ inputs: joint, attributes: { unidirectional: 1 } }));
  for (const [shape, values] of [
    [
      [2, 3],
      [1, 1, 0, 1, 0, 0],
    ],
    [[2], [2, 3]],
    [
      [2, 3, 3],
      [1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 0, 0, 0, 1, 0, 1, 1, 1],
    ],
  ] as const)
    it(`with a mask of [${shape}]`, () =>
      checkJoint({
        inputs: joint,
        order: ['input', 'weights', 'bias', 'mask'],
        initializers: [integers32('mask', shape, values)],
        attributes: { mask_filter_value: { float: -1.5 } },
      }));
  it('with something added to the scores', () =>
    checkJoint({
      inputs: { ...joint, added: { shape: [1, 2, 3, 3] } },
      order: ['input', 'weights', 'bias', '', '', 'added'],
    }));
  it('behind a past, both outputs used', () =>
    checkJoint({
      inputs: { ...joint, past: { shape: [2, 2, 2, 4, 4] } },
      initializers: [row],
      nodes: joined({
        op: 'Attention',
        domain,
        inputs: ['input', 'weights', 'bias', '', 'past'],
        outputs: ['y', 'present'],
        attributes: { num_heads: 2, unidirectional: 1 },
      }),
    }));

  const checkMulti = (test: Omit<GradientCase, 'op' | 'opset'>, opset = 17) =>
    checkGradients({
      op: 'MultiHeadAttention',
      domain,
      opset,
      ...test,
      attributes: { num_heads: 2, ...test.attributes },
    });
  const rows = { query: { shape: [2, 3, 8] }, key: { shape: [2, 5, 8] }, value: { shape: [2, 5, 12] } };
  for (const opset of [12, 17])
    it(`of several inputs, opset ${opset}`, () => checkMulti({ inputs: { ...rows, bias: { shape: [28] } } }, opset));
  it('of several inputs, with sizes settled at run time', () =>
    checkMulti({
      inputs: {
        query: { shape: [2, 3, 8], declared: ['n', 's', 8] },
        key: { shape: [2, 5, 8], declared: ['n', 't', 8] },
        value: { shape: [2, 5, 12], declared: ['n', 't', 12] },
      },
    }));
  it('of keys and values in heads', () =>
    checkMulti({
      inputs: { query: { shape: [2, 3, 8] }, key: { shape: [2, 2, 5, 4] }, value: { shape: [2, 2, 5, 4] } },
    }));
  // Only GPUs have kernels of these.
  const part = (packed: string, index: number, output: string): NodeSpec[] => [
    { op: 'Gather', inputs: [packed, `${index}`], outputs: [`${output}/heads`], attributes: { axis: 3 } },
    { op: 'Reshape', inputs: [`${output}/heads`, 'rows'], outputs: [output] },
  ];
  const packing = [...[0, 1, 2].map((index) => integers(`${index}`, [], [index])), integers('rows', [3], [0, 0, -1])];
  const attributes = { num_heads: 2, unidirectional: 1 };
  const plain = (query: string): NodeSpec => ({
    op: 'MultiHeadAttention',
    domain,
    inputs: [query, 'k', 'v'],
    outputs: ['Y'],
    attributes,
  });
  it('of keys and values in one', () =>
    sameGradients({
      opset: 17,
      inputs: { query: [2, 3, 8], key: [2, 3, 2, 2, 4] },
      initializers: packing,
      shape: [2, 3, 8],
      node: { op: 'MultiHeadAttention', domain, inputs: ['query', 'key'], outputs: ['Y'], attributes },
      plain: [...part('key', 0, 'k'), ...part('key', 1, 'v'), plain('query')],
    }));
  it('of queries, keys and values in one', () =>
    sameGradients({
      opset: 17,
      inputs: { query: [2, 3, 2, 3, 4] },
      initializers: packing,
      shape: [2, 3, 8],
      node: { op: 'MultiHeadAttention', domain, inputs: ['query'], outputs: ['Y'], attributes },
      plain: [...part('query', 0, 'q'), ...part('query', 1, 'k'), ...part('query', 2, 'v'), plain('q')],
    }));
  it('with a mask of keys, and something added to the scores', () =>
    checkMulti({
      inputs: { ...rows, added: { shape: [2, 2, 3, 5] } },
      order: ['query', 'key', 'value', '', 'mask', 'added'],
      initializers: [integers32('mask', [2, 5], [1, 1, 0, 1, 1, 1, 0, 0, 1, 1])],
      attributes: { mask_filter_value: { float: -50 } },
    }));
  it('where nothing looks at what comes after it', () =>
    checkMulti({
      inputs: { ...rows, key: { shape: [2, 3, 8] }, value: { shape: [2, 3, 12] } },
      attributes: { unidirectional: 1 },
    }));
  it('behind a past, every output used', () =>
    checkMulti({
      inputs: {
        query: { shape: [2, 3, 8] },
        key: { shape: [2, 3, 8] },
        value: { shape: [2, 3, 8] },
        past_key: { shape: [2, 2, 2, 4] },
        past_value: { shape: [2, 2, 2, 4] },
      },
      initializers: [row],
      nodes: joined({
        op: 'MultiHeadAttention',
        domain,
        inputs: ['query', 'key', 'value', '', '', '', 'past_key', 'past_value'],
        outputs: ['y', 'keys', 'values'],
        attributes: { num_heads: 2 },
      }),
    }));
});
