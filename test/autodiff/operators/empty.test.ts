// Tensors without elements have gradients without elements.
import { expect } from 'chai';
import { type GradientsOptions, gradientsOf } from '../../support/gradients.js';
import { integers } from '../../support/model.js';

const X = { shape: [2, 0, 3], values: [] };
const list = (name: string, values: readonly number[]) => integers(name, [values.length], values);

const cases: readonly [what: string, Partial<GradientsOptions>][] = [
  ...['Relu', 'Exp', 'Abs', 'Sigmoid', 'Gelu', 'Atan', 'Erf', 'Mish', 'Identity', 'Transpose', 'Flatten'].map(
    (op): [string, Partial<GradientsOptions>] => [op, { op }],
  ),
  ...['Softmax', 'LogSoftmax'].map((op): [string, Partial<GradientsOptions>] => [op, { op, attributes: { axis: -1 } }]),
  ['Mul', { nodes: [{ op: 'Mul', inputs: ['X', 'X'], outputs: ['Y'] }] }],
  ['MatMul', { op: 'MatMul', inputs: { X, B: { shape: [3, 4], values: new Array(12).fill(1) } } }],
  ['Concat', { nodes: [{ op: 'Concat', inputs: ['X', 'X'], outputs: ['Y'], attributes: { axis: 1 } }] }],
  ['Slice', { op: 'Slice', order: ['X', 's', 'e'], initializers: [list('s', [0, 0]), list('e', [1, 5])] }],
  ['Gather', { op: 'Gather', order: ['X', 'i'], initializers: [list('i', [1, 0])], attributes: { axis: 0 } }],
  ['Reshape', { op: 'Reshape', order: ['X', 's'], initializers: [list('s', [3, 2, 0])], attributes: { allowzero: 1 } }],
  ['Expand', { op: 'Expand', order: ['X', 's'], initializers: [list('s', [4, 2, 0, 3])] }],
  ['CumSum', { op: 'CumSum', order: ['X', 'a'], initializers: [integers('a', [], [1])] }],
  ['Einsum', { op: 'Einsum', attributes: { equation: 'abc->ab' } }],
  ['ReduceSum', { op: 'ReduceSum', order: ['X', 'a'], initializers: [list('a', [0])] }],
  ['ReduceMax', { op: 'ReduceMax', order: ['X', 'a'], initializers: [list('a', [0])] }],
];

describe('gradients of tensors without elements', () => {
  for (const [what, options] of cases)
    it(what, async () => {
      const { B, ...found } = await gradientsOf({ opset: 20, inputs: { X }, ...options });
      expect(found.X).to.deep.equal([]);
      if (B) expect(B).to.deep.equal(new Array(12).fill(0));
    });
});
