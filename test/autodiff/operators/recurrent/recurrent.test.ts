import { differentiate, parseModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import { checkGradients, type GradientCase, type InputSpec } from '../../../support/gradient-check.js';
import { buildModel, integers, type NodeSpec } from '../../../support/model.js';
import { sameGradients } from '../../../support/same-gradients.js';
import { throwsCode } from '../../../support/throws-code.js';

const SIZE = 3;
const gates = { RNN: 1, GRU: 3, LSTM: 4 } as const;
type Kind = keyof typeof gates;
const kinds = Object.keys(gates) as Kind[];
const integers32 = (name: string, values: readonly number[]) => ({
  ...integers(name, [values.length], []),
  dataType: 6,
  int64Data: [],
  int32Data: [...values],
});

/** Every float input of a layer over 3 steps of 2 pictures with 4 elements. */
function inputsOf(
  kind: Kind,
  directions = 1,
  declared?: InputSpec['declared'],
  scale = 0.5,
): Record<string, InputSpec> {
  const all = gates[kind] * SIZE;
  const half = (value: number) => value * scale;
  /** Sums that have a small part besides lie well on one side of kinks at 0 and 0.8. */
  const clear = (value: number, index: number) =>
    index % (2 * all) < all ? Math.sign(value) * (index % 2 === 0 ? 0.4 : 1.2) : value / 20;
  return {
    X: { shape: [3, 2, 4], map: (value: number) => value * Math.min(1, 3 * scale), ...(declared && { declared }) },
    W: { shape: [directions, all, 4], map: half },
    R: { shape: [directions, all, SIZE], map: half },
    B: { shape: [directions, 2 * all], map: scale < 0.5 ? clear : half },
    initial_h: { shape: [directions, 2, SIZE], map: half },
    ...(kind === 'LSTM' && {
      initial_c: { shape: [directions, 2, SIZE], map: half },
      P: { shape: [directions, 3 * SIZE], map: half },
    }),
  };
}
const orderOf = (kind: Kind, lengths = '') => [
  'X',
  'W',
  'R',
  'B',
  lengths,
  'initial_h',
  ...(kind === 'LSTM' ? ['initial_c', 'P'] : []),
];
/** All outputs of the layer, made one. */
const nodesOf = (kind: Kind, attributes: NodeSpec['attributes'], order = orderOf(kind)): NodeSpec[] => {
  const outputs = ['all', 'h', ...(kind === 'LSTM' ? ['c'] : [])];
  return [
    { op: kind, inputs: order, outputs, attributes: { hidden_size: SIZE, ...attributes } },
    ...outputs.map((name) => ({ op: 'Reshape', inputs: [name, 'row'], outputs: [`${name}/row`] })),
    { op: 'Concat', inputs: outputs.map((name) => `${name}/row`), outputs: ['Y'], attributes: { axis: 0 } },
  ];
};
const row = integers('row', [1], [-1]);
const check = (
  kind: Kind,
  attributes: NodeSpec['attributes'],
  more: Partial<GradientCase> & {
    lengths?: readonly number[];
    directions?: number;
    declared?: InputSpec['declared'];
    scale?: number;
  } = {},
) => {
  const { lengths, directions = 1, declared, scale, opset = 17, ...rest } = more;
  return checkGradients({
    opset,
    inputs: inputsOf(kind, directions, declared, scale),
    initializers: [row, ...(lengths ? [integers32('lengths', lengths)] : [])],
    nodes: nodesOf(kind, attributes, orderOf(kind, lengths && 'lengths')),
    ...rest,
  });
};

for (const kind of kinds)
  describe(`gradients of ${kind}`, () => {
    for (const opset of [11, 13, 14, 17, 22]) it(`of every input, opset ${opset}`, () => check(kind, {}, { opset }));
    it('of what there must be', () => {
      const { X, W, R } = inputsOf(kind) as { X: InputSpec; W: InputSpec; R: InputSpec };
      return checkGradients({ op: kind, opset: 17, inputs: { X, W, R }, attributes: { hidden_size: SIZE } });
    });
    for (const direction of ['reverse', 'bidirectional'])
      for (const lengths of [undefined, [3, 2], [1, 0]])
        it(`${direction}${lengths ? `, sequences of ${lengths}` : ''}`, () =>
          check(kind, { direction }, { ...(lengths && { lengths }), directions: direction === 'reverse' ? 1 : 2 }));
    it('forward, sequences of 2,3', () => check(kind, {}, { lengths: [2, 3] }));
    for (const direction of ['forward', 'reverse', 'bidirectional']) {
      const directions = direction === 'bidirectional' ? 2 : 1;
      it(`${direction}, with a number of steps settled at run time`, () =>
        check(kind, { direction }, { declared: ['s', 2, 4], directions }));
      it(`${direction}, with a number of steps settled at run time, sequences of 3,2`, () =>
        check(kind, { direction }, { declared: ['s', 'n', 4], directions, lengths: [3, 2] }));
    }
    it('of more steps than are written out', () => {
      const { X: _, ...rest } = inputsOf(kind);
      return checkGradients({
        opset: 17,
        inputs: { X: { shape: [34, 2, 4] }, ...rest },
        initializers: [row],
        nodes: nodesOf(kind, {}),
        tolerance: 3e-3,
      });
    });
    it('that clips', () => check(kind, { clip: { float: 0.8 } }, { scale: 0.05 }));
    const perDirection = { RNN: 1, GRU: 2, LSTM: 3 }[kind];
    for (const [name, alpha, beta] of [
      ['Sigmoid'],
      ['Tanh'],
      ['Softsign'],
      ['Softplus'],
      ['Affine', 0.4, 0.1],
      ['LeakyRelu', 0.3],
      ['LeakyRelu'],
      ['ScaledTanh', 0.8, 0.6],
      ['HardSigmoid', 0.05, 0.5],
      ['Elu', 0.7],
      ['Elu'],
      ['ThresholdedRelu', 0.01],
      ['Relu'],
    ] as const)
      it(`with ${name}${alpha === undefined ? '' : ` of ${alpha}`}`, () => {
        const times = <T>(value: T) => new Array<T>(2 * perDirection).fill(value);
        return check(
          kind,
          {
            direction: 'bidirectional',
            activations: { strings: times(name) },
            activation_alpha: alpha === undefined ? undefined : { floats: times(alpha) },
            activation_beta: beta === undefined ? undefined : { floats: times(beta) },
          },
          // Small, as products of several steps of what is not bounded explode.
          { directions: 2, scale: 0.05, tolerance: 5e-3 },
        );
      });
    it('with a layout of the batch first, which the runtime lacks', async () => {
      const inputs = {
        X: [2, 3, 4],
        W: [2, gates[kind] * SIZE, 4],
        R: [2, gates[kind] * SIZE, SIZE],
        initial_h: [2, 2, SIZE],
      };
      const order = ['X', 'W', 'R', '', '', 'initial_h'];
      const attributes = { hidden_size: SIZE, direction: 'bidirectional' };
      const transposed = (from: string, to: string, perm: readonly number[] = [1, 0, 2]) => ({
        op: 'Transpose',
        inputs: [from],
        outputs: [to],
        attributes: { perm },
      });
      for (const [before, shape, perm] of [
        [[], [2, 3, 2, SIZE], [2, 0, 1, 3]],
        [[''], [2, 2, SIZE], [1, 0, 2]],
      ] as const)
        await sameGradients({
          opset: 17,
          inputs,
          initializers: [],
          shape,
          node: { op: kind, inputs: order, outputs: [...before, 'Y'], attributes: { ...attributes, layout: 1 } },
          plain: [
            transposed('X', 'x'),
            transposed('initial_h', 'h'),
            { op: kind, inputs: ['x', 'W', 'R', '', '', 'h'], outputs: [...before, 'y'], attributes },
            transposed('y', 'Y', perm),
          ],
        });
    });
  });

describe('gradients of LSTM and GRU, by their own attributes', () => {
  it('LSTM whose forget gate is what the input gate leaves', () => check('LSTM', { input_forget: 1 }));
  for (const direction of ['forward', 'bidirectional'])
    it(`GRU that multiplies before it resets, ${direction}`, () =>
      check('GRU', { linear_before_reset: 1, direction }, { directions: direction === 'forward' ? 1 : 2 }));
  it('activations may differ', () =>
    check('LSTM', {
      activations: { strings: ['HardSigmoid', 'Tanh', 'ScaledTanh'] },
      activation_alpha: { floats: [0.1, 0.7] },
      activation_beta: { floats: [0.5, 0.9] },
    }));
  it('an activation that is not known is refused by its name', () => {
    const model = parseModel(
      buildModel({
        opset: 17,
        inputs: Object.entries(inputsOf('RNN')).map(([name, { shape }]) => ({ name, shape })),
        outputs: [{ name: 'Y' }],
        initializers: [row],
        nodes: nodesOf('RNN', { activations: { strings: ['Fancy'] } }),
      }),
    );
    expect(throwsCode(() => differentiate(model, { of: 'Y', wrt: ['X'] }), 'no-rule').message).to.include('Fancy');
  });
});
