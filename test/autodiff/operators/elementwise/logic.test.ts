import { differentiate, parseModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import { checkGradients } from '../../../support/gradient-check.js';
import { gradientsOf } from '../../../support/gradients.js';
import { buildModel, integers, type NodeSpec } from '../../../support/model.js';

describe('operators without a derivative', () => {
  const last = (name: string): NodeSpec => ({ op: 'Cast', inputs: [name], outputs: ['Y'], attributes: { to: 1 } });
  const walls: [string, number, NodeSpec[]][] = [
    ...['Equal', 'Greater', 'Less'].map((op): [string, number, NodeSpec[]] => [
      op,
      11,
      [{ op, inputs: ['X', 'X'], outputs: ['Z'] }, last('Z')],
    ]),
    ['ArgMax', 7, [{ op: 'ArgMax', inputs: ['X'], outputs: ['Z'] }, last('Z')]],
    ['Shape', 7, [{ op: 'Shape', inputs: ['X'], outputs: ['Z'] }, last('Z')]],
    ['NonZero', 9, [{ op: 'NonZero', inputs: ['X'], outputs: ['Z'] }, last('Z')]],
    ...['Floor', 'Ceil'].map((op): [string, number, NodeSpec[]] => [op, 7, [{ op, inputs: ['X'], outputs: ['Y'] }]]),
    ...['Sign', 'Round'].map((op): [string, number, NodeSpec[]] => [op, 11, [{ op, inputs: ['X'], outputs: ['Y'] }]]),
  ];
  for (const [op, opset, nodes] of walls)
    it(`${op} alone lies on the way: the error names it`, () => {
      const bytes = buildModel({ opset, inputs: [{ name: 'X', shape: [3] }], outputs: [{ name: 'Y' }], nodes });
      expect(() => differentiate(parseModel(bytes), { of: 'Y', wrt: ['X'] }))
        .to.throw(`operators without a derivative: ${op} `)
        .with.property('code', 'not-differentiable');
    });
  it('contribute nothing where another path remains', async () => {
    const { X } = await gradientsOf({
      nodes: [
        { op: 'Floor', inputs: ['X'], outputs: ['F'] },
        { op: 'Mul', inputs: ['X', 'F'], outputs: ['Y'] },
      ],
      inputs: { X: [1.25, -2.5, 3.75] },
    });
    expect(X).to.deep.equal([1, -3, 3]);
  });
  it('choose positions whose elements have gradients', async () => {
    const { X } = await gradientsOf({
      nodes: [
        { op: 'ArgMax', inputs: ['X'], outputs: ['best'], attributes: { axis: 0 } },
        { op: 'Gather', inputs: ['X', 'best'], outputs: ['Y'], attributes: { axis: 0 } },
      ],
      inputs: { X: [1, 7, 3] },
      initializers: [integers('unused', [1], [0])],
    });
    expect(X).to.deep.equal([0, 1, 0]);
  });
});

describe('gradient of OneHot', () => {
  for (const opset of [9, 11, 24])
    for (const axis of opset < 11 ? [undefined, 0] : [undefined, 0, 1, -2])
      for (const declared of [undefined, ['n', 'm']])
        it(`its two values, axis ${axis}, opset ${opset}${declared ? ', sizes settled at run time' : ''}`, () =>
          checkGradients({
            opset,
            nodes: [
              { op: 'Cast', inputs: ['F'], outputs: ['indices'], attributes: { to: 7 } },
              { op: 'OneHot', inputs: ['indices', 'depth', 'values'], outputs: ['Y'], attributes: { axis } },
            ],
            initializers: [integers('depth', [1], [3])],
            inputs: {
              values: { shape: [2] },
              F: { shape: [2, 2], values: [0, 2, 1, -1], declared, fixed: true },
            },
          }));
});

describe('gradient of Range', () => {
  for (const opset of [11, 24])
    it(`start and delta, opset ${opset}`, () =>
      checkGradients({
        op: 'Range',
        opset,
        inputs: {
          start: { shape: [], values: [0.25] },
          limit: { shape: [], values: [3], fixed: true },
          delta: { shape: [], values: [0.63] },
        },
      }));
});

describe('gradient of Mod', () => {
  for (const opset of [10, 13, 23])
    it(`dividend and divisor, opset ${opset}`, () =>
      checkGradients({
        op: 'Mod',
        opset,
        inputs: {
          A: { shape: [6], values: [5.3, -5.3, 0.4, 7.6, -2.4, 9.5] },
          B: { shape: [1], values: [2.1] },
        },
        attributes: { fmod: 1 },
        step: 0.005,
      }));
});
