import { differentiate, inferTensors, parseModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import { checkGradients } from '../../../support/gradient-check.js';
import { gradientsOf } from '../../../support/gradients.js';
import { buildModel, integers } from '../../../support/model.js';
import { checkSecondOrder } from '../../../support/second-order.js';

const positive = (value: number) => Math.abs(value) + 0.5;
const awayFromZero = (value: number) => value + Math.sign(value) * 0.3;

/** Reductions with the opset at which their axes became an input. */
const reductions = [
  ['ReduceSum', 13],
  ['ReduceMean', 18],
  ['ReduceMax', 18],
  ['ReduceMin', 18],
  ['ReduceProd', 18],
  ['ReduceL1', 18],
  ['ReduceL2', 18],
  ['ReduceSumSquare', 18],
  ['ReduceLogSum', 18],
  ['ReduceLogSumExp', 18],
] as const;
/** Elements far enough apart that no difference changes which is the largest. */
const apart = (_: number, index: number) => ((index * 7) % 24) / 4 - 3;
const mapOf = (op: string) => (op === 'ReduceLogSum' ? positive : /Max|Min/.test(op) ? apart : awayFromZero);

describe('gradients of reductions', () => {
  for (const [op, since] of reductions) {
    const data = { shape: [2, 3, 4], map: mapOf(op) };
    for (const opset of [7, 11, since - 1])
      for (const axes of [[1], [0, 2], ...(opset >= 11 ? [[-1], [-3, 1]] : []), undefined])
        for (const keepdims of [0, 1])
          it(`${op}, opset ${opset}, axes ${axes} as an attribute, keepdims ${keepdims}`, () =>
            checkGradients({ op, opset, attributes: { axes, keepdims }, inputs: { data } }));
    for (const opset of [since, 23]) {
      for (const axes of [[1], [0, 2], [-1], [-3, 1]])
        for (const keepdims of [0, 1])
          it(`${op}, opset ${opset}, axes ${axes} as an input, keepdims ${keepdims}`, () =>
            checkGradients({
              op,
              opset,
              attributes: { keepdims },
              order: ['data', 'axes'],
              initializers: [integers('axes', [axes.length], axes)],
              inputs: { data },
            }));
      for (const noop of [0, 1])
        it(`${op}, opset ${opset}, no axes, noop_with_empty_axes ${noop}`, async () => {
          for (const [order, initializers] of [
            [['data'], []],
            [['data', 'axes'], [integers('axes', [0], [])]],
          ] as const)
            await checkGradients({
              op,
              opset,
              attributes: { keepdims: 1, noop_with_empty_axes: noop },
              order,
              initializers,
              inputs: { data },
            });
        });
    }
    for (const keepdims of [0, 1])
      it(`${op} over sizes settled at run time, keepdims ${keepdims}`, () =>
        checkGradients({
          op,
          opset: since,
          attributes: { keepdims },
          order: ['data', 'axes'],
          initializers: [integers('axes', [2], [1, -1])],
          inputs: { data: { ...data, declared: ['n', 'm', 'k'] } },
        }));
    for (const keepdims of [0, 1])
      for (const count of [2, 'k'])
        it(`${op} over ${count} axes computed at run time, keepdims ${keepdims}`, () =>
          checkGradients({
            opset: since,
            nodes: [
              { op: 'Cast', inputs: ['which'], outputs: ['axes'], attributes: { to: 7 } },
              { op, inputs: ['data', 'axes'], outputs: ['Y'], attributes: { keepdims } },
            ],
            inputs: { data, which: { shape: [2], values: [2, 0], declared: [count], fixed: true } },
          }));
    it(`${op} of a scalar`, () => checkGradients({ op, opset: 18, inputs: { data: { shape: [], values: [1.5] } } }));
  }

  it('over an axis without elements', async () => {
    for (const op of ['ReduceSum', 'ReduceSumSquare', 'ReduceL1', 'ReduceL2', 'ReduceProd', 'ReduceLogSumExp'])
      for (const keepdims of [0, 1]) {
        const { data } = await gradientsOf({
          op,
          opset: 18,
          attributes: { keepdims },
          order: ['data', 'axes'],
          initializers: [integers('axes', [1], [1])],
          inputs: { data: { shape: [2, 0], values: [] } },
        });
        expect(data, op).to.deep.equal([]);
      }
  });
});

describe('the spread cotangent of a reduction', () => {
  it('is not written out where what follows broadcasts', () => {
    const bytes = buildModel({
      opset: 17,
      inputs: [{ name: 'X', shape: [2, 3, 4, 4] }],
      outputs: [{ name: 'Y' }],
      nodes: [
        { op: 'Exp', inputs: ['X'], outputs: ['a'] },
        { op: 'ReduceMean', inputs: ['a'], outputs: ['Y'], attributes: { axes: [2, 3] } },
      ],
    });
    const { graph } = differentiate(parseModel(bytes), { of: 'Y', wrt: ['X'] });
    expect(graph.nodes.map(({ opType }) => opType)).to.not.include('Expand');
  });
  for (const opset of [7, 8, 17])
    it(`reaches every operand, opset ${opset}`, () =>
      checkGradients({
        opset,
        nodes: [
          { op: 'Exp', inputs: ['X'], outputs: ['a'] },
          { op: 'Mul', inputs: ['a', 'B'], outputs: ['c'] },
          {
            op: 'ReduceSum',
            inputs: ['c', ...(opset < 13 ? [] : ['axes'])],
            outputs: ['d'],
            attributes: opset < 13 ? { axes: [1] } : {},
          },
          { op: 'ReduceMean', inputs: ['c'], outputs: ['e'], attributes: { axes: [1] } },
          { op: 'Mul', inputs: ['d', 'e'], outputs: ['Y'] },
        ],
        initializers: opset < 13 ? [] : [integers('axes', [1], [1])],
        inputs: { X: { shape: [2, 3] }, B: { shape: [1, 3] } },
      }));
});

describe('kinks of reductions, as PyTorch has them', () => {
  it('ReduceMax and ReduceMin: elements that tie share, as amax and amin', async () => {
    for (const opset of [7, 17]) {
      expect(await gradientsOf({ op: 'ReduceMax', opset, inputs: { X: [1, 3, 3, 2] } })).to.deep.equal({
        X: [0, 0.5, 0.5, 0],
      });
      expect(await gradientsOf({ op: 'ReduceMin', opset, inputs: { X: [1, 3, 1, 1] }, cotangent: [3] })).to.deep.equal({
        X: [1, 0, 1, 1],
      });
    }
  });
  it('ReduceL2 and ReduceL1: 0 at 0', async () => {
    expect(await gradientsOf({ op: 'ReduceL2', inputs: { X: [0, 0] } })).to.deep.equal({ X: [0, 0] });
    expect(await gradientsOf({ op: 'ReduceL1', inputs: { X: [0, -2] } })).to.deep.equal({ X: [0, -1] });
  });
  it('ReduceProd: the product of the others, zeros or not', async () => {
    for (const [X, expected] of [
      [
        [0, 2, 3],
        [6, 0, 0],
      ],
      [
        [0, 2, 0],
        [0, 0, 0],
      ],
      [
        [4, 2, -1],
        [-2, -4, 8],
      ],
    ] as const)
      expect(await gradientsOf({ op: 'ReduceProd', inputs: { X } })).to.deep.equal({ X: expected });
  });
});

describe('second derivatives of reductions', () => {
  for (const op of ['ReduceSumSquare', 'ReduceProd', 'ReduceL2', 'ReduceLogSum', 'ReduceLogSumExp'])
    for (const keepdims of [0, 1])
      it(`${op}, keepdims ${keepdims}`, () =>
        checkSecondOrder({ op, opset: 13, attributes: { axes: [-1], keepdims }, shape: [3, 4], map: positive }));
});

describe('sizes that reductions compute', () => {
  const knownOf = (op: string, shape: readonly (number | string)[]) => {
    const bytes = buildModel({
      opset: 17,
      inputs: [{ name: 'X', shape }],
      outputs: [{ name: 'Y', type: 'int64' }],
      nodes: [
        { op: 'Shape', inputs: ['X'], outputs: ['A'] },
        { op, inputs: ['A'], outputs: ['Y'], attributes: { keepdims: 0 } },
      ],
    });
    return inferTensors(parseModel(bytes)).get('Y')?.value;
  };
  it('are known where the sizes are', () => {
    expect(knownOf('ReduceProd', [2, 3, 4])).to.deep.equal([24]);
    expect(knownOf('ReduceSum', [2, 3, 4])).to.deep.equal([9]);
    expect(knownOf('ReduceMax', [2, 3, 4])).to.deep.equal([4]);
    expect(knownOf('ReduceMin', [2, 3, 4])).to.deep.equal([2]);
  });
  it('are never guessed', () => {
    for (const op of ['ReduceSum', 'ReduceMax', 'ReduceMin']) expect(knownOf(op, ['n', 3])).to.deep.equal(['?']);
    expect(knownOf('ReduceProd', ['n', 1])).to.deep.equal(['n']);
  });
});
