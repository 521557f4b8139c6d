import { differentiate, inferTensors, parseModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import { checkGradients } from '../../../support/gradient-check.js';
import { buildModel } from '../../../support/model.js';
import { checkSecondOrder } from '../../../support/second-order.js';

/** Equations with the shapes of their operands. */
const equations: readonly [equation: string, ...shapes: number[][]][] = [
  ['ij,jk->ik', [2, 3], [3, 4]],
  ['bij,bjk->bik', [2, 3, 4], [2, 4, 2]],
  ['ij,jk', [2, 3], [3, 4]],
  ['kB,Ak->BA', [3, 4], [2, 3]],
  ['kb,ak', [3, 4], [2, 3]],
  ['ij->ji', [2, 3]],
  ['ij->i', [2, 3]],
  ['ij->', [2, 3]],
  ['i,i->', [3], [3]],
  ['i,j->ij', [2], [3]],
  ['ij,k->ijk', [2, 3], [2]],
  ['ij,k->k', [2, 3], [2]],
  ['ij,kl->', [2, 3], [2, 2]],
  ['ii->i', [3, 3]],
  ['ii->', [3, 3]],
  ['bii->bi', [2, 3, 3]],
  ['ii,ij->j', [3, 3], [3, 2]],
  ['iji->j', [3, 2, 3]],
  ['iij->ij', [3, 3, 2]],
  ['iii->i', [3, 3, 3]],
  ['...ij,...jk->...ik', [2, 3, 4], [2, 4, 2]],
  ['...ij,...jk', [2, 3, 4], [2, 4, 2]],
  ['...ii->...i', [2, 2, 3, 3]],
  ['i...->...i', [3, 2, 2]],
  ['b...d,d->b...', [2, 3, 4], [4]],
  ['...,...->...', [2, 3], [2, 3]],
  ['ij,jk,kl->il', [2, 3], [3, 2], [2, 4]],
  ['i,i,i->i', [3], [3], [3]],
  [' i j , j k -> i k ', [2, 3], [3, 4]],
  ['bhid,bhjd->bhij', [1, 2, 3, 4], [1, 2, 5, 4]],
];
const names = ['A', 'B', 'C'];
const inputsOf = (shapes: readonly number[][], letter?: string) =>
  Object.fromEntries(
    shapes.map((shape, index) => [
      names[index]!,
      { shape, ...(letter && { declared: shape.map((size) => `${letter}${size}`) }) },
    ]),
  );

describe('gradients of Einsum', () => {
  for (const [equation, ...shapes] of equations) {
    for (const opset of [12, 24])
      it(`${equation}, opset ${opset}`, () =>
        checkGradients({ op: 'Einsum', opset, attributes: { equation }, inputs: inputsOf(shapes), tolerance: 5e-4 }));
    it(`${equation}, sizes settled at run time`, () =>
      checkGradients({
        op: 'Einsum',
        opset: 17,
        attributes: { equation },
        inputs: inputsOf(shapes, 'n'),
        tolerance: 5e-4,
      }));
  }
  for (const [equation, ...shapes] of [
    ['...ij,...jk->...ik', [1, 3, 4], [2, 4, 2]],
    ['...ij,...jk->...ik', [2, 1, 2, 3], [1, 3, 3, 2]],
    ['...,...->...', [2, 3], [1, 3]],
    ['ij,ij->ij', [2, 1], [2, 3]],
    ['ij,ij->i', [2, 3], [2, 1]],
  ] as [string, ...number[][]][])
    it(`${equation}, an operand that is broadcast: ${shapes.join(' and ')}`, () =>
      checkGradients({ op: 'Einsum', opset: 17, attributes: { equation }, inputs: inputsOf(shapes), tolerance: 5e-4 }));
  it('a matrix times itself, twice', () =>
    checkSecondOrder({ op: 'Einsum', opset: 17, attributes: { equation: 'ij,jk->ki' }, shape: [3, 3], twice: true }));
  it('a trace of a product, twice', () =>
    checkSecondOrder({ op: 'Einsum', opset: 17, attributes: { equation: 'ij,ji->' }, shape: [3, 3], twice: true }));

  it('the shape of the result is known', () => {
    const shapeOf = (equation: string, ...shapes: (number | string)[][]) => {
      const inputs = shapes.map((shape, index) => ({ name: names[index]!, shape }));
      const node = { op: 'Einsum', inputs: inputs.map(({ name }) => name), outputs: ['Y'], attributes: { equation } };
      return inferTensors(parseModel(buildModel({ opset: 17, inputs, outputs: [{ name: 'Y' }], nodes: [node] }))).get(
        'Y',
      )!.shape;
    };
    expect(shapeOf('...ij,...jk', ['n', 3, 4], ['n', 4, 'm'])).to.deep.equal(['n', 3, 'm']);
    expect(shapeOf('ij->', [2, 3])).to.deep.equal([]);
    expect(shapeOf('bZ,aZ', [2, 3], [4, 3])).to.deep.equal([4, 2]);
  });
  it('an equation that does not fit its operands is refused', () => {
    const nodes = [{ op: 'Einsum', inputs: ['A'], outputs: ['Y'], attributes: { equation: 'ijk->i' } }];
    const bytes = buildModel({ opset: 17, inputs: [{ name: 'A', shape: [2, 3] }], outputs: [{ name: 'Y' }], nodes });
    expect(() => differentiate(parseModel(bytes), { of: 'Y', wrt: ['A'] }))
      .to.throw('does not fit its operands')
      .with.property('code', 'no-rule');
  });
});
