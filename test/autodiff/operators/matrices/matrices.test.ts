import { checkGradients } from '../../../support/gradient-check.js';
import { floats } from '../../../support/model.js';
import { checkSecondOrder } from '../../../support/second-order.js';

describe('gradients of MatMul', () => {
  /** Every rank of either operand, batches broadcast on either side. */
  const shapes: readonly (readonly [A: number[], B: number[]])[] = [
    [[3], [3]],
    [[3], [3, 4]],
    [[3], [2, 3, 4]],
    [[2, 3], [3]],
    [[2, 5, 3], [3]],
    [
      [2, 3],
      [3, 4],
    ],
    [
      [2, 5, 3],
      [3, 4],
    ],
    [
      [2, 2, 5, 3],
      [3, 4],
    ],
    [
      [5, 3],
      [2, 3, 4],
    ],
    [
      [2, 5, 3],
      [2, 3, 4],
    ],
    [
      [2, 1, 5, 3],
      [3, 3, 4],
    ],
    [
      [1, 5, 3],
      [2, 3, 4],
    ],
    [
      [2, 5, 3],
      [1, 3, 4],
    ],
  ];
  for (const [A, B] of shapes)
    for (const opset of [7, 13, 23])
      it(`[${A}] x [${B}], opset ${opset}`, () =>
        checkGradients({ op: 'MatMul', opset, inputs: { A: { shape: A }, B: { shape: B } } }));
  for (const [A, B] of shapes)
    it(`[${A}] x [${B}], sizes settled at run time`, () =>
      checkGradients({
        op: 'MatMul',
        opset: 13,
        inputs: {
          A: { shape: A, declared: A.map((_, axis) => (axis === A.length - 1 ? 'k' : `a${axis}`)) },
          B: { shape: B, declared: B.map((_, axis) => (axis === Math.max(0, B.length - 2) ? 'k' : `b${axis}`)) },
        },
      }));
  it('of a constant weight', () =>
    checkGradients({
      op: 'MatMul',
      opset: 17,
      order: ['A', 'W'],
      initializers: [floats('W', [3, 4], [1, -2, 3, 0.5, 2, 1, -1, 1.5, 0, 1, 2, -0.5])],
      inputs: { A: { shape: [2, 5, 3] } },
    }));
  it('second derivative of a matrix times itself', () =>
    checkSecondOrder({ op: 'MatMul', opset: 13, shape: [2, 3, 3], twice: true }));
});

describe('gradients of Gemm', () => {
  for (const opset of [7, 9, 11, 13, 23])
    for (const transA of [0, 1])
      for (const transB of [0, 1])
        it(`opset ${opset}, transA ${transA}, transB ${transB}, alpha, beta`, () =>
          checkGradients({
            op: 'Gemm',
            opset,
            attributes: { transA, transB, alpha: { float: 0.5 }, beta: { float: -2 } },
            inputs: {
              A: { shape: transA ? [3, 2] : [2, 3] },
              B: { shape: transB ? [4, 3] : [3, 4] },
              C: { shape: [2, 4] },
            },
          }));
  for (const C of [[4], [1, 4], [2, 1], [1], []])
    for (const opset of [7, 17])
      it(`opset ${opset}, C of shape [${C}]`, () =>
        checkGradients({
          op: 'Gemm',
          opset,
          inputs: { A: { shape: [2, 3] }, B: { shape: [3, 4] }, C: { shape: C } },
        }));
  it('without C', () =>
    checkGradients({ op: 'Gemm', opset: 11, inputs: { A: { shape: [2, 3] }, B: { shape: [3, 4] } } }));
  it('sizes settled at run time', () =>
    checkGradients({
      op: 'Gemm',
      opset: 17,
      attributes: { transB: 1 },
      inputs: {
        A: { shape: [2, 3], declared: ['n', 'k'] },
        B: { shape: [4, 3], declared: ['m', 'k'] },
        C: { shape: [4], declared: ['m'] },
      },
    }));
  it('second derivative', () =>
    checkSecondOrder({ op: 'Gemm', opset: 13, attributes: { transA: 1 }, shape: [3, 3], twice: true }));
});
