// The gradient of the gradient. These operators are linear in their input (a maximum pool is where its winners stay), so that the cotangent's own
// cotangent, at v, is the operator applied to v: an identity that needs no differences. Tolerance 1e-4.
import { differentiate, parseModel, writeModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import * as ort from 'onnxruntime-node';
import { type Attribute, buildModel, floats } from '../../../support/model.js';
import { normal } from '../../../support/random.js';

interface Case {
  readonly op: string;
  readonly x: readonly number[];
  readonly w?: readonly number[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

const cases: Record<string, Case> = {
  'Conv, stride 1': { op: 'Conv', x: [1, 2, 5, 6], w: [3, 2, 3, 3], attributes: { pads: [1, 1, 1, 1] } },
  'Conv, padding larger than the kernel': {
    op: 'Conv',
    x: [1, 2, 4, 4],
    w: [3, 2, 2, 2],
    attributes: { pads: [3, 2, 2, 3] },
  },
  'Conv, stride 2, groups': { op: 'Conv', x: [1, 4, 6, 7], w: [6, 2, 3, 3], attributes: { strides: [2, 2], group: 2 } },
  'Conv, depthwise, 5x5, stride 2': {
    op: 'Conv',
    x: [1, 3, 7, 8],
    w: [3, 1, 5, 5],
    attributes: { strides: [2, 2], group: 3, pads: [2, 2, 2, 2] },
  },
  ConvTranspose: {
    op: 'ConvTranspose',
    x: [1, 2, 3, 4],
    w: [2, 3, 3, 3],
    attributes: { strides: [2, 2], output_padding: [1, 0], pads: [1, 1, 1, 1] },
  },
  'AveragePool, stride 1': {
    op: 'AveragePool',
    x: [1, 2, 5, 5],
    attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] },
  },
  'AveragePool, stride 2': {
    op: 'AveragePool',
    x: [1, 2, 5, 6],
    attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
  },
  'MaxPool, overlap': {
    op: 'MaxPool',
    x: [1, 2, 6, 7],
    attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
  },
  'MaxPool, stride 3': { op: 'MaxPool', x: [1, 2, 7, 6], attributes: { kernel_shape: [2, 2], strides: [3, 3] } },
  GlobalAveragePool: { op: 'GlobalAveragePool', x: [2, 3, 4, 5] },
  GlobalMaxPool: { op: 'GlobalMaxPool', x: [2, 3, 4, 5] },
};

describe('gradients of gradients', () => {
  for (const opset of [11, 17, 23])
    for (const [title, { op, x, w, attributes = {} }] of Object.entries(cases))
      for (const atRunTime of [false, true])
        it(`${title}, opset ${opset}${atRunTime ? ', sizes settled at run time' : ''}`, async () => {
          const next = normal(3);
          const noise = (shape: readonly number[]) =>
            Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => next());
          const bytes = buildModel({
            opset,
            inputs: [{ name: 'X', shape: atRunTime ? x.map((size, at) => (at === 1 ? size : `d${at}`)) : x }],
            outputs: [{ name: 'Y' }],
            nodes: [{ op, inputs: w ? ['X', 'W'] : ['X'], outputs: ['Y'], attributes }],
            initializers: w ? [floats('W', w, [...noise(w)])] : [],
          });
          const X = new ort.Tensor('float32', noise(x), x);
          // At v = X, the winners of a maximum pool are those of X.
          const v = op.includes('Max') ? X : new ort.Tensor('float32', noise(x), x);
          const plain = await ort.InferenceSession.create(bytes);
          const expected = (await plain.run({ X: v })).Y!;
          const once = differentiate(parseModel(bytes), { of: 'Y', wrt: ['X'] });
          const twice = differentiate(parseModel(writeModel(once)), {
            of: 'gradient/X',
            wrt: ['cotangent/Y'],
            prefix: 'second/',
          });
          const session = await ort.InferenceSession.create(writeModel(twice), { logSeverityLevel: 3 });
          const results = await session.run({
            X,
            'cotangent/Y': new ort.Tensor('float32', noise(expected.dims), expected.dims),
            'second/cotangent/gradient/X': v,
          });
          const found = results['second/gradient/cotangent/Y']!;
          expect(found.dims).to.deep.equal(expected.dims);
          (expected.data as Float32Array).forEach((value, index) => {
            expect((found.data as Float32Array)[index]).to.be.closeTo(value, 1e-4);
          });
          await plain.release();
          await session.release();
        });
});
