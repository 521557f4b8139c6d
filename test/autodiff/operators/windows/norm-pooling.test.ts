import { expect } from 'chai';
import { checkGradients, type GradientCase } from '../../../support/gradient-check.js';
import { gradientsOf } from '../../../support/gradients.js';
import { checkSecondOrder } from '../../../support/second-order.js';

/** Away from zero, where the norm of one element and the absolute value have a kink. */
const away = (value: number) => value + 0.3 * Math.sign(value);
const map = { shape: [2, 3, 6, 7], map: away };
const open = { ...map, declared: ['n', 'c', 'h', 'w'] };
const opsets = [7, 11, 18, 22, 24];

function check(title: string, versions: readonly number[], test: Omit<GradientCase, 'opset'>): void {
  for (const opset of versions) it(`${title}, opset ${opset}`, () => checkGradients({ ...test, opset }));
}

describe('gradient of LpPool', () => {
  const pool = (attributes: GradientCase['attributes'], X = map) => ({ op: 'LpPool', inputs: { X }, attributes });
  for (const p of [1, 2, 3, 4]) {
    check(`p ${p}`, opsets, pool({ p, kernel_shape: [3, 2] }));
    check(`p ${p}, strides and pads`, opsets, pool({ p, kernel_shape: [3, 2], strides: [2, 3], pads: [1, 0, 2, 1] }));
  }
  for (const auto_pad of ['SAME_UPPER', 'SAME_LOWER', 'VALID'])
    check(auto_pad, [11, 18, 22], pool({ auto_pad, kernel_shape: [3, 2], strides: [2, 2] }));
  check('ceil_mode', [18, 22], pool({ kernel_shape: [2, 3], strides: [2, 2], pads: [0, 1, 1, 0], ceil_mode: 1 }));
  check('dilations', [18, 22], pool({ kernel_shape: [2, 3], dilations: [2, 2], strides: [1, 2] }));
  check('one axis of space', [11, 22], pool({ kernel_shape: [3] }, { ...map, shape: [2, 3, 8] }));
  check('three axes of space', [11, 22], pool({ kernel_shape: [2, 2, 2] }, { ...map, shape: [1, 2, 4, 3, 5] }));
  check('all of space', [11, 22], pool({ kernel_shape: [6, 7] }));
  check('sizes settled at run time', [11, 22], pool({ kernel_shape: [3, 2], strides: [2, 2] }, open));
  check(
    'SAME_UPPER of sizes settled at run time',
    [11, 22],
    pool({ auto_pad: 'SAME_UPPER', kernel_shape: [3, 2] }, open),
  );

  it('is 0 where the norm is 0', async () => {
    for (const p of [1, 2, 3]) {
      const { X } = await gradientsOf({
        ...pool({ p, kernel_shape: [1, 2], strides: [1, 2] }),
        opset: 18,
        inputs: { X: { shape: [1, 1, 1, 4], values: [0, 0, 3, -4] } },
      });
      expect(X!.slice(0, 2), `p ${p}`).to.deep.equal([0, 0]);
      expect(X!.every(Number.isFinite)).to.equal(true);
    }
  });
  it('has a derivative itself', () =>
    checkSecondOrder({
      op: 'LpPool',
      opset: 18,
      attributes: { p: 3, kernel_shape: [2, 2] },
      shape: [1, 2, 3, 4],
      map: away,
    }));
});

describe('gradient of GlobalLpPool', () => {
  for (const p of [1, 2, 3]) {
    check(`p ${p}`, [7, 13, 21], { op: 'GlobalLpPool', inputs: { X: map }, attributes: { p } });
    check(`p ${p}, sizes settled at run time`, [7, 21], { op: 'GlobalLpPool', inputs: { X: open }, attributes: { p } });
  }
});
