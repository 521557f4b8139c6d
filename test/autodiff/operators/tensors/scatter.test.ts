import { expect } from 'chai';
import { check } from '../../../support/check-linear.js';
import { checkGradients } from '../../../support/gradient-check.js';
import { gradientsOf } from '../../../support/gradients.js';
import { integers } from '../../../support/model.js';
import { checkSecondOrder } from '../../../support/second-order.js';

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

  /** Elements far apart, so that no difference changes which is the largest; with or without zeros. */
  const apart = (count: number, from: number) =>
    Array.from({ length: count }, (_, at) => ((at * 7 + from) % 23) / 4 - 2.6);
  for (const opset of [16, 18, 24])
    for (const reduction of ['mul', ...(opset < 18 ? [] : ['max', 'min'])]) {
      const attributes = { reduction };
      const order = ['data', 'indices', 'updates'];
      for (const [where, data, updates] of [
        ['no zeros', apart(20, 1), apart(15, 5)],
        ['zeros in both', apart(20, 1).map((v, at) => (at % 3 ? v : 0)), apart(15, 5).map((v, at) => (at % 4 ? v : 0))],
      ] as const) {
        if (reduction !== 'mul' && where !== 'no zeros') continue;
        for (const declared of [undefined, ['n', 'm']])
          it(`ScatterElements, reduction ${reduction}, ${where}, opset ${opset}${declared ? ', sizes settled at run time' : ''}`, () =>
            checkGradients({
              op: 'ScatterElements',
              opset,
              inputs: {
                data: { shape: [4, 5], values: data, declared },
                updates: { shape: [2, 3], values: updates.slice(0, 6), declared: declared && ['k', 'l'] },
              },
              order,
              attributes: { axis: -1, ...attributes },
              initializers: [summed],
              step: 0.01,
            }));
        it(`ScatterND of elements, reduction ${reduction}, ${where}, opset ${opset}`, () =>
          checkGradients({
            op: 'ScatterND',
            opset,
            inputs: { data: { shape: [4, 5], values: data }, updates: { shape: [3], values: updates.slice(3, 6) } },
            order,
            attributes,
            initializers: [twice],
            step: 0.01,
          }));
        it(`ScatterND of rows, reduction ${reduction}, ${where}, opset ${opset}`, () =>
          checkGradients({
            op: 'ScatterND',
            opset,
            inputs: {
              data: { shape: [4, 5], values: data, declared: ['n', 'm'] },
              updates: { shape: [3, 5], values: updates },
            },
            order,
            attributes,
            initializers: [integers('indices', [3, 1], [2, -1, 2])],
            step: 0.01,
          }));
      }
    }

  it('ties of the extremes, and products with zeros, as torch.scatter_reduce has them', async () => {
    const reduced = async (op: string, reduction: string, data: number[], updates: number[]) => {
      const indices = integers('indices', op === 'ScatterND' ? [3, 1] : [3], [0, 0, 2]);
      const order = ['data', 'indices', 'updates'];
      return gradientsOf({
        op,
        opset: 18,
        attributes: { reduction },
        order,
        initializers: [indices],
        inputs: { data, updates },
        cotangent: [6, 1, 2],
      });
    };
    for (const op of ['ScatterElements', 'ScatterND']) {
      // torch 2.13: x.scatter_reduce(0, [0, 0, 2], u, 'amax', include_self=True), and so on.
      expect(await reduced(op, 'max', [3, 1, 5], [3, 3, 2])).to.deep.equal({ data: [2, 1, 2], updates: [2, 2, 0] });
      expect(await reduced(op, 'min', [3, 1, 5], [3, 4, 2])).to.deep.equal({ data: [3, 1, 0], updates: [3, 0, 2] });
      expect(await reduced(op, 'mul', [3, 1, 0], [0, 4, 2])).to.deep.equal({ data: [0, 1, 4], updates: [72, 0, 0] });
      expect(await reduced(op, 'mul', [3, 1, 5], [0, 0, 2])).to.deep.equal({ data: [0, 1, 4], updates: [0, 0, 10] });
    }
  });
  it('second derivatives of products and extremes', async () => {
    for (const reduction of ['mul', 'max'])
      for (const [op, indices] of [
        ['ScatterElements', integers('indices', [3], [0, 0, 2])],
        ['ScatterND', integers('indices', [3, 1], [0, 0, 2])],
      ] as const)
        await checkSecondOrder({
          opset: 18,
          shape: [3],
          nodes: [
            { op: 'Mul', inputs: ['X', 'X'], outputs: ['updates'] },
            { op, inputs: ['X', 'indices', 'updates'], outputs: ['Y'], attributes: { reduction } },
          ],
          initializers: [indices],
        });
  });
});

describe('gradients of Scatter, which ScatterElements took the place of', () => {
  for (const opset of [9, 10])
    check('data and updates', [opset], {
      op: 'Scatter',
      inputs: { data: { shape: [4, 5] }, updates: { shape: [2, 2] } },
      order: ['data', 'indices', 'updates'],
      attributes: { axis: 1 },
      initializers: [integers('indices', [2, 2], [4, 0, 3, 1])],
    });
  for (const opset of [9, 10])
    it(`updates, opset ${opset}`, () =>
      checkGradients({
        op: 'Scatter',
        opset,
        inputs: { data: { shape: [3, 4, 2], fixed: true }, updates: { shape: [2, 3, 2] } },
        order: ['data', 'indices', 'updates'],
        attributes: { axis: 0 },
        initializers: [integers('indices', [2, 3, 2], [0, 2, 1, 0, 2, 1, 1, 0, 2, 2, 0, 0])],
        tolerance,
      }));
});

describe('gradients of TensorScatter', () => {
  for (const [mode, indices, axis] of [
    ['linear', [1, 0], undefined],
    ['linear', undefined, -2],
    ['circular', [3, 2], 2],
    ['circular', [2, 3], 1],
  ] as const)
    for (const declared of [undefined, ['n', 'h', 's', 'd']])
      it(`${mode}, axis ${axis ?? 'left out'}, ${indices ? 'from an index each' : 'from the start'}${declared ? ', sizes settled at run time' : ''}`, () =>
        checkGradients({
          op: 'TensorScatter',
          opset: 24,
          irVersion: 10,
          attributes: { mode, axis },
          inputs: {
            cache: { shape: [2, 4, 4, 3], declared },
            update: {
              shape: axis === 1 ? [2, 2, 4, 3] : [2, 4, 2, 3],
              declared: declared?.map((name) => `u${name}`),
            },
          },
          order: ['cache', 'update', ...(indices ? ['indices'] : [])],
          initializers: indices ? [integers('indices', [2], indices)] : [],
          tolerance,
        }));
});
