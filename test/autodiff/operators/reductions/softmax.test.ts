import { checkGradients } from '../../../support/gradient-check.js';
import { checkSecondOrder } from '../../../support/second-order.js';

const input = { shape: [2, 3, 4] };

describe('gradients of Softmax and LogSoftmax', () => {
  for (const op of ['Softmax', 'LogSoftmax']) {
    for (const opset of [7, 11, 12])
      for (const axis of [undefined, 0, 1, 2, ...(opset >= 11 ? [-1, -2] : [])])
        it(`${op}, opset ${opset}, axis ${axis}: that axis and all behind it`, () =>
          checkGradients({ op, opset, attributes: { axis }, inputs: { input } }));
    for (const opset of [13, 23])
      for (const axis of [undefined, 0, 1, -1, -2])
        it(`${op}, opset ${opset}, axis ${axis}`, () =>
          checkGradients({ op, opset, attributes: { axis }, inputs: { input } }));
    for (const opset of [11, 17])
      it(`${op}, opset ${opset}, sizes settled at run time`, () =>
        checkGradients({
          op,
          opset,
          attributes: { axis: 1 },
          inputs: { input: { ...input, declared: ['n', 'm', 'k'] } },
        }));
    it(`${op}: second derivative`, () => checkSecondOrder({ op, opset: 13, shape: [3, 5] }));
  }
});
