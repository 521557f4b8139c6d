import { differentiate, parseModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import { checkGradients } from '../../../support/gradient-check.js';
import { gradientsOf } from '../../../support/gradients.js';
import { type Attribute, buildModel, floats } from '../../../support/model.js';
import { throwsCode } from '../../../support/throws-code.js';

/** Moves elements away from points where a slope jumps, by more than the differences' step. */
const clearOf =
  (...kinks: number[]) =>
  (value: number) =>
    kinks.reduce((moved, kink) => (Math.abs(moved - kink) < 0.15 ? kink + (moved < kink ? -0.3 : 0.3) : moved), value);
const wide = (value: number) => clearOf(-3, 0, 3)(value * 3);

interface Case {
  readonly op: string;
  /** Its first opset that is supported, one on each side of its changes, and the newest. */
  readonly opsets: readonly number[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly map?: (value: number) => number;
}
const alpha = (value: number) => ({ alpha: { float: value } });

const cases: readonly Case[] = [
  { op: 'Relu', opsets: [7, 13, 14, 23], map: clearOf(0) },
  ...[undefined, 0, 0.2, 1, 1.5, -0.3].map((slope) => ({
    op: 'LeakyRelu',
    opsets: slope === undefined ? [7, 15, 16, 23] : [7, 17],
    attributes: slope === undefined ? {} : alpha(slope),
    map: clearOf(0),
  })),
  ...[0, 0.5, 1, -0.5].map((threshold) => ({
    op: 'ThresholdedRelu',
    opsets: [10, 21, 22, 23],
    attributes: alpha(threshold),
    map: clearOf(threshold),
  })),
  ...[undefined, 0.5, 2, -0.5].map((scale) => ({
    op: 'Elu',
    opsets: [7, 21, 22, 23],
    attributes: scale === undefined ? {} : alpha(scale),
    map: clearOf(0),
  })),
  { op: 'Selu', opsets: [7, 21, 22, 23], map: clearOf(0) },
  { op: 'Selu', opsets: [7, 17], attributes: { ...alpha(-0.5), gamma: { float: 1.2 } }, map: clearOf(0) },
  { op: 'Selu', opsets: [17], attributes: { ...alpha(1.5), gamma: { float: -1.2 } }, map: clearOf(0) },
  { op: 'Celu', opsets: [12, 17, 23] },
  { op: 'Celu', opsets: [12, 17], attributes: alpha(2) },
  { op: 'Celu', opsets: [12, 17], attributes: alpha(-0.75), map: clearOf(0) },
  { op: 'HardSigmoid', opsets: [7, 21, 22, 23], map: clearOf(-2.5, 2.5) },
  {
    op: 'HardSigmoid',
    opsets: [7, 17],
    attributes: { ...alpha(1 / 6), beta: { float: 0.5 } },
    map: wide,
  },
  { op: 'HardSwish', opsets: [14, 21, 22, 23], map: wide },
  { op: 'Sigmoid', opsets: [7, 13, 23] },
  { op: 'Tanh', opsets: [7, 13, 23] },
  { op: 'Softplus', opsets: [7, 21, 22, 23] },
  { op: 'Softsign', opsets: [7, 21, 22, 23], map: clearOf(0) },
  { op: 'Gelu', opsets: [20, 23] },
  { op: 'Gelu', opsets: [20, 23], attributes: { approximate: 'tanh' } },
  { op: 'Mish', opsets: [18, 22, 23] },
  { op: 'Swish', opsets: [24] },
  ...[0, 1.702, -0.5].map((scale) => ({ op: 'Swish', opsets: [24], attributes: alpha(scale) })),
  { op: 'Shrink', opsets: [9, 17, 24], map: clearOf(-0.5, 0.5) },
  {
    op: 'Shrink',
    opsets: [9, 24],
    attributes: { lambd: { float: 1 }, bias: { float: 0.75 } },
    map: clearOf(-1, 1),
  },
  { op: 'Shrink', opsets: [9], attributes: { lambd: { float: -0.5 } }, map: clearOf(-0.5, 0.5) },
];

describe('gradients of activation functions', () => {
  for (const { op, opsets, attributes = {}, map = (value: number) => value } of cases)
    for (const opset of opsets)
      it(`${op} ${JSON.stringify(attributes)}, opset ${opset}`, () =>
        checkGradients({ op, opset, attributes, inputs: { X: { shape: [3, 11], map } } }));

  for (const op of ['Relu', 'LeakyRelu', 'HardSwish', 'Gelu', 'Elu'])
    it(`${op} of a shape settled at run time`, () =>
      checkGradients({ op, opset: 20, inputs: { X: { shape: [3, 11], declared: ['n', 'm'], map: wide } } }));

  it('Celu whose alpha is 0 is refused: it has no value below 0', () => {
    const nodes = [{ op: 'Celu', inputs: ['X'], outputs: ['Y'], attributes: alpha(0) }];
    const bytes = buildModel({ opset: 17, inputs: [{ name: 'X', shape: [2] }], outputs: [{ name: 'Y' }], nodes });
    const { message } = throwsCode(() => differentiate(parseModel(bytes), { of: 'Y', wrt: ['X'] }), 'no-rule');
    expect(message).to.include('its alpha is 0');
  });

  for (const opset of [7, 9, 16, 23])
    for (const [sign, map] of [
      ['positive', (value: number) => Math.abs(value) + 0.1],
      ['of either sign', (value: number) => value],
    ] as const) {
      it(`PRelu, opset ${opset}, slopes ${sign}, data and slope`, () =>
        checkGradients({
          op: 'PRelu',
          opset,
          inputs: { X: { shape: [2, 3, 4], map: clearOf(0) }, slope: { shape: [3, 1], map } },
        }));
      it(`PRelu, opset ${opset}, constant slopes ${sign}`, () =>
        checkGradients({
          op: 'PRelu',
          opset,
          order: ['X', 'slope'],
          initializers: [floats('slope', [3, 1], [0.2, 0.5, -1.5].map(map))],
          inputs: { X: { shape: [2, 3, 4], map: clearOf(0) } },
        }));
    }
  for (const slope of [0.25, -0.25, 3])
    it(`PRelu, one constant slope ${slope}`, () =>
      checkGradients({
        op: 'PRelu',
        opset: 16,
        order: ['X', 'slope'],
        initializers: [floats('slope', [1], [slope])],
        inputs: { X: { shape: [2, 3, 4], map: clearOf(0) } },
      }));
});

describe('gradients of Clip', () => {
  const X = { shape: [3, 11], map: clearOf(-0.8, 0, 0.8) };
  for (const opset of [7, 10])
    for (const bounds of [{ min: -0.8, max: 0.8 }, { min: 0 }, { max: 0.8 }, {}])
      it(`opset ${opset}, ${JSON.stringify(bounds)} as attributes`, () =>
        checkGradients({
          op: 'Clip',
          opset,
          attributes: Object.fromEntries(Object.entries(bounds).map(([name, float]) => [name, { float }])),
          inputs: { X },
        }));
  for (const opset of [11, 12, 13, 23]) {
    for (const order of [['X', 'low', 'high'], ['X', 'low'], ['X', '', 'high'], ['X']])
      it(`opset ${opset}, constant ${order.join(' ')}`, () =>
        checkGradients({
          op: 'Clip',
          opset,
          order,
          initializers: [floats('low', [], [-0.8]), floats('high', [], [0.8])],
          inputs: { X },
        }));
    for (const order of [
      ['X', 'low', 'high'],
      ['X', 'low'],
      ['X', '', 'high'],
    ])
      it(`opset ${opset}, bounds that are inputs: ${order.join(' ')}`, () =>
        checkGradients({
          op: 'Clip',
          opset,
          order,
          inputs: {
            X,
            ...(order.includes('low') ? { low: { shape: [], values: [-0.8] } } : {}),
            ...(order.includes('high') ? { high: { shape: [], values: [0.8] } } : {}),
          },
        }));
  }
  it('with an upper bound below the lower one: all is the upper bound', () =>
    checkGradients({
      op: 'Clip',
      opset: 13,
      inputs: { X, low: { shape: [], values: [0.8] }, high: { shape: [], values: [-0.8] } },
    }));
});

describe('kinks of activation functions, as PyTorch has them', () => {
  /** Slopes at points, from torch 2.13. */
  const table: readonly [op: string, attributes: Record<string, Attribute>, points: number[], slopes: number[]][] = [
    ['Relu', {}, [0, 1, -1], [0, 1, 0]],
    ['LeakyRelu', alpha(0.25), [0, 1, -1], [0.25, 1, 0.25]],
    ['ThresholdedRelu', alpha(0.5), [0.5, 0.625, 0], [0, 1, 0]],
    ['Elu', alpha(2), [0, 1], [2, 1]],
    ['Elu', {}, [0, 1], [1, 1]],
    ['Selu', { alpha: { float: 1.5 }, gamma: { float: 2 } }, [0, 1], [3, 2]],
    ['Celu', alpha(2), [0, 1], [1, 1]],
    ['HardSigmoid', { alpha: { float: 0.25 }, beta: { float: 0.5 } }, [-2, 0, 2], [0, 0.25, 0]],
    ['HardSwish', {}, [-3.5, -3, 0, 3, 3.5], [0, 0, 0.5, 1, 1]],
    ['Softsign', {}, [0, 1], [1, 0.25]],
    ['Shrink', { lambd: { float: 0.5 } }, [-1, -0.5, 0, 0.5, 0.75], [1, 0, 0, 0, 1]],
    ['Shrink', { lambd: { float: 0.5 }, bias: { float: 0.5 } }, [-1, -0.5, 0, 0.5, 0.75], [1, 0, 0, 0, 1]],
  ];
  for (const [op, attributes, points, slopes] of table)
    it(`${op} ${JSON.stringify(attributes)} at ${points.join(', ')}`, async () => {
      for (const opset of [17, 23])
        expect(await gradientsOf({ op, opset, attributes, inputs: { X: points } })).to.deep.equal({ X: slopes });
    });

  it('PRelu: the slope at 0, and nothing for the slope there', async () => {
    for (const slope of [0.5, -0.5])
      expect(await gradientsOf({ op: 'PRelu', inputs: { X: [0, 1, -2], slope: [slope] } })).to.deep.equal({
        X: [slope, 1, slope],
        slope: [-2],
      });
  });
  it('Clip with two constant bounds: 0 at both, as relu6 and hardtanh', async () => {
    const clip = (opset: number, options: object) =>
      gradientsOf({ op: 'Clip', opset, inputs: { X: [-1, 0, 3, 6, 7] }, ...options });
    const slopes = { X: [0, 0, 1, 0, 0] };
    expect(await clip(7, { attributes: { min: { float: 0 }, max: { float: 6 } } })).to.deep.equal(slopes);
    const initializers = [floats('low', [], [0]), floats('high', [], [6])];
    for (const opset of [13, 23])
      expect(await clip(opset, { order: ['X', 'low', 'high'], initializers })).to.deep.equal(slopes);
  });
  it('Clip with one bound, or with bounds that are inputs: 1 at them, as clamp', async () => {
    const initializers = [floats('low', [], [0])];
    expect(
      await gradientsOf({ op: 'Clip', order: ['X', 'low'], initializers, inputs: { X: [-1, 0, 1] } }),
    ).to.deep.equal({ X: [0, 1, 1] });
    const scalar = (value: number) => ({ shape: [], values: [value] });
    expect(
      await gradientsOf({ op: 'Clip', inputs: { X: [-1, 0, 1, 2], low: scalar(0), high: scalar(1) } }),
    ).to.deep.equal({ X: [0, 1, 1, 0], low: [1], high: [1] });
  });
});
