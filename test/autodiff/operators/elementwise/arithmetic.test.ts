import { inferTensors, parseModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import { checkGradients } from '../../../support/gradient-check.js';
import { gradientsOf } from '../../../support/gradients.js';
import { buildModel, floats, integers } from '../../../support/model.js';
import { checkSecondOrder } from '../../../support/second-order.js';

/** The oldest opset that is supported, one on each side of the schema changes, and the newest. */
const opsets = [7, 12, 13, 14, 23];
const positive = (value: number) => Math.abs(value) + 0.5;
const awayFromZero = (value: number) => value + Math.sign(value) * 0.3;

describe('gradients of arithmetic', () => {
  for (const opset of opsets) {
    for (const op of ['Add', 'Sub', 'Mul'])
      it(`${op}, opset ${opset}, broadcast both ways`, () =>
        checkGradients({ op, opset, inputs: { A: { shape: [2, 3, 1] }, B: { shape: [3, 4] } } }));
    it(`Div, opset ${opset}, broadcast both ways`, () =>
      checkGradients({ op: 'Div', opset, inputs: { A: { shape: [2, 3, 1] }, B: { shape: [3, 4], map: positive } } }));
    it(`Pow, opset ${opset}, base and exponent, broadcast both ways`, () =>
      checkGradients({
        op: 'Pow',
        opset,
        inputs: { base: { shape: [2, 3, 1], map: positive }, exponent: { shape: [3, 4] } },
      }));
    for (const op of ['Neg', 'Exp', ...(opset >= 9 ? ['Erf'] : []), 'Sin', 'Cos'])
      it(`${op}, opset ${opset}`, () => checkGradients({ op, opset, inputs: { X: { shape: [2, 3] } } }));
    for (const op of ['Log', 'Sqrt', 'Reciprocal'])
      it(`${op}, opset ${opset}`, () => checkGradients({ op, opset, inputs: { X: { shape: [2, 3], map: positive } } }));
    it(`Abs, opset ${opset}`, () =>
      checkGradients({ op: 'Abs', opset, inputs: { X: { shape: [2, 9], map: awayFromZero } } }));
  }

  for (const exponent of [-1, -2, 0, 0.5, 1, 2, 3, 4])
    for (const opset of [7, 15])
      it(`Pow to the constant ${exponent}, opset ${opset}`, () =>
        checkGradients({
          op: 'Pow',
          opset,
          order: ['X', 'exponent'],
          initializers: [floats('exponent', [], [exponent])],
          inputs: { X: { shape: [2, 3], map: positive } },
        }));
  it('Pow of negative bases to constant integers', () =>
    checkGradients({
      op: 'Pow',
      opset: 13,
      order: ['X', 'exponent'],
      initializers: [floats('exponent', [3], [2, 3, 4])],
      inputs: { X: { shape: [2, 3], map: (value) => -positive(value) } },
    }));
  it('Pow to an exponent of integers', () =>
    checkGradients({
      op: 'Pow',
      opset: 12,
      order: ['X', 'exponent'],
      initializers: [integers('exponent', [3], [1, 2, 3])],
      inputs: { X: { shape: [2, 3] } },
    }));

  for (const op of ['Sum', 'Mean', 'Max', 'Min']) {
    for (const opset of [8, 12, 13, 23])
      it(`${op}, opset ${opset}, three operands, broadcast`, () =>
        checkGradients({
          op,
          opset,
          inputs: { A: { shape: [2, 3, 4] }, B: { shape: [3, 1] }, C: { shape: [1, 1, 4] } },
        }));
    it(`${op}, opset 7, which does not broadcast`, () =>
      checkGradients({ op, opset: 7, inputs: { A: { shape: [2, 3] }, B: { shape: [2, 3] } } }));
    it(`${op} of one operand`, () => checkGradients({ op, opset: 13, inputs: { A: { shape: [2, 3] } } }));
  }

  it('sums over an axis whose size is settled at run time', () =>
    checkGradients({
      op: 'Mul',
      opset: 13,
      inputs: { A: { shape: [2, 3], declared: ['n', 'm'] }, B: { shape: [1, 3], declared: ['k', 'l'] } },
    }));
  for (const op of ['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min', 'Pow'])
    it(`${op} with sizes settled at run time`, () =>
      checkGradients({
        op,
        opset: 17,
        inputs: {
          A: { shape: [2, 3, 4], declared: ['n', 'm', 4], map: positive },
          B: { shape: [3, 1], declared: ['m', 1], map: positive },
        },
      }));
});

describe('second derivatives of arithmetic', () => {
  for (const op of ['Exp', 'Log', 'Sqrt', 'Reciprocal', 'Erf', 'Sin', 'Cos'])
    it(op, () => checkSecondOrder({ op, opset: 13, shape: [3, 5], map: positive }));
  for (const op of ['Mul', 'Div', 'Pow'])
    it(`${op} by itself`, () => checkSecondOrder({ op, opset: 13, shape: [3, 5], map: positive, twice: true }));
  for (const exponent of [-1, 0.5, 2, 3, 4])
    it(`Pow to ${exponent}`, () =>
      checkSecondOrder({
        op: 'Pow',
        opset: 13,
        shape: [3, 5],
        map: positive,
        initializers: [floats('exponent', [], [exponent])],
      }));
});

describe('kinks of arithmetic, as PyTorch has them', () => {
  it('Abs: 0 at 0', async () => {
    expect(await gradientsOf({ op: 'Abs', inputs: { X: [0, 1, -1] } })).to.deep.equal({ X: [0, 1, -1] });
  });
  it('Max and Min: operands that tie share', async () => {
    const inputs = { A: [1, 2, 3], B: [1, 3, 2] };
    for (const opset of [8, 17]) {
      expect(await gradientsOf({ op: 'Max', opset, inputs })).to.deep.equal({ A: [0.5, 0, 1], B: [0.5, 1, 0] });
      expect(await gradientsOf({ op: 'Min', opset, inputs })).to.deep.equal({ A: [0.5, 1, 0], B: [0.5, 0, 1] });
    }
  });
  it('Pow: 0 at a base of 0 for exponents from 0, at base and exponent', async () => {
    for (const opset of [7, 17])
      expect(
        await gradientsOf({ op: 'Pow', opset, inputs: { base: [0, 0, 0, 2], exponent: [0, 1, 2, 3] } }),
      ).to.deep.equal({
        base: [0, 1, 0, 12],
        exponent: [0, 0, 0, Math.fround(8 * Math.LN2)],
      });
  });
  it('Pow: infinite at a base of 0 for exponents below 0, at base and exponent', async () => {
    const { NEGATIVE_INFINITY: low } = Number;
    for (const opset of [7, 17])
      expect(await gradientsOf({ op: 'Pow', opset, inputs: { base: [0, 0], exponent: [-1.5, -2] } })).to.deep.equal({
        base: [low, low],
        exponent: [low, low],
      });
  });
  it('Max and Min: three operands that tie', async () => {
    const third = Math.fround(1 / 3);
    const inputs = { A: [1], B: [1], C: [1] };
    for (const op of ['Max', 'Min'])
      expect(await gradientsOf({ op, inputs })).to.deep.equal({ A: [third], B: [third], C: [third] });
  });
  it('Sqrt: infinite at 0', async () => {
    expect(await gradientsOf({ op: 'Sqrt', inputs: { X: [0, 4] } })).to.deep.equal({
      X: [Number.POSITIVE_INFINITY, 0.25],
    });
  });
});

describe('elements that are known before anything runs', () => {
  /** What is known of Y = op(A, B), with `n` a size that is settled at run time. */
  const knownOf = (op: string, a: readonly (number | 'n')[], b: readonly number[]) => {
    const bytes = buildModel({
      opset: 17,
      inputs: [{ name: 'X', shape: a }],
      outputs: [{ name: 'Y', type: 'int64' }],
      nodes: [
        { op: 'Shape', inputs: ['X'], outputs: ['A'] },
        { op, inputs: ['A', 'B'], outputs: ['Y'] },
      ],
      initializers: [integers('B', [b.length], b)],
    });
    return inferTensors(parseModel(bytes)).get('Y')?.value;
  };
  it('are computed as the operator computes them', () => {
    expect(knownOf('Add', [2, 3], [4, 5])).to.deep.equal([6, 8]);
    expect(knownOf('Sub', [2, 3], [4])).to.deep.equal([-2, -1]);
    expect(knownOf('Mul', [2, 3], [4, 0])).to.deep.equal([8, 0]);
    expect(knownOf('Div', [7, 9], [-2, 3])).to.deep.equal([-3, 3]);
    expect(knownOf('Max', [2, 3], [1, 5])).to.deep.equal([2, 5]);
    expect(knownOf('Min', [2, 3], [1, 5])).to.deep.equal([1, 3]);
  });
  it('keep the name of a size where the operator leaves it as it is', () => {
    expect(knownOf('Add', ['n', 3], [0, 1])).to.deep.equal(['n', 4]);
    expect(knownOf('Sub', ['n', 3], [0, 1])).to.deep.equal(['n', 2]);
    expect(knownOf('Div', ['n', 4], [1, 2])).to.deep.equal(['n', 2]);
  });
  it('are never guessed', () => {
    expect(knownOf('Add', ['n', 3], [1, 1])).to.deep.equal(['?', 4]);
    expect(knownOf('Mul', ['n', 3], [-2, 1])).to.deep.equal(['?', 3]);
    expect(knownOf('Div', ['n', 3], [2, 0])).to.deep.equal(['?', '?']);
    expect(knownOf('Max', ['n', 3], [1, 1])).to.deep.equal(['?', 3]);
    expect(knownOf('Mul', [2 ** 31, 3], [2 ** 31, 1])).to.deep.equal(['?', 3]);
  });
});
