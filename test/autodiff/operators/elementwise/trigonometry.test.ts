import { expect } from 'chai';
import { checkGradients } from '../../../support/gradient-check.js';
import { gradientsOf } from '../../../support/gradients.js';
import { checkSecondOrder } from '../../../support/second-order.js';

/** Between -0.8 and 0.8. */
const inside = (value: number) => 0.8 * Math.tanh(value);
const aboveOne = (value: number) => 1.3 + Math.abs(value);
const halved = (value: number) => value / 2;

/** Each with its first opset and points where it is smooth. */
const functions: readonly [op: string, since: number, map: (value: number) => number][] = [
  ['Acos', 7, inside],
  ['Asin', 7, inside],
  ['Atan', 7, (value) => value],
  ['Tan', 7, inside],
  ['Cosh', 9, halved],
  ['Sinh', 9, halved],
  ['Acosh', 9, aboveOne],
  ['Asinh', 9, (value) => value],
  ['Atanh', 9, inside],
];

describe('gradients of circular and hyperbolic functions', () => {
  for (const [op, since, map] of functions) {
    for (const opset of [since, 21, 22, 24])
      it(`${op}, opset ${opset}`, () =>
        checkGradients({ op, opset, inputs: { X: { shape: [2, 5], map } }, step: 0.01, tolerance: 2e-3 }));
    it(`${op} of a scalar, and of sizes settled at run time`, async () => {
      await checkGradients({ op, opset: 17, inputs: { X: { shape: [], map } }, step: 0.01, tolerance: 2e-3 });
      const X = { shape: [2, 5], declared: ['n', 'm'], map };
      await checkGradients({ op, opset: 17, inputs: { X }, step: 0.01, tolerance: 2e-3 });
    });
    it(`${op}, second derivative`, () => checkSecondOrder({ op, opset: 17, shape: [3, 5], map, tolerance: 4e-3 }));
  }

  it('are infinite at the ends of their domain, as in PyTorch', async () => {
    const infinity = Number.POSITIVE_INFINITY;
    for (const [op, points, slopes] of [
      ['Acos', [-1, 0, 1], [-infinity, -1, -infinity]],
      ['Asin', [-1, 0, 1], [infinity, 1, infinity]],
      ['Atanh', [-1, 0, 1], [infinity, 1, infinity]],
      ['Acosh', [1], [infinity]],
    ] as const)
      expect(await gradientsOf({ op, inputs: { X: points } }), op).to.deep.equal({ X: slopes });
  });
});
