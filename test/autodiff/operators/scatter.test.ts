import { differentiate, parseModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import { check } from '../../support/check-linear.js';
import { checkGradients } from '../../support/gradient-check.js';
import { buildModel, integers } from '../../support/model.js';

const tolerance = 2e-4;

describe('gradients of ScatterElements and ScatterND', () => {
  const elements = integers('indices', [2, 2], [4, 0, -3, 1]);
  const summed = integers('indices', [2, 3], [4, 0, 4, -3, 2, 2]);
  const rows = integers('indices', [2, 1], [2, -1]);
  const points = integers('indices', [3, 2], [0, 1, 2, 0, 0, 2]);
  const twice = integers('indices', [3, 2], [0, 1, 2, 0, 0, 1]);

  for (const opset of [11, 13, 16, 18, 23]) {
    const both = (updates: readonly number[], declared?: readonly string[]) => ({
      data: { shape: [4, 5], ...(declared && { declared }) },
      updates: { shape: updates },
    });
    const order = ['data', 'indices', 'updates'];
    it(`ScatterElements, data and updates, opset ${opset}`, () =>
      checkGradients({
        op: 'ScatterElements',
        opset,
        inputs: both([2, 2], ['n', 'm']),
        order,
        attributes: { axis: 1 },
        initializers: [elements],
        tolerance,
      }));
    it(`ScatterND of rows, opset ${opset}`, () =>
      checkGradients({ op: 'ScatterND', opset, inputs: both([2, 5]), order, initializers: [rows], tolerance }));
    it(`ScatterND of elements, opset ${opset}`, () =>
      checkGradients({
        op: 'ScatterND',
        opset,
        inputs: both([3], ['n', 'm']),
        order,
        initializers: [points],
        tolerance,
      }));
    if (opset < 16) continue;
    it(`ScatterElements that adds, opset ${opset}`, () =>
      checkGradients({
        op: 'ScatterElements',
        opset,
        inputs: both([2, 3]),
        order,
        attributes: { axis: -1, reduction: 'add' },
        initializers: [summed],
        tolerance,
      }));
    it(`ScatterND that adds, opset ${opset}`, () =>
      checkGradients({
        op: 'ScatterND',
        opset,
        inputs: both([3]),
        order,
        attributes: { reduction: 'add' },
        initializers: [twice],
        tolerance,
      }));
  }
  for (const op of ['ScatterElements', 'ScatterND'])
    for (const wrt of ['data', 'updates'])
      check(`${op}, twice by its ${wrt}`, [11, 16, 23], {
        op,
        inputs:
          wrt === 'data'
            ? { data: { shape: [3, 3] }, updates: { shape: op === 'ScatterND' ? [3] : [3, 2], fixed: true } }
            : { updates: { shape: op === 'ScatterND' ? [3] : [3, 2] }, data: { shape: [3, 3], fixed: true } },
        order: ['data', 'indices', 'updates'],
        initializers: [op === 'ScatterND' ? points : integers('indices', [3, 2], [0, 1, 2, 2, 1, 0])],
      });

  for (const reduction of ['mul', 'max'])
    it(`refuses the reduction "${reduction}"`, () => {
      const bytes = buildModel({
        opset: 18,
        inputs: [
          { name: 'X', shape: [4] },
          { name: 'U', shape: [2] },
        ],
        outputs: [{ name: 'Y' }],
        nodes: [{ op: 'ScatterElements', inputs: ['X', 'i', 'U'], outputs: ['Y'], attributes: { reduction } }],
        initializers: [integers('i', [2], [0, 1])],
      });
      expect(() => differentiate(parseModel(bytes), { of: 'Y', wrt: ['X'] }))
        .to.throw(`its reduction is "${reduction}"`)
        .with.property('code', 'no-rule');
    });
});
