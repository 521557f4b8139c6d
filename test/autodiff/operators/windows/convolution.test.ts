// Convolutions: data, weights and bias against finite differences. Tolerance 1e-3 of the gradient's norm (the functions are linear in each input).
import { expect } from 'chai';
import { checkGradients, type GradientCase } from '../../../support/gradient-check.js';
import { floats } from '../../../support/model.js';
import { normal } from '../../../support/random.js';

/** The oldest that is supported, the first in which Slice has steps, the schema changes at 11 and 22, and the newest. */
const opsets = [7, 10, 11, 22, 23];
const tolerance = 1e-3;

type Case = Pick<GradientCase, 'attributes' | 'inputs'>;
const inputs = (X: readonly number[], W: readonly number[], B?: number): Case['inputs'] => ({
  X: { shape: X },
  W: { shape: W },
  ...(B && { B: { shape: [B] } }),
});

const convolutions: Record<string, Case> = {
  'the defaults': { inputs: inputs([2, 3, 5, 6], [4, 3, 3, 3], 4) },
  '1x1': { inputs: inputs([2, 3, 4, 4], [4, 3, 1, 1], 4) },
  '1x1, stride 2': { attributes: { strides: [2, 2] }, inputs: inputs([1, 3, 5, 4], [2, 3, 1, 1]) },
  'one dimension': { attributes: { pads: [1, 1], strides: [2] }, inputs: inputs([2, 3, 9], [4, 3, 3], 4) },
  'three dimensions': { attributes: { pads: [1, 1, 1, 1, 1, 1] }, inputs: inputs([1, 2, 3, 4, 3], [2, 2, 3, 3, 3], 2) },
  'three dimensions, stride 2': {
    attributes: { pads: [1, 0, 1, 0, 1, 1], strides: [2, 2, 1] },
    inputs: inputs([1, 2, 4, 5, 3], [2, 2, 3, 2, 2]),
  },
  'asymmetric padding': { attributes: { pads: [0, 2, 1, 1] }, inputs: inputs([1, 2, 5, 4], [3, 2, 3, 3]) },
  'asymmetric padding, stride 2': {
    attributes: { pads: [0, 2, 1, 1], strides: [2, 2] },
    inputs: inputs([1, 2, 5, 6], [3, 2, 3, 3], 3),
  },
  'padding larger than the kernel': {
    attributes: { pads: [3, 2, 1, 4] },
    inputs: inputs([1, 2, 4, 3], [3, 2, 2, 3], 3),
  },
  'padding of a 1x1 kernel': { attributes: { pads: [1, 0, 2, 1] }, inputs: inputs([1, 2, 3, 3], [3, 2, 1, 1], 3) },
  'padding larger than the kernel, stride 2': {
    attributes: { pads: [4, 3, 3, 5], strides: [2, 2] },
    inputs: inputs([1, 2, 4, 5], [3, 2, 3, 2]),
  },
  'strides that differ': {
    attributes: { strides: [1, 2], pads: [1, 1, 1, 1] },
    inputs: inputs([1, 2, 4, 5], [3, 2, 3, 3]),
  },
  'stride larger than the kernel': { attributes: { strides: [3, 4] }, inputs: inputs([1, 2, 8, 9], [3, 2, 2, 2]) },
  'stride larger than the kernel, a remainder': {
    attributes: { strides: [3, 3] },
    inputs: inputs([1, 2, 9, 7], [3, 2, 1, 2]),
  },
  patches: { attributes: { strides: [3, 3] }, inputs: inputs([1, 2, 6, 6], [4, 2, 3, 3], 4) },
  dilation: { attributes: { dilations: [2, 3] }, inputs: inputs([1, 2, 7, 9], [3, 2, 3, 2], 3) },
  'dilation, stride and padding': {
    attributes: { dilations: [2, 3], strides: [3, 2], pads: [2, 1, 3, 2] },
    inputs: inputs([1, 2, 7, 9], [3, 2, 3, 2]),
  },
  groups: { attributes: { group: 2, pads: [1, 1, 1, 1] }, inputs: inputs([2, 4, 4, 4], [6, 2, 3, 3], 6) },
  'groups of five channels': {
    attributes: { group: 2, pads: [1, 1, 1, 1] },
    inputs: inputs([1, 10, 3, 3], [4, 5, 3, 3]),
  },
  'groups, stride 2': { attributes: { group: 2, strides: [2, 2] }, inputs: inputs([2, 4, 5, 6], [6, 2, 3, 3]) },
  depthwise: { attributes: { group: 3, pads: [1, 1, 1, 1] }, inputs: inputs([2, 3, 4, 5], [3, 1, 3, 3], 3) },
  'depthwise, 3x3, stride 2': {
    attributes: { group: 3, strides: [2, 2], pads: [1, 1, 1, 1] },
    inputs: inputs([2, 3, 6, 7], [3, 1, 3, 3]),
  },
  'depthwise, 5x5, stride 2': {
    attributes: { group: 3, strides: [2, 2], pads: [2, 1, 1, 2] },
    inputs: inputs([2, 3, 8, 7], [3, 1, 5, 5]),
  },
  'depthwise, 5x5, stride 3, little padding': {
    attributes: { group: 3, strides: [3, 2], pads: [0, 0, 0, 5] },
    inputs: inputs([1, 3, 9, 8], [3, 1, 5, 5]),
  },
  'depthwise, two outputs a channel, strides that differ': {
    attributes: { group: 3, strides: [2, 1], pads: [1, 1, 1, 1] },
    inputs: inputs([1, 3, 5, 4], [6, 1, 3, 3], 6),
  },
  SAME_UPPER: { attributes: { auto_pad: 'SAME_UPPER', strides: [2, 3] }, inputs: inputs([1, 2, 6, 7], [2, 2, 3, 4]) },
  SAME_LOWER: { attributes: { auto_pad: 'SAME_LOWER', strides: [2, 3] }, inputs: inputs([1, 2, 6, 7], [2, 2, 3, 4]) },
  'SAME_UPPER, stride 1': { attributes: { auto_pad: 'SAME_UPPER' }, inputs: inputs([1, 2, 5, 4], [2, 2, 2, 4]) },
  VALID: { attributes: { auto_pad: 'VALID', strides: [2, 1] }, inputs: inputs([1, 2, 6, 7], [2, 2, 3, 4]) },
};

