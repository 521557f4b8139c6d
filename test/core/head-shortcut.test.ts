// The product of the cotangent and the last layer's weights, which is taken outside the backward graph: against the weights themselves.
import { createExplainer, type Target } from '@saywhy/core';
import { expect } from 'chai';
import { relativeError } from '../support/golden.js';
import { buildModel, floats, type NodeSpec } from '../support/model.js';
import { randomInput, smallNetSpec } from '../support/nets.js';
import { testRuntime } from '../support/runtime.js';

const classes = 300;
const channels = 8;
const weight = Array.from({ length: classes * channels }, (_, i) => Math.sin(1.7 * i));
const transposed = weight.map((_, i) => weight[(i % classes) * channels + Math.floor(i / classes)]!);
const rows = floats('w', [classes, channels], weight);
const columns = floats('w', [channels, classes], transposed);
const bias = floats('bias', [classes], new Array(classes).fill(0.5));

const heads: Record<
  string,
  { nodes: NodeSpec[]; weights: ReturnType<typeof floats>; factor?: number; kept?: boolean; tolerance?: number }
> = {
  'Gemm with a row for each class': {
    weights: rows,
    nodes: [{ op: 'Gemm', inputs: ['vector', 'w', 'bias'], outputs: ['logits'], attributes: { transB: 1 } }],
  },
  'Gemm with a column for each class, times alpha': {
    weights: columns,
    factor: 2.5,
    nodes: [
      { op: 'Gemm', inputs: ['vector', 'w', 'bias'], outputs: ['logits'], attributes: { alpha: { float: 2.5 } } },
    ],
  },
  'MatMul and Add': {
    weights: columns,
    nodes: [
      { op: 'MatMul', inputs: ['vector', 'w'], outputs: ['product'] },
      { op: 'Add', inputs: ['product', 'bias'], outputs: ['logits'] },
    ],
  },
  'weights rounded to half precision in the graph': {
    weights: rows,
    nodes: [
      { op: 'Cast', inputs: ['w'], outputs: ['half'], attributes: { to: 10 } },
      { op: 'Cast', inputs: ['half'], outputs: ['single'], attributes: { to: 1 } },
      { op: 'Gemm', inputs: ['vector', 'single', 'bias'], outputs: ['logits'], attributes: { transB: 1 } },
    ],
    kept: true,
    tolerance: 1e-3,
  },
  'scores that are used twice': {
    weights: rows,
    nodes: [
      { op: 'Gemm', inputs: ['vector', 'w', 'bias'], outputs: ['once'], attributes: { transB: 1 } },
      { op: 'Mul', inputs: ['once', 'two'], outputs: ['logits'] },
    ],
    factor: 2,
    kept: true,
  },
};

/** The derivative of each kind of target with respect to the scores is given by itself. */
const targets: { name: string; target: Target; cotangent: (k: number) => number }[] = [
  { name: 'a class', target: 7, cotangent: (k) => (k === 7 ? 1 : 0) },
  {
    name: 'one rather than another',
    target: { versus: [299, 0] },
    cotangent: (k) => (k === 299 ? 1 : k === 0 ? -1 : 0),
  },
  {
    name: 'all at once',
    target: ({ data }) => ({ value: 0, gradient: data.map((_, k) => Math.cos(k)) }),
    cotangent: (k) => Math.cos(k),
  },
];

describe('the last layer on the way back', () => {
  for (const [name, { nodes, weights, factor = 1, kept = false, tolerance = 1e-5 }] of Object.entries(heads))
    for (const batch of ['n', 1])
      it(`${name}, batch ${batch}`, async () => {
        const spec = smallNetSpec({ batch });
        const runtime = testRuntime();
        const model = buildModel({
          ...spec,
          outputs: [{ name: 'logits', shape: [batch, classes] }],
          initializers: [...spec.initializers!.slice(0, 4), weights, bias, floats('two', [1], [2])],
          nodes: [...spec.nodes.slice(0, -1), ...nodes],
        });
        await using explainer = await createExplainer(model, { runtime });
        for (const { name, target, cotangent } of targets) {
          const [found] = await explainer.gradients(randomInput(), { target });
          const expected = Float32Array.from({ length: channels * 36 }, (_, i) => {
            const channel = Math.floor(i / 36);
            let sum = 0;
            for (let k = 0; k < classes; k++) sum += cotangent(k) * weight[k * channels + channel]!;
            return (factor * sum) / 36;
          });
          expect(relativeError(found!.gradient.data, expected), name).to.be.below(tolerance);
          expect(found!.gradient.shape).to.deep.equal([1, channels, 6, 6]);
        }
        const holdsWeights = runtime.sessions[1]!.bytes > 4 * weight.length;
        expect(holdsWeights, 'the backward session holds the weights').to.equal(kept);
      });
});
