import { differentiate, parseModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import { type Case, check } from '../../../support/check-linear.js';
import { checkGradients } from '../../../support/gradient-check.js';
import { gradientsOf } from '../../../support/gradients.js';
import { buildModel, floats, integers } from '../../../support/model.js';

const constant = (name: string, values: readonly number[]) => integers(name, [values.length], values);
const tolerance = 2e-4;

/** One operator on X whose list of integers is an attribute before some opset, and an input from then on. */
function listed(
  op: string,
  name: string,
  since: number,
  values: readonly number[],
  shape: readonly number[],
  more = {},
) {
  return (opset: number): Case =>
    opset < since
      ? { op, inputs: { X: { shape } }, attributes: { [name]: values, ...more } }
      : {
          op,
          inputs: { X: { shape } },
          attributes: more,
          order: ['X', name],
          initializers: [constant(name, values)],
        };
}

const all = [7, 11, 13, 18, 23];

describe('gradients of operators that change shapes and types', () => {
  check('Identity', [7, 14, 23], { op: 'Identity', inputs: { X: { shape: [2, 3] } } });
  check('Cast to float64 and back', [7, 13, 23], {
    inputs: { X: { shape: [2, 3] } },
    nodes: [
      { op: 'Cast', inputs: ['X'], outputs: ['D'], attributes: { to: 11 } },
      { op: 'Cast', inputs: ['D'], outputs: ['Y'], attributes: { to: 1 } },
    ],
  });
  check('CastLike', [15, 23], { op: 'CastLike', inputs: { X: { shape: [2, 3] }, T: { shape: [1], fixed: true } } });

  const shapes: [string, number[]][] = [
    ['to given sizes', [4, 6]],
    ['with 0 and -1', [0, -1]],
    ['with -1 in front', [-1, 2]],
  ];
  for (const [what, sizes] of shapes)
    check(`Reshape ${what}`, [7, 13, 23], {
      op: 'Reshape',
      inputs: { X: { shape: [2, 3, 4] } },
      order: ['X', 'shape'],
      initializers: [constant('shape', sizes)],
    });
  check('Reshape with allowzero', [14, 23], {
    op: 'Reshape',
    inputs: { X: { shape: [2, 3, 4] } },
    attributes: { allowzero: 1 },
    order: ['X', 'shape'],
    initializers: [constant('shape', [6, -1])],
  });
  check('Reshape of a tensor whose sizes are settled at run time', all, {
    op: 'Reshape',
    inputs: { X: { shape: [2, 3, 4], declared: ['n', 'm', 4] } },
    order: ['X', 'shape'],
    initializers: [constant('shape', [0, -1])],
  });
  for (const axis of [0, 1, -1, 3]) {
    check(`Flatten at ${axis}`, axis < 0 ? [11, 23] : [7, 13, 23], {
      op: 'Flatten',
      inputs: { X: { shape: [2, 3, 4], declared: ['n', 3, 'm'] } },
      attributes: { axis },
    });
  }
  check('Squeeze', all, listed('Squeeze', 'axes', 13, [0, 2], [1, 3, 1, 2]));
  check('Squeeze of a negative axis', [11, 13, 23], listed('Squeeze', 'axes', 13, [-2], [1, 3, 1, 2]));
  check('Squeeze of every 1', all, { op: 'Squeeze', inputs: { X: { shape: [1, 3, 1, 2] } } });
  check('Squeeze of an empty list of axes, which is every 1', [13, 23], {
    nodes: [
      { op: 'Squeeze', inputs: ['X', 'axes'], outputs: ['squeezed'] },
      { op: 'Transpose', inputs: ['squeezed'], outputs: ['Y'] },
    ],
    inputs: { X: { shape: [1, 3, 1, 2] } },
    initializers: [constant('axes', [])],
  });
  check('Unsqueeze', all, listed('Unsqueeze', 'axes', 13, [0, 3], [2, 3]));
  check('Unsqueeze of negative axes', [11, 13, 23], listed('Unsqueeze', 'axes', 13, [-1, 1], [2, 3]));
  check('Transpose', [7, 13, 23], {
    op: 'Transpose',
    inputs: { X: { shape: [2, 3, 4], declared: ['n', 3, 4] } },
    attributes: { perm: [2, 0, 1] },
  });
  check('Transpose without perm', [7, 13, 23], { op: 'Transpose', inputs: { X: { shape: [2, 3, 4] } } });
  check('Expand', [8, 13, 23], {
    op: 'Expand',
    inputs: { X: { shape: [3, 1] } },
    order: ['X', 'shape'],
    initializers: [constant('shape', [2, 1, 4])],
  });
  check('Expand to a shape computed at run time', [13, 23], {
    inputs: {
      X: { shape: [3, 1], declared: ['a', 'b'] },
      Z: { shape: [2, 3, 4], declared: ['c', 'd', 'e'], fixed: true },
    },
    nodes: [
      { op: 'Shape', inputs: ['Z'], outputs: ['shape'] },
      { op: 'Expand', inputs: ['X', 'shape'], outputs: ['Y'] },
    ],
  });
});

describe('gradients of operators that join, part and repeat', () => {
  const parts = { A: { shape: [2, 3, 2] }, B: { shape: [2, 1, 2] }, C: { shape: [2, 2, 2] } };
  for (const axis of [1, -2])
    check(`Concat along ${axis}`, axis < 0 ? [11, 23] : [7, 13, 23], {
      op: 'Concat',
      inputs: parts,
      attributes: { axis },
    });
  check('Concat of one', [7, 23], { op: 'Concat', inputs: { A: { shape: [2, 3] } }, attributes: { axis: 0 } });
  check('Concat of one tensor twice', [7, 23], {
    op: 'Concat',
    inputs: { A: { shape: [2, 3] } },
    order: ['A', 'A'],
    attributes: { axis: 1 },
  });
  check('Concat along an axis whose sizes are settled at run time', [11, 13, 23], {
    op: 'Concat',
    inputs: {
      A: { shape: [2, 3, 2], declared: ['n', 'a', 2] },
      B: { shape: [2, 1, 2], declared: ['n', 'b', 2] },
      C: { shape: [2, 2, 2], declared: ['n', 'c', 2] },
    },
    attributes: { axis: 1 },
  });
  it('Concat gives slices with constant bounds where the sizes are known', () => {
    const bytes = buildModel({
      opset: 13,
      inputs: Object.entries(parts).map(([name, { shape }]) => ({ name, shape: ['n', ...shape.slice(1)] })),
      outputs: [{ name: 'Y' }],
      nodes: [{ op: 'Concat', inputs: ['A', 'B', 'C'], outputs: ['Y'], attributes: { axis: 1 } }],
    });
    const joined = differentiate(parseModel(bytes), { of: 'Y', wrt: ['A', 'B', 'C'] });
    const added = joined.graph.nodes.slice(1).map(({ opType }) => opType);
    expect(added.filter((op) => !['Constant', 'Identity'].includes(op))).to.deep.equal(['Slice', 'Slice', 'Slice']);
  });

  const halves = (
    opset: number,
    outputs: readonly string[],
    shape: readonly number[],
    sizes?: readonly number[],
  ): Case => ({
    inputs: { X: { shape } },
    nodes: [
      {
        op: 'Split',
        inputs: sizes && opset >= 13 ? ['X', 'split'] : ['X'],
        outputs,
        attributes: {
          axis: 1,
          ...(sizes && opset < 13 && { split: sizes }),
          ...(!sizes && opset >= 18 && { num_outputs: outputs.length }),
        },
      },
      { op: 'Mul', inputs: [outputs[0]!, outputs[0]!], outputs: ['S'] },
      { op: 'ReduceMean', inputs: ['S'], outputs: ['M'], attributes: { keepdims: 1 } },
      { op: 'Mul', inputs: ['M', outputs.at(-1)!], outputs: ['Y'] },
    ],
    initializers: sizes && opset >= 13 ? [constant('split', sizes)] : [],
  });
  for (const opset of [...all, 12]) {
    it(`Split into unequal parts, one of them unused, opset ${opset}`, () =>
      checkGradients({ ...halves(opset, ['P', 'Q', 'R'], [2, 6, 2], [1, 2, 3]), opset, tolerance }));
    it(`Split into equal parts, opset ${opset}`, () =>
      checkGradients({ ...halves(opset, ['P', 'Q'], [2, 6, 2]), opset, tolerance }));
  }
  for (const opset of [18, 23])
    it(`Split by num_outputs, the last part smaller, opset ${opset}`, () =>
      checkGradients({ ...halves(opset, ['P', 'Q', 'R'], [2, 7, 2]), opset, tolerance }));
  check('Split of which one part is used', [7, 13, 18], (opset) => ({
    inputs: { X: { shape: [2, 7], declared: ['n', 7] } },
    nodes: [
      {
        op: 'Split',
        inputs: opset < 13 ? ['X'] : ['X', 'split'],
        outputs: ['P', 'Y', 'Q'],
        attributes: { axis: opset < 11 ? 1 : -1, ...(opset < 13 && { split: [2, 3, 2] }) },
      },
    ],
    initializers: opset < 13 ? [] : [constant('split', [2, 3, 2])],
  }));
  check('Split of sizes settled at run time', [11, 13, 23], (opset) => ({
    inputs: { X: { shape: [2, 6], declared: ['n', 'm'] } },
    nodes: [
      {
        op: 'Split',
        inputs: ['X'],
        outputs: ['P', 'Y'],
        attributes: { axis: 1, ...(opset >= 18 && { num_outputs: 2 }) },
      },
    ],
  }));

  check('Tile', [7, 13, 23], {
    op: 'Tile',
    inputs: { X: { shape: [2, 3, 1] } },
    order: ['X', 'repeats'],
    initializers: [constant('repeats', [2, 1, 3])],
  });
  check('Tile that repeats nothing', [7, 23], {
    op: 'Tile',
    inputs: { X: { shape: [2, 3] } },
    order: ['X', 'repeats'],
    initializers: [constant('repeats', [1, 1])],
  });
  check('Tile of sizes settled at run time', [7, 13, 23], {
    op: 'Tile',
    inputs: { X: { shape: [2, 3, 2], declared: ['n', 'c', 'm'] } },
    order: ['X', 'repeats'],
    initializers: [constant('repeats', [1, 2, 3])],
  });
  check('Tile with repeats computed at run time', [13, 23], {
    inputs: { X: { shape: [2, 3] }, Z: { shape: [3, 1], declared: ['a', 'b'], fixed: true } },
    nodes: [
      { op: 'Shape', inputs: ['Z'], outputs: ['repeats'] },
      { op: 'Tile', inputs: ['X', 'repeats'], outputs: ['Y'] },
    ],
  });
  for (const declared of [undefined, ['n', 8, 'h', 'w']]) {
    const where = declared ? ' of sizes settled at run time' : '';
    check(`DepthToSpace${where}`, [7, 11, 13, 23], {
      op: 'DepthToSpace',
      inputs: { X: { shape: [2, 8, 2, 3], declared } },
      attributes: { blocksize: 2 },
    });
    for (const mode of ['DCR', 'CRD'])
      check(`DepthToSpace, mode ${mode}${where}`, [11, 13, 23], {
        op: 'DepthToSpace',
        inputs: { X: { shape: [2, 8, 2, 3], declared } },
        attributes: { blocksize: 2, mode },
      });
    check(`SpaceToDepth${where}`, [7, 13, 23], {
      op: 'SpaceToDepth',
      inputs: { X: { shape: [2, 3, 4, 6], declared: declared && ['n', 3, 'h', 'w'] } },
      attributes: { blocksize: 2 },
    });
  }
});

describe('Dropout', () => {
  check('passes the gradient on', [7, 10, 13, 22], (opset) => ({
    op: 'Dropout',
    inputs: { X: { shape: [2, 3] } },
    attributes: opset < 12 ? { ratio: { float: 0.4 } } : {},
    order: opset < 12 ? ['X'] : ['X', 'ratio'],
    initializers: opset < 12 ? [] : [floats('ratio', [], [0.4])],
  }));
  it('is refused in training mode, by name', () => {
    const bytes = buildModel({
      opset: 13,
      inputs: [
        { name: 'X', shape: [2, 3] },
        { name: 'training', shape: [], type: 'bool' },
      ],
      outputs: [{ name: 'Y' }],
      nodes: [{ op: 'Dropout', name: 'head/drop', inputs: ['X', '', 'training'], outputs: ['Y'] }],
    });
    expect(() => differentiate(parseModel(bytes), { of: 'Y', wrt: ['X'] }))
      .to.throw('Dropout "head/drop": it is in training mode')
      .with.property('code', 'no-rule');
  });
});

describe('what has no derivative', () => {
  it('a Cast to integers stops the gradient; another path may remain', async () => {
    const { X } = await gradientsOf({
      nodes: [
        { op: 'Cast', inputs: ['X'], outputs: ['I'], attributes: { to: 7 } },
        { op: 'Cast', inputs: ['I'], outputs: ['F'], attributes: { to: 1 } },
        { op: 'Mul', inputs: ['X', 'F'], outputs: ['Y'] },
      ],
      inputs: { X: [1.25, -2.5, 3.75] },
    });
    expect(X).to.deep.equal([1, -2, 3]);
  });
});