describe('gradients of Conv', () => {
  for (const opset of opsets)
    for (const [title, test] of Object.entries(convolutions))
      it(`${title}, opset ${opset}`, () => checkGradients({ op: 'Conv', opset, tolerance, ...test }));

  const dynamic = ['n', 2, 'h', 'w'] as const;
  for (const [title, attributes] of Object.entries({
    'stride 1': { pads: [1, 1, 1, 1] },
    'stride 1, padding larger than the kernel': { pads: [3, 4, 3, 2] },
    'stride 2': { strides: [2, 2], pads: [1, 0, 1, 1] },
    'stride 2, padding larger than the kernel': { strides: [2, 2], pads: [4, 3, 3, 4] },
    'stride larger than the kernel': { strides: [4, 5] },
    'dilation and strides': { strides: [2, 3], dilations: [2, 1], pads: [2, 2, 2, 2] },
    SAME_UPPER: { auto_pad: 'SAME_UPPER', strides: [2, 3] },
    SAME_LOWER: { auto_pad: 'SAME_LOWER', strides: [3, 2] },
    'SAME_LOWER, stride 1': { auto_pad: 'SAME_LOWER' },
  }))
    for (const opset of [11, 13, 23])
      it(`sizes settled at run time: ${title}, opset ${opset}`, async () => {
        for (const shape of [
          [2, 2, 7, 8],
          [1, 2, 8, 9],
        ])
          await checkGradients({
            op: 'Conv',
            opset,
            tolerance,
            attributes,
            inputs: { X: { shape, declared: dynamic }, W: { shape: [3, 2, 3, 3] } },
          });
      });
  for (const pads of [
    [1, 1, 1, 1],
    [3, 4, 3, 2],
  ])
    it(`sizes settled at run time, opset 7, stride 1, pads ${pads}`, () =>
      checkGradients({
        op: 'Conv',
        opset: 7,
        tolerance,
        attributes: { pads },
        inputs: { X: { shape: [2, 2, 4, 5], declared: dynamic }, W: { shape: [3, 2, 3, 3] }, B: { shape: [3] } },
      }));
  it('sizes settled at run time need opset 10 where the stride is above 1', async () => {
    const error = await refusal({
      op: 'Conv',
      opset: 9,
      attributes: { strides: [2, 2] },
      inputs: { X: { shape: [1, 2, 5, 5], declared: dynamic }, W: { shape: [3, 2, 3, 3], fixed: true } },
    });
    expect(error).to.include({ code: 'opset-too-old' });
  });
  for (const group of [1, 2])
    it(`a batch settled at run time, opset 7, ${group} groups`, () =>
      checkGradients({
        op: 'Conv',
        opset: 7,
        tolerance,
        attributes: { group, strides: [2, 2], pads: [1, 1, 1, 1] },
        inputs: { X: { shape: [2, 4, 5, 5], declared: ['n', 4, 5, 5] }, W: { shape: [4, 4 / group, 3, 3] } },
      }));
  it('groups of sizes settled at run time', () =>
    checkGradients({
      op: 'Conv',
      opset: 17,
      tolerance,
      attributes: { group: 2, strides: [2, 1] },
      inputs: { X: { shape: [2, 4, 6, 5], declared: ['n', 4, 'h', 'w'] }, W: { shape: [6, 2, 3, 3] } },
    }));
  for (const strides of [
    [1, 1],
    [2, 2],
  ])
    it(`constant weights, stride ${strides[0]}`, () => {
      const next = normal(5);
      return checkGradients({
        op: 'Conv',
        opset: 13,
        tolerance,
        attributes: { strides },
        inputs: { X: { shape: [1, 2, 5, 5] } },
        order: ['X', 'W'],
        initializers: [floats('W', [3, 2, 3, 3], Array.from({ length: 54 }, next))],
      });
    });
  it('weights computed in the graph', () =>
    checkGradients({
      opset: 13,
      tolerance,
      nodes: [
        { op: 'Mul', inputs: ['W', 'S'], outputs: ['V'] },
        { op: 'Conv', inputs: ['X', 'V'], outputs: ['Y'], attributes: { pads: [1, 1, 1, 1], strides: [2, 2] } },
      ],
      inputs: { X: { shape: [1, 2, 5, 5] }, W: { shape: [3, 2, 3, 3] }, S: { shape: [3, 1, 1, 1] } },
    }));
  it('weights whose number of outputs is settled at run time', () =>
    checkGradients({
      op: 'Conv',
      opset: 13,
      tolerance,
      attributes: { group: 2, pads: [1, 1, 1, 1] },
      inputs: { X: { shape: [1, 4, 4, 4] }, W: { shape: [6, 2, 3, 3], declared: ['m', 2, 3, 3] } },
    }));
  it('refuses weights whose kernel size is settled at run time', async () => {
    const error = await refusal({
      op: 'Conv',
      opset: 13,
      inputs: { X: { shape: [1, 4, 4, 4] }, W: { shape: [6, 4, 3, 3], declared: [6, 4, 'k', 'k'] } },
    });
    expect(error?.message).to.match(/Conv.*kernel size of its weights "W" is not known/s);
  });
});

