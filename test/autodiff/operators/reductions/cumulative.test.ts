import { expect } from 'chai';
import { check } from '../../../support/check-linear.js';
import { checkGradients } from '../../../support/gradient-check.js';
import { gradientsOf } from '../../../support/gradients.js';
import { integers } from '../../../support/model.js';
import { checkSecondOrder } from '../../../support/second-order.js';

const flags = [0, 1].flatMap((exclusive) => [0, 1].map((reverse) => ({ exclusive, reverse })));
const axis = (value: number) => integers('axis', [], [value]);

describe('gradient of CumSum', () => {
  for (const attributes of flags)
    check(`exclusive ${attributes.exclusive}, reverse ${attributes.reverse}`, [11, 14, 24], {
      op: 'CumSum',
      inputs: { X: { shape: [2, 5], declared: ['n', 'm'] } },
      attributes,
      order: ['X', 'axis'],
      initializers: [axis(-1)],
    });
  it('along an axis chosen at run time', () =>
    checkGradients({
      opset: 14,
      nodes: [
        { op: 'Cast', inputs: ['which'], outputs: ['axis'], attributes: { to: 7 } },
        { op: 'CumSum', inputs: ['X', 'axis'], outputs: ['Y'] },
      ],
      inputs: { X: { shape: [2, 5] }, which: { shape: [], values: [1], fixed: true } },
    }));
});

describe('gradient of CumProd', () => {
  for (const attributes of flags)
    for (const [where, values] of [
      ['without zeros', [1.5, -0.5, 2, 0.75, -1.25, 0.5, 1, -2]],
      ['with one zero', [1.5, -0.5, 0, 0.75, 0, 0.5, 1, -2]],
      ['with several zeros', [0, -0.5, 0, 0.75, 1.25, 0, 0, -2]],
    ] as const)
      it(`exclusive ${attributes.exclusive}, reverse ${attributes.reverse}, ${where}`, () =>
        checkGradients({
          op: 'CumProd',
          opset: 26,
          irVersion: 10,
          inputs: { X: { shape: [2, 4], values, declared: ['n', 'm'] } },
          attributes,
          order: ['X', 'axis'],
          initializers: [axis(-1)],
          tolerance: 1e-3,
        }));
  it('of a vector and along the first axis', async () => {
    for (const shape of [[4], [4, 1, 2]])
      await checkGradients({
        op: 'CumProd',
        opset: 26,
        irVersion: 10,
        inputs: { X: { shape } },
        order: ['X', 'axis'],
        initializers: [axis(0)],
      });
  });
  it('at zeros, as PyTorch has it', async () => {
    // torch 2.13: x.cumprod(0).sum().backward()
    for (const [X, expected] of [
      [
        [2, 0, 3],
        [1, 8, 0],
      ],
      [
        [0, 2, 0, 5],
        [3, 0, 0, 0],
      ],
    ] as const)
      expect(
        await gradientsOf({ op: 'CumProd', opset: 26, inputs: { X }, order: ['X', 'axis'], initializers: [axis(0)] }),
      ).to.deep.equal({ X: expected });
  });
  it('second derivative', () =>
    checkSecondOrder({
      op: 'CumProd',
      opset: 26,
      shape: [2, 4],
      map: (value) => value + Math.sign(value),
      initializers: [axis(1)],
      tolerance: 5e-3,
    }));
});
