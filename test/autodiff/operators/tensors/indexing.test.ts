import { differentiate, parseModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import { check } from '../../../support/check-linear.js';
import { checkGradients } from '../../../support/gradient-check.js';
import { gradientsOf } from '../../../support/gradients.js';
import { booleans, buildModel, floats, integers } from '../../../support/model.js';

const constant = (name: string, values: readonly number[]) => integers(name, [values.length], values);
const tolerance = 2e-4;

/** Indices that no inference knows: a constant made into a float, and back. */
const hidden = (name: string) => [
  { op: 'Add', inputs: [`${name}/constant`, 'zero'], outputs: [`${name}/float`] },
  { op: 'Cast', inputs: [`${name}/float`], outputs: [name], attributes: { to: 7 } },
];

describe('gradient of Gather', () => {
  const X = { shape: [2, 5, 3] };
  /** Old rules for old opsets: scattered sums came at 16. */
  const both = [7, 11, 13, 15, 16, 18, 23];
  const indices: [string, number[], number[]][] = [
    ['one position', [], [2]],
    ['one position from the end', [], [-1]],
    ['neighbours', [3], [1, 2, 3]],
    ['neighbours from the end', [2], [-2, -1]],
    ['a reversed axis', [5], [4, 3, 2, 1, 0]],
    ['even steps', [3], [0, 2, 4]],
    ['even steps back', [2], [4, 1]],
    ['positions in any order, some of them twice', [5], [3, 0, 3, 1, 4]],
    ['the same position twice', [2], [2, 2]],
    ['positions from both ends', [3], [-1, 0, -5]],
    ['a table of positions', [2, 3], [0, 4, 1, 1, 2, 0]],
  ];
  for (const [what, shape, values] of indices) {
    const opsets = values.some((position) => position < 0) ? both.filter((opset) => opset >= 11) : both;
    check(what, opsets, {
      op: 'Gather',
      inputs: { X },
      attributes: { axis: 1 },
      order: ['X', 'indices'],
      initializers: [integers('indices', shape, values)],
    });
  }
  for (const axis of [0, -1])
    check(`axis ${axis}`, axis < 0 ? [11, 13, 16, 23] : both, {
      op: 'Gather',
      inputs: { X },
      attributes: { axis },
      order: ['X', 'indices'],
      initializers: [constant('indices', [1, 0, 0])],
    });
  for (const [what, values] of [
    ['any', [3, 0, 3, 1]],
    ['one from the end', [-1]],
  ] as const)
    check(`${what}, along an axis whose size is settled at run time`, [11, 13, 16, 23], {
      op: 'Gather',
      inputs: { X: { ...X, declared: ['n', 'm', 'k'] } },
      attributes: { axis: 1 },
      order: ['X', 'indices'],
      initializers: [constant('indices', values)],
    });
  check('positions computed at run time', [7, 11, 13, 16, 23], (opset) => ({
    inputs: {
      X: { shape: [2, 5, 3], declared: ['n', opset < 11 ? 5 : 'm', 3] },
      zero: { shape: [1], values: [0], fixed: true },
    },
    nodes: [...hidden('indices'), { op: 'Gather', inputs: ['X', 'indices'], outputs: ['Y'], attributes: { axis: 1 } }],
    initializers: [floats('indices/constant', [2, 2], opset < 11 ? [3, 0, 3, 1] : [3, -5, -2, 1])],
  }));
  it('of one position is one Pad', () => {
    const bytes = buildModel({
      opset: 17,
      inputs: [{ name: 'X', shape: ['n', 197, 8] }],
      outputs: [{ name: 'Y' }],
      nodes: [{ op: 'Gather', inputs: ['X', 'first'], outputs: ['Y'], attributes: { axis: 1 } }],
      initializers: [integers('first', [], [0])],
    });
    const joined = differentiate(parseModel(bytes), { of: 'Y', wrt: ['X'] });
    const added = joined.graph.nodes.slice(1).map(({ opType }) => opType);
    const forShapes = ['Constant', 'Identity', 'Shape', 'Slice', 'Concat'];
    expect(added.filter((op) => !forShapes.includes(op))).to.deep.equal(['Reshape', 'Pad']);
  });
});

describe('gradient of GatherElements', () => {
  const positions = integers('indices', [2, 3, 2], [0, 1, 4, -1, 0, 0, 3, 2, 2, -5, 1, 1]);
  for (const declared of [undefined, ['n', 'm', 'k']])
    check(declared ? 'sizes settled at run time' : 'some elements twice, some not at all', [11, 13, 16, 23], {
      op: 'GatherElements',
      inputs: { X: { shape: [3, 5, 2], declared } },
      attributes: { axis: 1 },
      order: ['X', 'indices'],
      initializers: [positions],
    });
  check('a negative axis', [11, 16, 23], {
    op: 'GatherElements',
    inputs: { X: { shape: [2, 4] } },
    attributes: { axis: -1 },
    order: ['X', 'indices'],
    initializers: [integers('indices', [2, 3], [0, 3, 3, -1, 2, 2])],
  });
});

describe('gradient of GatherND', () => {
  const cases: [string, number[], number[], number][] = [
    ['whole indices', [3, 3], [0, 1, 2, -1, -1, -1, 0, 1, 2], 0],
    ['rows', [2, 2, 1], [1, 0, -1, 1], 0],
    ['parts of indices', [2, 2], [0, 1, 1, 1], 0],
    ['one index', [2], [1, 2], 0],
    ['a batch', [2, 2, 1], [1, 0, 2, 2], 1],
    ['a batch of two axes', [2, 3, 1], [0, 1, 2, 3, 0, 0], 2],
  ];
  for (const [what, shape, values, batch] of cases)
    check(what, batch ? [12, 13, 16, 23] : [11, 13, 16, 23], {
      op: 'GatherND',
      inputs: { X: { shape: [2, 3, 4], declared: batch === 1 ? ['n', 3, 'k'] : undefined } },
      attributes: batch ? { batch_dims: batch } : {},
      order: ['X', 'indices'],
      initializers: [integers('indices', shape, values)],
    });
});

describe('gradient of Where', () => {
  for (const opset of [9, 13, 16, 23])
    it(`both branches, broadcast, opset ${opset}`, () =>
      checkGradients({
        opset,
        inputs: {
          C: { shape: [3, 1], fixed: true },
          X: { shape: [2, 3, 4] },
          Z: { shape: [4] },
          zero: { shape: [], fixed: true },
        },
        nodes: [
          { op: 'Less', inputs: ['C', 'zero'], outputs: ['condition'] },
          { op: 'Where', inputs: ['condition', 'X', 'Z'], outputs: ['Y'] },
        ],
        tolerance,
      }));
  check('twice', [9, 16], {
    inputs: { X: { shape: [3, 4] }, C: { shape: [3, 4], fixed: true } },
    nodes: [
      { op: 'Less', inputs: ['C', 'X'], outputs: ['never'] },
      { op: 'Cast', inputs: ['C'], outputs: ['condition'], attributes: { to: 9 } },
      { op: 'Neg', inputs: ['X'], outputs: ['N'] },
      { op: 'Where', inputs: ['condition', 'X', 'N'], outputs: ['Y'] },
    ],
  });
});

describe('gradient of Compress', () => {
  const condition = (values: readonly number[]) => [booleans('condition', [values.length], values)];
  for (const [what, axis, shape, held] of [
    ['rows', 0, [3, 2], [0, 1, 1]],
    ['columns', -1, [3, 2, 4], [1, 0, 1]],
    ['the whole, flattened', undefined, [3, 2], [0, 1, 0, 0, 1]],
    ['a vector', 0, [4], [1, 0, 0, 1]],
    ['nothing that the condition is too short for', 1, [2, 5], [0, 1]],
  ] as const)
    for (const declared of [undefined, shape.map((_, at) => `n${at}`)])
      check(`${what}${declared ? ', sizes settled at run time' : ''}`, [11, 16, 24], {
        op: 'Compress',
        inputs: { X: { shape, declared } },
        attributes: { axis },
        order: ['X', 'condition'],
        initializers: condition(held),
      });
  check('by a condition computed at run time', [11, 13, 16], {
    inputs: { X: { shape: [3, 4] }, C: { shape: [4], values: [-1, 1, 2, -2], fixed: true } },
    nodes: [
      { op: 'Greater', inputs: ['C', 'zero'], outputs: ['condition'] },
      { op: 'Compress', inputs: ['X', 'condition'], outputs: ['Y'], attributes: { axis: 1 } },
    ],
    initializers: [floats('zero', [], [0])],
  });
});

describe('gradient of Unique', () => {
  const values = [3, 1, 2, 1, 3, 2, 3, 1, 2, 5, 6, 7];
  for (const opset of [11, 16, 24])
    for (const sorted of [0, 1])
      for (const axis of [undefined, 0, -1])
        for (const declared of [undefined, ['n', 'm']])
          it(`axis ${axis ?? 'left out'}, sorted ${sorted}, opset ${opset}${declared ? ', sizes settled at run time' : ''}`, () =>
            checkGradients({
              op: 'Unique',
              opset,
              inputs: { X: { shape: [4, 3], values: values.map((value, at) => value + at / 10), declared } },
              attributes: { axis, sorted },
              tolerance,
            }));
  it('of equal elements: to the first', async () => {
    const X = [2, 1, 2, 1];
    expect(await gradientsOf({ op: 'Unique', inputs: { X }, cotangent: [1, 10] })).to.deep.equal({ X: [10, 1, 0, 0] });
  });
});

describe('gradient of triangles and of reversed sequences', () => {
  for (const upper of [undefined, 0, 1])
    for (const k of [undefined, 0, -1, 2, 9, -9])
      for (const declared of [undefined, ['n', 'h', 'w']])
        check(`Trilu, upper ${upper}, k ${k ?? 'left out'}, [${declared ?? '2,4,5'}]`, [14, 23], {
          op: 'Trilu',
          inputs: { X: { shape: [2, 4, 5], declared } },
          attributes: { upper },
          order: k === undefined ? ['X'] : ['X', 'k'],
          initializers: k === undefined ? [] : [integers('k', [], [k])],
        });
  for (const [time, batch, shape] of [
    [undefined, undefined, [4, 3, 2]],
    [1, 0, [3, 4, 2]],
    [1, 0, [3, 4]],
  ] as const)
    for (const declared of [undefined, shape.map((_, at) => `n${at}`)])
      check(`ReverseSequence, time axis ${time ?? 0}, [${declared ?? shape}]`, [10, 13, 23], {
        op: 'ReverseSequence',
        inputs: { X: { shape, declared } },
        attributes: { time_axis: time, batch_axis: batch },
        order: ['X', 'lengths'],
        initializers: [constant('lengths', [4, 2, 1])],
      });
});

describe('gradient of TopK', () => {
  const values = [0.3, -1.2, 2.5, 0.9, -0.4, 1.7, -2.2, 3.1, 0.1, 1.1];
  for (const opset of [11, 18, 23, 24])
    for (const [largest, sorted] of [
      [0, 1],
      [1, 1],
      [0, 0],
      [1, 0],
    ])
      for (const axis of [0, 1, -1])
        it(`goes to the elements that were chosen, largest ${largest}, sorted ${sorted}, axis ${axis}, opset ${opset}`, () =>
          checkGradients({
            opset,
            inputs: { X: { shape: [2, 5], values, declared: ['n', 'm'] } },
            nodes: [
              { op: 'TopK', inputs: ['X', 'k'], outputs: ['T', 'I'], attributes: { largest, sorted, axis } },
              { op: 'Mul', inputs: ['T', 'T'], outputs: ['Y'] },
            ],
            initializers: [constant('k', [2])],
            tolerance,
          }));
  for (const [opset, order, attributes] of [
    [9, ['X'], { k: 2 }],
    [10, ['X', 'k'], {}],
  ] as const)
    it(`opset ${opset}`, () =>
      checkGradients({
        opset,
        inputs: { X: { shape: [2, 5], values } },
        nodes: [{ op: 'TopK', inputs: order, outputs: ['Y', 'I'], attributes }],
        initializers: order.length > 1 ? [constant('k', [2])] : [],
        tolerance,
      }));
  it('of one of several that tie: to the first, as the runtime chooses', async () => {
    expect(
      await gradientsOf({
        nodes: [{ op: 'TopK', inputs: ['X', 'k'], outputs: ['Y', 'I'] }],
        initializers: [constant('k', [1])],
        inputs: { X: [1, 3, 3, 2] },
      }),
    ).to.deep.equal({ X: [0, 1, 0, 0] });
  });
});