/** The error that a gradient ends in. */
async function refusal(test: GradientCase): Promise<Error | undefined> {
  try {
    await checkGradients(test);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

const transposed: Record<string, Case> = {
  'the defaults': { inputs: inputs([2, 3, 4, 3], [3, 2, 3, 3], 2) },
  'one dimension': { attributes: { strides: [2], pads: [1, 0] }, inputs: inputs([2, 3, 5], [3, 2, 3], 2) },
  'three dimensions': { attributes: { strides: [2, 1, 2] }, inputs: inputs([1, 2, 2, 3, 2], [2, 2, 2, 2, 3], 2) },
  'stride and padding': {
    attributes: { strides: [2, 3], pads: [1, 0, 0, 2] },
    inputs: inputs([1, 3, 3, 4], [3, 2, 3, 4], 2),
  },
  output_padding: {
    attributes: { strides: [2, 3], pads: [1, 1, 1, 1], output_padding: [1, 2] },
    inputs: inputs([1, 3, 3, 4], [3, 2, 3, 3], 2),
  },
  dilation: { attributes: { dilations: [2, 3], strides: [1, 2] }, inputs: inputs([1, 2, 3, 4], [2, 3, 3, 2]) },
  groups: {
    attributes: { group: 2, strides: [2, 2], pads: [1, 1, 1, 1] },
    inputs: inputs([2, 4, 3, 3], [4, 3, 3, 3], 6),
  },
  depthwise: { attributes: { group: 3, strides: [2, 2] }, inputs: inputs([2, 3, 3, 4], [3, 1, 2, 2], 3) },
  'stride larger than the kernel': { attributes: { strides: [3, 3] }, inputs: inputs([1, 2, 3, 3], [2, 3, 2, 1]) },
  'output_shape that cuts': {
    attributes: { strides: [2, 2], output_shape: [6, 5] },
    inputs: inputs([1, 2, 4, 4], [2, 3, 3, 3], 3),
  },
  'output_shape, odd cut, SAME_UPPER': {
    attributes: { strides: [2, 2], output_shape: [8, 8], auto_pad: 'SAME_UPPER' },
    inputs: inputs([1, 2, 4, 4], [2, 3, 3, 3], 3),
  },
  'output_shape, odd cut, SAME_LOWER': {
    attributes: { strides: [2, 2], output_shape: [8, 8], auto_pad: 'SAME_LOWER' },
    inputs: inputs([1, 2, 4, 4], [2, 3, 3, 3], 3),
  },
  'output_shape, odd cut': {
    attributes: { strides: [2, 2], output_shape: [8, 6] },
    inputs: inputs([1, 2, 4, 4], [2, 3, 3, 3], 3),
  },
  'output_shape with output_padding': {
    attributes: { strides: [3, 3], output_shape: [10, 11], output_padding: [1, 2] },
    inputs: inputs([1, 2, 4, 4], [2, 3, 3, 3]),
  },
  SAME_UPPER: { attributes: { auto_pad: 'SAME_UPPER', strides: [2, 3] }, inputs: inputs([1, 2, 4, 3], [2, 3, 5, 4]) },
  SAME_LOWER: { attributes: { auto_pad: 'SAME_LOWER', strides: [2, 3] }, inputs: inputs([1, 2, 4, 3], [2, 3, 5, 4]) },
  VALID: { attributes: { auto_pad: 'VALID', strides: [2, 3] }, inputs: inputs([1, 2, 4, 3], [2, 3, 5, 4]) },
};

describe('gradients of ConvTranspose', () => {
  for (const opset of opsets)
    for (const [title, test] of Object.entries(transposed))
      it(`${title}, opset ${opset}`, () => checkGradients({ op: 'ConvTranspose', opset, tolerance, ...test }));
  for (const attributes of [
    { strides: [2, 2], output_padding: [1, 0], pads: [1, 1, 0, 1] },
    { auto_pad: 'SAME_UPPER', strides: [2, 2] },
    { strides: [2, 2], output_shape: [6, 8] },
    { strides: [2, 3], output_shape: [6, 7], auto_pad: 'SAME_UPPER' },
    { strides: [2, 2], dilations: [1, 2], output_shape: [5, 10], auto_pad: 'SAME_LOWER' },
  ])
    it(`sizes settled at run time: ${JSON.stringify(attributes)}`, () =>
      checkGradients({
        op: 'ConvTranspose',
        opset: 13,
        tolerance,
        attributes,
        inputs: { X: { shape: [2, 2, 3, 4], declared: ['n', 2, 'h', 'w'] }, W: { shape: [2, 3, 3, 3] } },
      }));
});
