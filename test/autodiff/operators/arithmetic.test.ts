import { checkGradients } from '../../support/gradient-check.js';

/** The oldest opset that is supported, one on each side of the schema changes, and the newest. */
const opsets = [7, 13, 23];
const positive = (value: number) => Math.abs(value) + 0.5;

describe('gradients of arithmetic', () => {
  for (const opset of opsets) {
    for (const op of ['Add', 'Sub', 'Mul'])
      it(`${op}, opset ${opset}, broadcast both ways`, () =>
        checkGradients({ op, opset, inputs: { A: { shape: [2, 3, 1] }, B: { shape: [3, 4] } } }));
    it(`Div, opset ${opset}, broadcast both ways`, () =>
      checkGradients({ op: 'Div', opset, inputs: { A: { shape: [2, 3, 1] }, B: { shape: [3, 4], map: positive } } }));
    for (const op of ['Neg', 'Exp'])
      it(`${op}, opset ${opset}`, () => checkGradients({ op, opset, inputs: { X: { shape: [2, 3] } } }));
    for (const op of ['Log', 'Sqrt'])
      it(`${op}, opset ${opset}`, () => checkGradients({ op, opset, inputs: { X: { shape: [2, 3], map: positive } } }));
  }
  it('sums over an axis whose size is settled at run time', () =>
    checkGradients({
      op: 'Mul',
      opset: 13,
      inputs: { A: { shape: [2, 3], declared: ['n', 'm'] }, B: { shape: [1, 3], declared: ['k', 'l'] } },
    }));
});
