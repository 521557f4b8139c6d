// onnxruntime's own operators, as its offline optimisation writes them.
import { differentiate, guidedBackpropagation, parseModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import { checkGradients, type GradientCase } from '../../support/gradient-check.js';
import { buildModel, integers, type NodeSpec } from '../../support/model.js';
import { run } from '../../support/run.js';
import { sameGradients } from '../../support/same-gradients.js';
import { throwsCode } from '../../support/throws-code.js';

const domain = 'com.microsoft';
const opsets = [9, 13, 17, 21];
const check = (op: string, test: Omit<GradientCase, 'op' | 'opset'>, opset = 17) =>
  checkGradients({ op, domain, opset, ...test });
const integers32 = (name: string, shape: readonly number[], values: readonly number[]) => ({
  ...integers(name, shape, []),
  dataType: 6,
  int64Data: [],
  int32Data: [...values],
});

describe('gradients of convolutions and products with what follows them', () => {
  const convolution = { X: { shape: [2, 4, 5, 5] }, W: { shape: [4, 2, 3, 3] }, B: { shape: [4] } };
  const window = { group: 2, strides: [2, 1], pads: [1, 1, 0, 1] };
  for (const [activation, parameters] of [
    ['Relu', []],
    ['Sigmoid', []],
    ['Tanh', []],
    ['LeakyRelu', [0.3]],
    ['HardSigmoid', [0.05, 0.5]],
    ['HardSwish', [0.05, 0.5]],
    ['Clip', [-3, 4]],
    [undefined, []],
  ] as const)
    it(`FusedConv with ${activation ?? 'no activation'}`, () =>
      check('FusedConv', {
        inputs: convolution,
        attributes: { ...window, activation, activation_params: { floats: parameters } },
        // Of so many sums none may lie at a kink.
        step: 1e-3,
        tolerance: 5e-3,
      }));
  for (const opset of opsets)
    it(`FusedConv that adds another tensor, opset ${opset}`, () =>
      check(
        'FusedConv',
        { inputs: { ...convolution, Z: { shape: [2, 4, 2, 5] } }, attributes: { ...window, activation: 'Tanh' } },
        opset,
      ));
  it('FusedConv with sizes settled at run time', () =>
    check('FusedConv', {
      inputs: { ...convolution, X: { shape: [2, 4, 5, 5], declared: ['n', 4, 'h', 'w'] } },
      attributes: { ...window, activation: 'Sigmoid' },
    }));
  it('FusedConv whose padding follows from its input', () =>
    check('FusedConv', {
      inputs: convolution,
      attributes: { group: 2, strides: [2, 2], auto_pad: 'SAME_UPPER', activation: 'Tanh' },
    }));
  it('FusedConv with a Relu reads the output, and computes nothing of the forward again', () => {
    const bytes = buildModel({
      opset: 17,
      inputs: [
        { name: 'X', shape: [1, 3, 8, 8] },
        { name: 'W', shape: [4, 3, 3, 3] },
      ],
      outputs: [{ name: 'Y' }],
      nodes: [{ op: 'FusedConv', domain, inputs: ['X', 'W'], outputs: ['Y'], attributes: { activation: 'Relu' } }],
    });
    const joined = differentiate(parseModel(bytes), { of: 'Y', wrt: ['X'] });
    expect(joined.graph.nodes.filter(({ opType }) => opType === 'Conv')).to.have.length(1);
    expect(joined.graph.consumers.get('Y')).to.have.length(1);
  });
  it('FusedConv with an activation that is not known is refused by its name', () => {
    const nodes = [
      { op: 'FusedConv', domain, inputs: ['X', 'W'], outputs: ['Y'], attributes: { activation: 'Fancy' } },
    ];
    const model = parseModel(
      buildModel({
        opset: 17,
        inputs: [
          { name: 'X', shape: [1, 3, 8, 8] },
          { name: 'W', shape: [4, 3, 3, 3] },
        ],
        outputs: [{ name: 'Y' }],
        nodes,
      }),
    );
    expect(throwsCode(() => differentiate(model, { of: 'Y', wrt: ['X'] }), 'no-rule').message).to.include('Fancy');
  });

  for (const [activation, alpha, gamma] of [
    ['Tanh'],
    ['Sigmoid'],
    ['Softplus'],
    ['Softsign'],
    ['LeakyRelu', 0.2],
    ['Elu', 0.7],
    ['ThresholdedRelu', 0.5],
    ['Selu', 1.3, 0.8],
  ] as const)
    it(`FusedGemm with ${activation}`, () =>
      check('FusedGemm', {
        inputs: { A: { shape: [4, 3] }, B: { shape: [5, 4] }, C: { shape: [5] } },
        attributes: {
          transA: 1,
          transB: 1,
          alpha: { float: 0.5 },
          beta: { float: 2 },
          activation,
          activation_alpha: alpha && { float: alpha },
          activation_gamma: gamma && { float: gamma },
        },
        step: 1e-2,
        tolerance: 3e-3,
      }));

  for (const [A, B, attributes] of [
    [[2, 3, 4], [4, 5], {}],
    [[2, 4, 3], [2, 5, 4], { transA: 1, transB: 1, alpha: { float: 0.25 } }],
    [[2, 3, 4, 5], [3, 4, 5, 6], { transBatchA: 1 }],
    [[2, 3, 4, 5], [3, 4, 2, 6], { transBatchA: 1, transA: 1 }],
    [[3, 4, 2, 5], [6, 3, 4, 5], { transBatchB: 1, transB: 1 }],
    [[4], [4, 5], { alpha: { float: 2 } }],
  ] as const)
    it(`FusedMatMul of [${A}] and [${B}] with ${JSON.stringify(attributes)}`, () =>
      check('FusedMatMul', { inputs: { A: { shape: A }, B: { shape: B } }, attributes }));
  it('FusedMatMul with sizes settled at run time', () =>
    check('FusedMatMul', {
      inputs: { A: { shape: [2, 4, 3], declared: ['n', 's', 3] }, B: { shape: [2, 5, 3], declared: ['n', 't', 3] } },
      attributes: { transB: 1, alpha: { float: 0.5 } },
    }));
});

describe('gradients of fused activations', () => {
  for (const opset of opsets) {
    for (const op of ['Gelu', 'QuickGelu', 'FastGelu'])
      it(`${op}, opset ${opset}`, () => check(op, { inputs: { X: { shape: [2, 5] } } }, opset));
    it(`FastGelu with a bias, opset ${opset}`, () =>
      check('FastGelu', { inputs: { X: { shape: [2, 5] }, bias: { shape: [5] } } }, opset));
    it(`BiasGelu, opset ${opset}`, () =>
      check('BiasGelu', { inputs: { A: { shape: [2, 3, 5] }, B: { shape: [5] } } }, opset));
  }
  it('QuickGelu with another alpha', () =>
    check('QuickGelu', { inputs: { X: { shape: [2, 5] } }, attributes: { alpha: { float: 1 } } }));
});

describe('gradients of fused normalizations', () => {
  const terms = { input: { shape: [2, 3, 8] }, skip: { shape: [2, 3, 8] }, gamma: { shape: [8] } };
  const all = { ...terms, beta: { shape: [8] }, bias: { shape: [8] } };
  const sum = (parts: readonly string[]): NodeSpec => ({
    op: 'Concat',
    inputs: parts,
    outputs: ['Y'],
    attributes: { axis: -1 },
  });
  for (const opset of [13, 17, 21]) {
    it(`SkipLayerNormalization, opset ${opset}`, () => check('SkipLayerNormalization', { inputs: all }, opset));
    it(`SkipSimplifiedLayerNormalization, opset ${opset}`, () =>
      check('SkipSimplifiedLayerNormalization', { inputs: { ...terms, bias: { shape: [8] } } }, opset));
    it(`SimplifiedLayerNormalization, opset ${opset}`, () =>
      checkGradients({
        op: 'SimplifiedLayerNormalization',
        opset,
        inputs: { X: { shape: [2, 8] }, scale: { shape: [8] } },
      }));
  }
  it('SkipLayerNormalization without what is optional', () => check('SkipLayerNormalization', { inputs: terms }));
  for (const op of ['SkipLayerNormalization', 'SkipSimplifiedLayerNormalization'])
    it(`${op} of which every output is used`, () =>
      check(op, {
        inputs: op === 'SkipLayerNormalization' ? all : { ...terms, bias: { shape: [8] } },
        nodes: [
          {
            op,
            domain,
            inputs: op === 'SkipLayerNormalization' ? Object.keys(all) : [...Object.keys(terms), 'bias'],
            outputs: ['normal', op === 'SkipLayerNormalization' ? 'mean' : '', 'inverse', 'sum'],
          },
          sum(op === 'SkipLayerNormalization' ? ['normal', 'mean', 'inverse', 'sum'] : ['normal', 'inverse', 'sum']),
        ],
      }));
  it('SkipLayerNormalization of which only the sum is used', () =>
    check('SkipLayerNormalization', {
      inputs: { input: { shape: [2, 3, 8] }, skip: { shape: [2, 3, 8] }, gamma: { shape: [8], fixed: true } },
      nodes: [
        { op: 'SkipLayerNormalization', domain, inputs: ['input', 'skip', 'gamma'], outputs: ['unused', '', '', 'Y'] },
      ],
    }));
  for (const opset of [9, 13])
    it(`LayerNormalization as onnxruntime writes it at opset ${opset}`, () =>
      checkGradients({
        op: 'LayerNormalization',
        opset,
        inputs: { X: { shape: [2, 3, 8] }, Scale: { shape: [8] }, B: { shape: [8] } },
      }));
  for (const opset of [13, 17])
    for (const places of [undefined, [2, 0, 3, 1, 1, 0]])
      it(`EmbedLayerNormalization${places ? ' of positions that are given' : ''}, opset ${opset}`, () =>
        check(
          'EmbedLayerNormalization',
          {
            inputs: {
              words: { shape: [5, 8] },
              positions: { shape: [4, 8] },
              segments: { shape: [2, 8] },
              gamma: { shape: [8] },
              beta: { shape: [8] },
            },
            order: [
              ...['ids', 'kinds', 'words', 'positions', 'segments', 'gamma', 'beta'],
              ...(places ? ['', 'places'] : []),
            ],
            initializers: [
              integers32('ids', [2, 3], [1, 2, 3, 0, 1, 4]),
              integers32('kinds', [2, 3], [0, 0, 1, 0, 1, 1]),
              ...(places ? [integers32('places', [2, 3], places)] : []),
            ],
            outputs: ['Y', 'mask'],
          },
          opset,
        ));
});

/** Operators that only GPUs have kernels of, against the gradient of what they stand for. */
describe('gradients of fused operators that the CPU does not run', () => {
  const cases: readonly [
    string,
    Record<string, readonly number[]>,
    NodeSpec['attributes'],
    readonly number[],
    readonly NodeSpec[],
  ][] = [
    [
      'BiasSoftmax',
      { A: [2, 3, 4], B: [2, 1, 4] },
      { axis: 2, is_inner_broadcast: 1 },
      [2, 3, 4],
      [
        { op: 'Add', inputs: ['A', 'B'], outputs: ['s'] },
        { op: 'Softmax', inputs: ['s'], outputs: ['Y'], attributes: { axis: -1 } },
      ],
    ],
    [
      'BiasSoftmax',
      { A: [2, 3, 4], B: [1, 3, 4] },
      { axis: 1, is_inner_broadcast: 0 },
      [2, 3, 4],
      [
        { op: 'Add', inputs: ['A', 'B'], outputs: ['s'] },
        { op: 'Flatten', inputs: ['s'], outputs: ['f'] },
        { op: 'Softmax', inputs: ['f'], outputs: ['p'], attributes: { axis: -1 } },
        { op: 'Reshape', inputs: ['p', 'shape'], outputs: ['Y'] },
      ],
    ],
    [
      'BiasAdd',
      { A: [2, 3, 4], B: [4], C: [2, 3, 4] },
      {},
      [2, 3, 4],
      [{ op: 'Sum', inputs: ['A', 'B', 'C'], outputs: ['Y'] }],
    ],
    [
      'BiasDropout',
      { A: [2, 3, 4], B: [4], C: [2, 3, 4] },
      {},
      [2, 3, 4],
      [{ op: 'Sum', inputs: ['A', 'B', 'C'], outputs: ['Y'] }],
    ],
    ['BiasDropout', { A: [2, 3, 4], B: [4] }, {}, [2, 3, 4], [{ op: 'Add', inputs: ['A', 'B'], outputs: ['Y'] }]],
    [
      'BiasSplitGelu',
      { A: [2, 3, 8], B: [8] },
      {},
      [2, 3, 4],
      [
        { op: 'Add', inputs: ['A', 'B'], outputs: ['s'] },
        { op: 'Split', inputs: ['s'], outputs: ['l', 'r'], attributes: { axis: -1 } },
        { op: 'Gelu', domain, inputs: ['r'], outputs: ['a'] },
        { op: 'Mul', inputs: ['l', 'a'], outputs: ['Y'] },
      ],
    ],
  ];
  for (const [op, inputs, attributes = {}, shape, plain] of cases)
    it(`${op} ${JSON.stringify(attributes)}`, () =>
      sameGradients({
        opset: 14,
        inputs,
        initializers: [integers('shape', [3], shape)],
        shape,
        node: { op, domain, inputs: Object.keys(inputs), outputs: ['Y'], attributes },
        plain,
      }));
});

describe('guided backpropagation', () => {
  it('changes the ReLU inside a FusedConv as any other', async () => {
    const inputs = { X: [1, 2, 4, 4], W: [3, 2, 3, 3] };
    const gradient = async (nodes: readonly NodeSpec[]) => {
      const model = parseModel(
        buildModel({
          opset: 17,
          inputs: Object.entries(inputs).map(([name, shape]) => ({ name, shape })),
          outputs: [{ name: 'Y' }],
          nodes,
        }),
      );
      const joined = differentiate(model, { of: 'Y', wrt: ['X'], rules: guidedBackpropagation });
      const feed = (shape: readonly number[], step: number) => ({
        shape,
        data: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, index) => Math.sin(step * index)),
      });
      const feeds = { X: feed(inputs.X, 1), W: feed(inputs.W, 2), 'cotangent/Y': feed([1, 3, 2, 2], 3) };
      return (await run(joined, feeds))['gradient/X']!.data;
    };
    const plain = await gradient([
      { op: 'Conv', inputs: ['X', 'W'], outputs: ['c'] },
      { op: 'Relu', inputs: ['c'], outputs: ['Y'] },
    ]);
    const fused = await gradient([
      { op: 'FusedConv', domain, inputs: ['X', 'W'], outputs: ['Y'], attributes: { activation: 'Relu' } },
    ]);
    expect(plain.some((value) => value !== 0)).to.equal(true);
    for (const [index, value] of fused.entries()) expect(value).to.be.closeTo(plain[index]!, 1e-5);
  });
});

describe('what onnxruntime optimised for one processor', () => {
  it('is refused, with what to do instead', async () => {
    const plain = buildModel({
      opset: 17,
      inputs: [
        { name: 'X', shape: [1, 3, 8, 8] },
        { name: 'W', shape: [16, 3, 3, 3] },
      ],
      outputs: [{ name: 'Y' }],
      nodes: [{ op: 'ReorderOutput', domain: 'com.microsoft.nchwc', inputs: ['X'], outputs: ['Y'] }],
    });
    const { message } = throwsCode(() => differentiate(parseModel(plain), { of: 'Y', wrt: ['X'] }), 'no-rule');
    expect(message).to.include('extended').and.to.include('ReorderOutput');
  });
});
