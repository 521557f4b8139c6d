// Kinds of scores that are no list of classes: how they are found, what is said of it, and that they are explained.

import { parseModel } from '@saywhy/autodiff';
import { createExplainer, inspectModel, type ScoreKind, type Target } from '@saywhy/core';
import { prepare } from '@saywhy/core/prepare';
import { expect } from 'chai';
import { errorOf } from '../../support/errors.js';
import { relativeError } from '../../support/golden.js';
import { buildModel, floats, integers, type NodeSpec, type ValueSpec } from '../../support/model.js';
import { randomInput } from '../../support/nets.js';
import { normal } from '../../support/random.js';
import { testRuntime } from '../../support/runtime.js';

const runtime = testRuntime();

interface Head {
  readonly nodes: readonly NodeSpec[];
  readonly outputs: readonly ValueSpec[];
  /** Sizes of weights [64, size] by name: each makes `<name>` [1, size] of all features. */
  readonly linear?: Readonly<Record<string, number>>;
  readonly integers?: Readonly<Record<string, readonly number[]>>;
  readonly size?: number;
}

/** image [1, 3, s, s] -> conv (stride 2), relu `features` [1, 4, s / 2, s / 2] -> pooled to 4 x 4 `vector` [1, 64] -> a head. */
function net({ nodes, outputs, linear = {}, integers: lists = {}, size = 16 }: Head): Uint8Array {
  const next = normal(3);
  const weight = (name: string, shape: readonly number[]) =>
    floats(
      name,
      shape,
      Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 0.4 * next()),
    );
  const window = size / 8;
  return buildModel({
    opset: 17,
    inputs: [{ name: 'image', shape: [1, 3, size, size] }],
    outputs,
    initializers: [
      weight('conv.weight', [4, 3, 3, 3]),
      ...Object.entries(linear).map(([name, count]) => weight(`${name}.weight`, [64, count])),
      ...Object.entries(lists).map(([name, values]) => integers(name, [values.length], values)),
    ],
    nodes: [
      {
        op: 'Conv',
        inputs: ['image', 'conv.weight'],
        outputs: ['conv'],
        attributes: { strides: [2, 2], pads: [1, 1, 1, 1] },
      },
      { op: 'Relu', inputs: ['conv'], outputs: ['features'] },
      {
        op: 'AveragePool',
        inputs: ['features'],
        outputs: ['pooled'],
        attributes: { kernel_shape: [window, window], strides: [window, window] },
      },
      { op: 'Flatten', inputs: ['pooled'], outputs: ['vector'] },
      ...Object.keys(linear).map(
        (name): NodeSpec => ({ op: 'MatMul', inputs: ['vector', `${name}.weight`], outputs: [name] }),
      ),
      ...nodes,
    ],
  });
}

const places = (end: readonly string[]) =>
  net({
    nodes: [
      { op: 'Identity', inputs: ['features'], outputs: ['dense'] },
      ...end.map(
        (op): NodeSpec => ({
          op,
          inputs: ['dense'],
          outputs: ['end'],
          attributes: { axis: op === 'Softmax' ? 1 : undefined },
        }),
      ),
    ],
    outputs: [{ name: end.length > 0 ? 'end' : 'dense', shape: [1, 4, 8, 8] }],
  });

/** Seven queries of three classes and nothing. */
const detr = net({
  linear: { a: 28, b: 28 },
  integers: { four: [1, 7, 4] },
  nodes: [
    { op: 'Reshape', inputs: ['a', 'four'], outputs: ['logits'] },
    { op: 'Reshape', inputs: ['b', 'four'], outputs: ['raw'] },
    { op: 'Sigmoid', inputs: ['raw'], outputs: ['pred_boxes'] },
  ],
  outputs: [
    { name: 'logits', shape: [1, 7, 4] },
    { name: 'pred_boxes', shape: [1, 7, 4] },
  ],
});

/** Of 32 x 32 pixels: 16 + 4 + 1 cells, three classes. */
const yolo = net({
  size: 32,
  linear: { a: 84, b: 63 },
  integers: { boxShape: [1, 4, 21], classShape: [1, 3, 21] },
  nodes: [
    { op: 'Reshape', inputs: ['a', 'boxShape'], outputs: ['offsets'] },
    { op: 'Exp', inputs: ['offsets'], outputs: ['places'] },
    { op: 'Reshape', inputs: ['b', 'classShape'], outputs: ['classes'] },
    { op: 'Sigmoid', inputs: ['classes'], outputs: ['probabilities'] },
    { op: 'Concat', inputs: ['places', 'probabilities'], outputs: ['output0'], attributes: { axis: 1 } },
  ],
  outputs: [{ name: 'output0', shape: [1, 7, 21] }],
});

