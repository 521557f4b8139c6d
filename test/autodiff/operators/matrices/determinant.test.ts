import { differentiate, parseModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import { checkGradients } from '../../../support/gradient-check.js';
import { gradientsOf } from '../../../support/gradients.js';
import { buildModel } from '../../../support/model.js';
import { checkSecondOrder } from '../../../support/second-order.js';

describe('gradient of Det', () => {
  for (const opset of [11, 21, 22, 24])
    for (const shape of [
      [1, 1],
      [2, 2],
      [3, 3],
      [2, 4, 4],
      [2, 1, 3, 3],
      [6, 6],
    ])
      it(`[${shape}], opset ${opset}`, () =>
        checkGradients({ op: 'Det', opset, inputs: { X: { shape } }, tolerance: 1e-3 }));
  it('of batches whose size is settled at run time', () =>
    checkGradients({ op: 'Det', opset: 17, inputs: { X: { shape: [3, 2, 2], declared: ['n', 2, 2] } } }));
  it('of a singular matrix, as torch.linalg.det', async () => {
    const values = [1, 2, 3, 2, 4, 6, 1, 0, 1];
    expect(await gradientsOf({ op: 'Det', inputs: { X: { shape: [3, 3], values } } })).to.deep.equal({
      X: [4, 4, -4, -2, -2, 2, 0, 0, 0],
    });
  });
  it('second derivative', () => checkSecondOrder({ op: 'Det', opset: 17, shape: [2, 3, 3], tolerance: 5e-3 }));
  it('is refused of matrices of unknown or great size', () => {
    const refusal = (size: number | string) => {
      const bytes = buildModel({
        opset: 17,
        inputs: [{ name: 'X', shape: [size, size] }],
        outputs: [{ name: 'Y' }],
        nodes: [{ op: 'Det', inputs: ['X'], outputs: ['Y'] }],
      });
      return expect(() => differentiate(parseModel(bytes), { of: 'Y', wrt: ['X'] }));
    };
    refusal('n').to.throw('the size of its matrices is not known').with.property('code', 'no-rule');
    refusal(33).to.throw('its matrices are 33 x 33; 32 x 32 is the limit').with.property('code', 'no-rule');
  });
});
