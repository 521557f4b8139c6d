import { differentiate, parseModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import { type Case, check } from '../../../support/check-linear.js';
import { checkGradients, type InputSpec } from '../../../support/gradient-check.js';
import { gradientsOf } from '../../../support/gradients.js';
import { type Attribute, buildModel, floats, integers } from '../../../support/model.js';

const constant = (name: string, values: readonly number[]) => integers(name, [values.length], values);
const END = 2 ** 62;

interface Bounds {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly axes?: readonly number[];
  readonly steps?: readonly number[];
}

/** Slice with its bounds as attributes before opset 10, as inputs from then on. */
function slice(X: InputSpec, bounds: Bounds) {
  return (opset: number): Case => {
    if (opset < 10) return { op: 'Slice', inputs: { X }, attributes: { ...bounds } };
    const lists = Object.entries(bounds) as [string, readonly number[]][];
    const order = ['X', 'starts', 'ends', bounds.axes ? 'axes' : '', bounds.steps ? 'steps' : ''];
    return {
      op: 'Slice',
      inputs: { X },
      order: order.slice(0, bounds.steps ? 5 : bounds.axes ? 4 : 3),
      initializers: lists.map(([name, values]) => constant(name, values)),
    };
  };
}

/** Pad with everything as attributes before opset 11, as inputs from then on. */
function pad(X: InputSpec, mode: string, pads: readonly number[], value?: number, axes?: readonly number[]) {
  return (opset: number): Case =>
    opset < 11
      ? {
          op: 'Pad',
          inputs: { X },
          attributes: { mode, pads, ...(value !== undefined && { value: { float: value } }) },
        }
      : {
          op: 'Pad',
          inputs: { X },
          attributes: { mode },
          order: ['X', 'pads', ...(value === undefined ? (axes ? [''] : []) : ['value']), ...(axes ? ['axes'] : [])],
          initializers: [
            constant('pads', pads),
            ...(value === undefined ? [] : [floats('value', [], [value])]),
            ...(axes ? [constant('axes', axes)] : []),
          ],
        };
}

const X = { shape: [3, 7, 5] };
const all = [7, 10, 11, 13, 23];
const stepped = [10, 11, 23];

describe('gradient of Slice', () => {
  check('one axis', all, slice(X, { starts: [2], ends: [5], axes: [1] }));
  check('axes not named', all, slice(X, { starts: [1, 2], ends: [3, 9] }));
  check('negative bounds', all, slice(X, { starts: [-4, 0], ends: [-1, -2], axes: [1, 2] }));
  check('bounds beyond the ends', all, slice(X, { starts: [-100, 1], ends: [100, END], axes: [1, 2] }));
  check('a negative axis', stepped, slice(X, { starts: [1], ends: [4], axes: [-1] }));
  check('everything', all, slice(X, { starts: [0], ends: [END], axes: [1] }));
  check('reversed', stepped, slice(X, { starts: [-1], ends: [-END], axes: [1], steps: [-1] }));
  check('reversed in part', stepped, slice(X, { starts: [4], ends: [1], axes: [1], steps: [-1] }));
  for (const start of [0, 1, 2, 5])
    check(
      `steps of 3 from ${start}`,
      start === 1 ? stepped : [13],
      slice(X, { starts: [start], ends: [END], axes: [1], steps: [3] }),
    );
  check('steps of 2 along two axes', stepped, slice(X, { starts: [1, 0], ends: [6, 5], axes: [1, 2], steps: [2, 2] }));
  check(
    'steps that divide the size',
    stepped,
    slice({ shape: [2, 6, 4] }, { starts: [1, 0], ends: [6, 4], axes: [1, 2], steps: [2, 2] }),
  );
  check('steps of -2', stepped, slice(X, { starts: [5, -1], ends: [-END, 0], axes: [1, 2], steps: [-2, -2] }));
  check(
    'steps of 2 beside steps of 1',
    stepped,
    slice(X, { starts: [1, 1], ends: [6, 4], axes: [1, 2], steps: [2, 1] }),
  );

  const dynamic = { ...X, declared: ['n', 'h', 'w'] };
  const later = [11, 13, 23];
  check(
    'a size settled at run time beside the sliced axis',
    all,
    slice({ ...X, declared: ['n', 7, 'w'] }, { starts: [1], ends: [4], axes: [1] }),
  );
  check('a size settled at run time', later, slice(dynamic, { starts: [1], ends: [4], axes: [1] }));
  check('a size settled at run time, to the end', later, slice(dynamic, { starts: [2], ends: [END], axes: [1] }));
  check(
    'a size settled at run time, from the end',
    later,
    slice(dynamic, { starts: [-3, -4], ends: [END, -1], axes: [1, 2] }),
  );
  check(
    'a size settled at run time, further from the end than it is long',
    later,
    slice(dynamic, { starts: [-9], ends: [4], axes: [1] }),
  );
  check(
    'a size settled at run time, reversed',
    later,
    slice(dynamic, { starts: [-1, -2], ends: [-END, 0], axes: [1, 2], steps: [-1, -1] }),
  );
  check(
    'a size settled at run time, in steps',
    later,
    slice(dynamic, { starts: [1, 0], ends: [END, END], axes: [1, 2], steps: [2, 3] }),
  );
  check(
    'a size settled at run time, in negative steps',
    later,
    slice(dynamic, { starts: [-2, 3], ends: [-END, -END], axes: [1, 2], steps: [-2, -3] }),
  );
  check('bounds computed at run time', later, {
    inputs: { X: { shape: [3, 7] }, Z: { shape: [2, 5], declared: ['a', 'b'], fixed: true } },
    nodes: [
      { op: 'Shape', inputs: ['Z'], outputs: ['sizes'] },
      { op: 'Gather', inputs: ['sizes', 'first'], outputs: ['start'] },
      { op: 'Gather', inputs: ['sizes', 'second'], outputs: ['end'] },
      { op: 'Slice', inputs: ['X', 'start', 'end', 'second'], outputs: ['Y'] },
    ],
    initializers: [constant('first', [0]), constant('second', [1])],
  });

  /** Bounds, axes and steps that nothing is known of before the model runs. */
  const computed = (bounds: Bounds, declared?: InputSpec['declared']): Case => {
    const lists = Object.entries(bounds) as [string, readonly number[]][];
    return {
      inputs: {
        X: { ...X, ...(declared && { declared }) },
        ...Object.fromEntries(
          lists.map(([name, values]) => [`${name}0`, { shape: [values.length], values, fixed: true }]),
        ),
      },
      nodes: [
        ...lists.map(([name]) => ({ op: 'Cast', inputs: [`${name}0`], outputs: [name], attributes: { to: 7 } })),
        {
          op: 'Slice',
          inputs: ['X', 'starts', 'ends', bounds.axes ? 'axes' : '', bounds.steps ? 'steps' : ''],
          outputs: ['Y'],
        },
      ],
    };
  };
  for (const declared of [undefined, ['n', 'h', 'w']]) {
    const title = declared ? ', as the sizes are' : '';
    check(
      `steps computed at run time${title}`,
      stepped,
      computed({ starts: [5, -1], ends: [0, -9], axes: [1, 2], steps: [-2, -1] }, declared),
    );
    check(
      `axes computed at run time${title}`,
      stepped,
      computed({ starts: [1, 1], ends: [6, 3], axes: [-1, 0], steps: [3, 1] }, declared),
    );
    check(`bounds of every axis computed at run time${title}`, stepped, {
      ...computed({ starts: [1, -6, 0], ends: [3, 6, 4], axes: [0, 1, 2], steps: [1, 1, 1] }, declared),
    });
  }

  it('is one Pad in the common case', () => {
    const bytes = buildModel({
      opset: 17,
      inputs: [{ name: 'X', shape: ['n', 7, 5] }],
      outputs: [{ name: 'Y' }],
      nodes: [{ op: 'Slice', inputs: ['X', 's', 'e', 'a'], outputs: ['Y'] }],
      initializers: [constant('s', [1, 0]), constant('e', [4, END]), constant('a', [1, 2])],
    });
    const joined = differentiate(parseModel(bytes), { of: 'Y', wrt: ['X'] });
    const added = joined.graph.nodes.slice(1).map(({ opType }) => opType);
    expect(added.filter((op) => op !== 'Constant')).to.deep.equal(['Pad', 'Identity']);
  });
});

describe('gradient of Pad', () => {
  const image = { shape: [2, 4, 5] };
  for (const mode of ['constant', 'reflect', 'edge']) {
    check(mode, [7, 11, 13, 18, 23], pad(image, mode, [0, 1, 2, 0, 3, 0]));
    check(
      `${mode} of sizes settled at run time`,
      [11, 13, 23],
      pad({ ...image, declared: ['n', 'h', 'w'] }, mode, [0, 1, 2, 0, 3, 1]),
    );
    check(`${mode} of named axes`, [18, 23], pad(image, mode, [2, 1, 1, 0], undefined, [-1, 1]));
  }
  check('wrap', [19, 23], pad(image, 'wrap', [0, 1, 2, 0, 3, 0]));
  check('constant, another value than 0', [7, 11, 23], pad(image, 'constant', [0, 1, 2, 0, 3, 0], 1.5));
  check('constant, negative', [7, 11, 23], pad(image, 'constant', [0, -1, 2, 0, 1, -2]));
  check('reflect, negative on one side', [11, 23], pad(image, 'reflect', [0, -1, 1, 0, 2, -2]));
  check('edge, negative on one side', [11, 23], pad(image, 'edge', [0, -1, 1, 0, 2, -2]));
  check('pads computed at run time', [11, 13, 18, 23], {
    inputs: { X: { shape: [2, 4] }, Z: { shape: [1, 2, 3, 1], declared: ['a', 'b', 'c', 'd'], fixed: true } },
    nodes: [
      { op: 'Shape', inputs: ['Z'], outputs: ['pads'] },
      { op: 'Pad', inputs: ['X', 'pads'], outputs: ['Y'] },
    ],
  });
  check('negative pads computed at run time', [11, 23], {
    inputs: { X: { shape: [4, 4] }, Z: { shape: [1, 2, 3, 1], declared: ['a', 'b', 'c', 'd'], fixed: true } },
    nodes: [
      { op: 'Shape', inputs: ['Z'], outputs: ['sizes'] },
      { op: 'Sub', inputs: ['sizes', 'two'], outputs: ['pads'] },
      { op: 'Pad', inputs: ['X', 'pads'], outputs: ['Y'] },
    ],
    initializers: [constant('two', [2])],
  });
  for (const opset of [11, 18, 23])
    it(`the value that it pads with, opset ${opset}`, () =>
      checkGradients({
        op: 'Pad',
        opset,
        inputs: { X: { shape: [2, 3] }, value: { shape: [] } },
        order: ['X', 'pads', 'value'],
        initializers: [constant('pads', [1, -1, 0, 2])],
        tolerance: 2e-4,
      }));
  /** Amounts that nothing is known of before the model runs. */
  const amounts = (mode: string, pads: readonly number[], axes?: readonly number[], declared?: string[]): Case => ({
    inputs: {
      X: { ...image, ...(declared && { declared }) },
      amounts: { shape: [pads.length], values: pads, fixed: true },
    },
    nodes: [
      { op: 'Cast', inputs: ['amounts'], outputs: ['pads'], attributes: { to: 7 } },
      { op: 'Pad', inputs: ['X', 'pads', '', ...(axes ? ['axes'] : [])], outputs: ['Y'], attributes: { mode } },
    ],
    initializers: axes ? [constant('axes', axes)] : [],
  });
  for (const mode of ['reflect', 'edge', 'wrap'])
    for (const declared of [undefined, ['n', 'h', 'w']]) {
      const opsets = mode === 'wrap' ? [19, 23] : [11, 18, 24];
      const title = `${mode} by amounts computed at run time${declared ? ', as the sizes are' : ''}`;
      check(title, opsets, amounts(mode, [0, 1, 2, 1, 3, 0], undefined, declared));
      check(`${title}, negative on one side`, opsets, amounts(mode, [0, -1, 1, 0, 2, -2], undefined, declared));
      check(`${title}, of named axes`, [19], amounts(mode, [2, 1, 3, 0], [-1, 1], declared));
    }
  check('edge, wider than what it repeats', [11, 23], pad(image, 'edge', [0, 9, 0, 0, 0, 7]));
  check('edge, wider than what it repeats, at run time', [11, 23], amounts('edge', [0, 9, 0, 0, 0, 7]));
  it('the value of a border that repeats the elements has no part in it', async () => {
    const gradients = await gradientsOf({
      op: 'Pad',
      attributes: { mode: 'edge' },
      inputs: { X: [1, 2, 3], value: { shape: [], values: [5] } },
      order: ['X', 'pads', 'value'],
      initializers: [constant('pads', [1, 2])],
    });
    expect(gradients).to.deep.equal({ X: [2, 1, 3], value: [0] });
  });
  it('refuses borders of axes computed at run time', () => {
    const attributes: Record<string, Attribute> = { mode: 'reflect' };
    const bytes = buildModel({
      opset: 18,
      inputs: [
        { name: 'X', shape: [4, 4] },
        { name: 'pads', shape: [4], type: 'int64' },
        { name: 'axes', shape: [2], type: 'int64' },
      ],
      outputs: [{ name: 'Y' }],
      nodes: [{ op: 'Pad', inputs: ['X', 'pads', '', 'axes'], outputs: ['Y'], attributes }],
    });
    expect(() => differentiate(parseModel(bytes), { of: 'Y', wrt: ['X'] }))
      .to.throw('its axes are computed at run time, with mode "reflect"')
      .with.property('code', 'no-rule');
  });
});
