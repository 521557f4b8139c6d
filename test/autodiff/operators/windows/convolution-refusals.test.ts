// Windows that no runtime would take, or whose gradient cannot be had: an error that says why, not a crash or a graph without end.
import { differentiate, parseModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import { type Attribute, buildModel, type ValueSpec } from '../../../support/model.js';

interface Case {
  readonly op: string;
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly X?: ValueSpec['shape'];
  readonly W?: ValueSpec['shape'];
  readonly reason: RegExp;
}

const unknown = undefined as unknown as ValueSpec['shape'];
const cases: Record<string, Case> = {
  'a pool without a kernel': { op: 'MaxPool', attributes: {}, reason: /no kernel_shape/ },
  'a pool with a kernel for other axes': {
    op: 'AveragePool',
    attributes: { kernel_shape: [2] },
    reason: /2 axes of space/,
  },
  'a pool with strides of zero': {
    op: 'MaxPool',
    attributes: { kernel_shape: [2, 2], strides: [0, 1] },
    reason: /above zero/,
  },
  'a pool with a huge kernel': { op: 'MaxPool', attributes: { kernel_shape: [2, 5000] }, reason: /above 1024/ },
  'a pool with huge strides': {
    op: 'AveragePool',
    attributes: { kernel_shape: [2, 2], strides: [1, 5000] },
    reason: /above 1024/,
  },
  'auto_pad with dilations': {
    op: 'MaxPool',
    attributes: { kernel_shape: [2, 2], dilations: [2, 2], auto_pad: 'SAME_UPPER' },
    reason: /state pads/,
  },
  'a pool of unknown rank': {
    op: 'MaxPool',
    attributes: { kernel_shape: [2, 2] },
    X: unknown,
    reason: /rank of its input "X"/,
  },
  'a global pool of unknown rank': {
    op: 'GlobalAveragePool',
    attributes: {},
    X: unknown,
    reason: /rank of its input "X"/,
  },
  'a convolution with pads for other axes': {
    op: 'Conv',
    attributes: { pads: [1, 1] },
    W: [2, 2, 3, 3],
    reason: /2 axes of space/,
  },
  'a convolution with a stride below zero': {
    op: 'Conv',
    attributes: { strides: [-1, 1] },
    W: [2, 2, 3, 3],
    reason: /above zero/,
  },
  'a kernel size settled at run time': {
    op: 'Conv',
    attributes: {},
    W: [2, 2, 'k', 'k'],
    reason: /kernel size of its weights "W"/,
  },
  'weights of unknown shape with groups': {
    op: 'Conv',
    attributes: { group: 2, kernel_shape: [3, 3] },
    W: unknown,
    reason: /shape of its weights "W"/,
  },
  'output_shape and output_padding from a size settled at run time': {
    op: 'ConvTranspose',
    attributes: { output_shape: [9, 9], output_padding: [1, 0], strides: [2, 2] },
    X: [1, 2, 'h', 8],
    W: [2, 2, 3, 3],
    reason: /output_shape/,
  },
};

describe('convolutions and pools that cannot be differentiated', () => {
  for (const [title, test] of Object.entries(cases))
    it(title, () => {
      const { op, attributes, reason } = test;
      const x = { name: 'X', shape: 'X' in test ? test.X : [1, 2, 8, 8] } as ValueSpec;
      const w = 'W' in test ? [{ name: 'W', shape: test.W } as ValueSpec] : [];
      const model = parseModel(
        buildModel({
          opset: 19,
          inputs: [x, ...w],
          outputs: [{ name: 'Y' }],
          nodes: [{ op, inputs: ['X', ...w.map(({ name }) => name)], outputs: ['Y'], attributes }],
        }),
      );
      expect(() => differentiate(model, { of: 'Y', wrt: ['X'] }))
        .to.throw(reason)
        .with.property('code', 'no-rule');
    });
  it('weights of unknown shape without groups can be, given the kernel size', () => {
    const model = parseModel(
      buildModel({
        opset: 19,
        inputs: [{ name: 'X' }, { name: 'W' }],
        outputs: [{ name: 'Y' }],
        nodes: [
          { op: 'Conv', inputs: ['X', 'W'], outputs: ['Y'], attributes: { kernel_shape: [3, 3], strides: [2, 1] } },
        ],
      }),
    );
    const { graph } = differentiate(model, { of: 'Y', wrt: ['X', 'W'] });
    expect(graph.outputs.map(({ name }) => name)).to.include.members(['gradient/X', 'gradient/W']);
  });
});
