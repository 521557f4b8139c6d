// Operators that put elements where they came from, or around them: MaxUnpool, Col2Im, CenterCropPad, DepthToSpace's inverse is in structure.test.ts.
import { expect } from 'chai';
import { type Case, check } from '../../../support/check-linear.js';
import type { InputSpec } from '../../../support/gradient-check.js';
import { gradientsOf } from '../../../support/gradients.js';
import { type Attribute, integers } from '../../../support/model.js';

const list = (name: string, values: readonly number[]) => integers(name, [values.length], values);

describe('gradient of MaxUnpool', () => {
  const X: InputSpec = { shape: [2, 2, 2, 2] };
  const places = [5, 2, 9, 15, 21, 18, 28, 31, 32, 39, 41, 44, 48, 55, 57, 63];
  const unpool = (attributes: Readonly<Record<string, Attribute>>, shape?: readonly number[], input = X): Case => ({
    op: 'MaxUnpool',
    inputs: { X: input },
    order: ['X', 'I', ...(shape ? ['shape'] : [])],
    attributes,
    initializers: [integers('I', [2, 2, 2, 2], places), ...(shape ? [list('shape', shape)] : [])],
  });
  const halves = { kernel_shape: [2, 2], strides: [2, 2] };
  check('of halved axes', [9, 11, 22], unpool(halves));
  check('padded', [9, 11, 22], unpool({ kernel_shape: [3, 3], strides: [3, 3], pads: [1, 1, 1, 1] }));
  check('to a stated shape', [9, 11, 22], unpool(halves, [2, 2, 5, 5]));
  check('of sizes settled at run time', [9, 22], unpool(halves, undefined, { ...X, declared: ['n', 'c', 'h', 'w'] }));
  it('gives elements that go to one place the whole cotangent each, as max_unpool2d', async () => {
    const { X: gradient } = await gradientsOf({
      op: 'MaxUnpool',
      opset: 11,
      attributes: halves,
      inputs: { X: { shape: [1, 1, 1, 2], values: [1, 2] } },
      order: ['X', 'I'],
      initializers: [integers('I', [1, 1, 1, 2], [3, 3])],
      cotangent: [1, 2, 3, 4, 5, 6, 7, 8],
    });
    expect(gradient).to.deep.equal([4, 4]);
  });
});

describe('gradient of Col2Im', () => {
  const fold = (
    shape: readonly number[],
    image: readonly number[],
    block: readonly number[],
    attributes: Readonly<Record<string, Attribute>> = {},
    declared?: InputSpec['declared'],
  ): Case => ({
    op: 'Col2Im',
    inputs: { X: { shape, ...(declared && { declared }) } },
    order: ['X', 'image', 'block'],
    attributes,
    initializers: [list('image', image), list('block', block)],
  });
  check('patches that overlap', [18, 23], fold([2, 12, 12], [4, 5], [2, 2]));
  check('patches side by side', [18], fold([1, 12, 6], [4, 6], [2, 2], { strides: [2, 2] }));
  check('patches with gaps', [18], fold([1, 6, 6], [5, 8], [1, 2], { strides: [2, 3], dilations: [1, 2] }));
  check('pads', [18, 24], fold([1, 18, 16], [5, 4], [3, 3], { pads: [0, 1, 1, 1] }));
  check('one axis of space', [18], fold([2, 6, 4], [8], [3], { strides: [2], pads: [1, 0] }));
  check('three axes of space', [18], fold([1, 16, 18], [3, 4, 4], [2, 2, 2]));
  check('sizes settled at run time', [18, 23], fold([2, 12, 12], [4, 5], [2, 2], {}, ['n', 'k', 'l']));
  check('a picture whose size is computed at run time', [18, 23], {
    inputs: {
      X: { shape: [2, 12, 12], declared: ['n', 'k', 'l'] },
      Z: { shape: [4, 5], declared: ['h', 'w'], fixed: true },
    },
    nodes: [
      { op: 'Shape', inputs: ['Z'], outputs: ['image'] },
      { op: 'Col2Im', inputs: ['X', 'image', 'block'], outputs: ['Y'], attributes: { pads: [0, 0, 0, 0] } },
    ],
    initializers: [list('block', [2, 2])],
  });
  check('blocks whose size is computed at run time', [18, 23], {
    inputs: {
      X: { shape: [2, 12, 4], declared: ['n', 'k', 'l'] },
      Z: { shape: [2, 3], declared: ['h', 'w'], fixed: true },
    },
    nodes: [
      { op: 'Shape', inputs: ['Z'], outputs: ['block'] },
      {
        op: 'Col2Im',
        inputs: ['X', 'image', 'block'],
        outputs: ['Y'],
        attributes: { dilations: [2, 1], strides: [1, 2] },
      },
    ],
    initializers: [list('image', [4, 5])],
  });
});

describe('gradient of CenterCropPad', () => {
  const bring = (X: InputSpec, shape: readonly number[], axes?: readonly number[]): Case => ({
    op: 'CenterCropPad',
    inputs: { X },
    order: ['X', 'shape'],
    initializers: [list('shape', shape)],
    attributes: axes ? { axes } : {},
  });
  const X = { shape: [5, 6, 4] };
  check('that cuts', [18, 23], bring(X, [2, 3, 4]));
  check('that pads', [18, 23], bring(X, [8, 7, 9]));
  check('that does both', [18, 22, 24], bring(X, [2, 9, 4]));
  check('of named axes', [18, 23], bring(X, [7, 3], [-1, 0]));
  check('of sizes settled at run time', [18, 23], bring({ ...X, declared: ['a', 'b', 'c'] }, [3, 9], [0, 1]));
  check('to a shape computed at run time', [18, 23], {
    inputs: { X: { ...X, declared: ['a', 6, 'c'] }, Z: { shape: [2, 9], declared: ['d', 'e'], fixed: true } },
    nodes: [
      { op: 'Shape', inputs: ['Z'], outputs: ['wanted'] },
      { op: 'CenterCropPad', inputs: ['X', 'wanted'], outputs: ['Y'], attributes: { axes: [0, 2] } },
    ],
  });
});