const embedding = (normalized: boolean) =>
  net({
    linear: { image_embeds: 24 },
    nodes: normalized
      ? [
          { op: 'ReduceL2', inputs: ['image_embeds'], outputs: ['length'], attributes: { axes: [1], keepdims: 1 } },
          { op: 'Div', inputs: ['image_embeds', 'length'], outputs: ['unit'] },
        ]
      : [],
    outputs: [{ name: normalized ? 'unit' : 'image_embeds', shape: [1, 24] }],
  });

describe('kinds of scores', () => {
  const found: readonly (readonly [string, Uint8Array, ScoreKind, string, string])[] = [
    ['logits at places', places([]), 'segmentation', 'guess', 'dense'],
    ['a softmax at places', places(['Softmax']), 'segmentation', 'graph', 'dense'],
    ['sigmoids at places', places(['Sigmoid']), 'segmentation', 'graph', 'dense'],
    ['logits beside boxes', detr, 'detection', 'guess', 'logits'],
    ['as many candidates as a grid has cells', yolo, 'detection', 'guess', 'classes'],
    ['a vector of length 1', embedding(true), 'embedding', 'graph', 'unit'],
    ['a vector called an embedding', embedding(false), 'embedding', 'guess', 'image_embeds'],
  ];
  for (const [title, model, kind, kindFrom, tensor] of found)
    it(`${title}: ${kind}, ${kindFrom === 'guess' ? 'which is a guess, and said to be' : 'as the graph says'}`, () => {
      const { scores, warnings } = inspectModel(model, { preprocess: 'imagenet' });
      expect(scores).to.deep.include({ kind, kindFrom, tensor });
      const codes = warnings.map(({ code }) => code);
      expect(codes).to.deep.equal(kindFrom === 'guess' ? ['score-kind-guessed'] : []);
      if (kindFrom === 'guess') expect(warnings[0]!.message).to.include(`(${kind})`).and.include(`"${tensor}"`);
    });

  it('what is stated wins, and so do labels over an embedding', () => {
    const kindOf = (model: Uint8Array, options: Parameters<typeof inspectModel>[1]) => {
      const { kind, kindFrom } = inspectModel(model, options).scores;
      return `${kind} ${kindFrom}`;
    };
    expect(kindOf(detr, { scoreKind: 'softmax' })).to.equal('softmax option');
    expect(kindOf(places([]), { scoreKind: 'regression' })).to.equal('regression option');
    const labels = Array.from({ length: 24 }, (_, i) => `class ${i}`);
    expect(kindOf(embedding(false), { labels })).to.equal('softmax guess');
  });

  it('how a detector writes its boxes is found, corrected by `detection`, and kept by prepare', async () => {
    const layout = (model: Uint8Array, options: Parameters<typeof inspectModel>[1] = {}) =>
      inspectModel(model, options).scores.detection;
    const pair = { boxes: 'pred_boxes', format: 'cxcywh', unit: 'share', candidates: 'rows', firstClass: 0 };
    expect(layout(detr)).to.deep.equal({ ...pair, nothing: -1, activation: 'softmax' });
    expect(layout(detr, { labels: ['a', 'b', 'c'] })).to.deep.include({ nothing: -1, activation: 'softmax' });
    expect(layout(detr, { labels: ['a', 'b', 'c', 'd'] })).to.deep.equal({ ...pair, activation: 'sigmoid' });
    const single = { boxes: 'output0', format: 'cxcywh', unit: 'pixels', candidates: 'columns' };
    expect(layout(yolo)).to.deep.equal({ ...single, firstClass: 0, activation: 'sigmoid' });
    expect(layout(yolo, { detection: { format: 'xyxy' } })).to.deep.include({ format: 'xyxy' });
    const named = inspectModel(yolo, {
      scores: 'output0',
      scoreKind: 'detection',
      detection: { firstClass: 4 },
    }).scores;
    expect(named).to.deep.include({ tensor: 'output0', kindFrom: 'option' });
    expect(named.detection).to.deep.equal({ ...single, firstClass: 4, activation: 'none' });
    const wrong = { format: 'xywh' as 'xyxy' };
    expect(await errorOf(() => inspectModel(yolo, { detection: wrong }))).to.match(
      /^invalid-detection: .*"xywh".*xyxy/,
    );
    expect(await errorOf(() => inspectModel(yolo, { detection: { box: 1 } as object }))).to.match(/^invalid-detection/);

    const kept = inspectModel(
      prepare(detr, { scoreKind: 'detection', detection: { format: 'xyxy' }, wrt: 'features' }),
    );
    expect(kept.scores).to.deep.include({ kind: 'detection', kindFrom: 'metadata' });
    expect(kept.scores.detection).to.deep.include({ format: 'xyxy', nothing: -1 });
    expect(kept.warnings.map(({ code }) => code)).to.not.include('score-kind-guessed');
  });

  it('a prepared file explains a box as the plain one does', async () => {
    const target: Target = { box: { x: 2, y: 2, width: 9, height: 9 } };
    await using plain = await createExplainer(detr, { runtime });
    await using prepared = await createExplainer(prepare(parseModel(detr), { wrt: 'features' }), { runtime });
    const input = randomInput([1, 3, 16, 16]);
    const methods = { target, method: ['grad-cam', 'saliency', 'occlusion'], layer: 'features' };
    const [a, b] = [await plain.explain(input, methods), await prepared.explain(input, methods)];
    expect(b.maps).to.deep.equal(a.maps);
    expect(b.predictions).to.deep.equal(a.predictions);
    expect(a.predictions[0]).to.include.keys('box', 'probability', 'logit');
  });

  it('a box, a place and a likeness have the gradients that finite differences give', async () => {
    const cases: readonly (readonly [Uint8Array, Target, number])[] = [
      [detr, { box: { x: 2, y: 2, width: 9, height: 9 } }, 16],
      [yolo, { top: 1 }, 32],
      [places([]), { mask: { x: 0, y: 0, width: 8, height: 8 }, class: 1 }, 16],
      [embedding(false), { similarTo: Array.from({ length: 24 }, (_, i) => Math.sin(i)) }, 16],
      [embedding(true), { similarTo: Array.from({ length: 24 }, (_, i) => Math.cos(i)) }, 16],
    ];
    for (const [model, target, size] of cases) {
      await using explainer = await createExplainer(model, { runtime });
      const input = randomInput([1, 3, size, size]);
      const [{ gradient, target: info } = expect.fail('no gradient')] = await explainer.gradients(input, {
        target,
        layer: 'image',
      });
      const direction = randomInput([1, 3, size, size], 11).data;
      const step = 2e-3;
      const values: number[] = [];
      for (const sign of [1, -1]) {
        const moved = input.data.map((x, i) => x + sign * step * direction[i]!);
        const { maps } = await explainer.explain({ ...input, data: moved }, { target, method: 'saliency' });
        expect(maps[0]!.target.text.replace(/\d+/g, '')).to.equal(info.text.replace(/\d+/g, ''));
        values.push(maps[0]!.target.value);
      }
      const expected = gradient.data.reduce((sum, g, i) => sum + g * direction[i]!, 0);
      expect((values[0]! - values[1]!) / (2 * step), JSON.stringify(target)).to.be.closeTo(
        expected,
        0.02 * Math.abs(expected) + 2e-3,
      );
    }
  });

  it('another picture is embedded by the same model: its own likeness is 1, and its vector says the same', async () => {
    await using explainer = await createExplainer(embedding(false), { runtime });
    const [one, other] = [randomInput([1, 3, 16, 16]), randomInput([1, 3, 16, 16], 9)];
    const likeness = async (target: Target) =>
      (await explainer.explain(one, { target, method: 'saliency' })).maps[0]!.target.value;
    expect(await likeness({ similarTo: one })).to.be.closeTo(1, 1e-6);
    const value = await likeness({ similarTo: other });
    expect(value).to.be.within(-1, 0.999);
    const both: Target = { versus: [{ similarTo: other }, { not: { similarTo: one } }] };
    expect(await likeness(both)).to.be.closeTo(value + 1, 1e-6);
    // The vector itself, by one-hot gradients of a function of the scores.
    let vector: Float32Array = new Float32Array();
    await explainer.gradients(other, {
      layer: 'image',
      target: ({ data }) => {
        vector = data;
        return { value: 0, gradient: data };
      },
    });
    const [a] = await explainer.gradients(one, { target: { similarTo: vector }, layer: 'image' });
    const [b] = await explainer.gradients(one, { target: { similarTo: other }, layer: 'image' });
    expect(relativeError(a!.gradient.data, b!.gradient.data)).to.be.below(1e-6);
    expect((await explainer.predict(one)).predictions).to.deep.equal([]);
    expect(await errorOf(() => explainer.explain(one))).to.match(/^target-kind: .*similarTo/);
  });
});
