// Detectors that suppress boxes themselves: [1, boxes, 4 + 1 + 1] as YOLOv10 writes them, and three lists as torchvision does.
import { createExplainer, inspectModel, type Target, type TensorInput } from '@saywhy/core';
import { prepare } from '@saywhy/core/prepare';
import { expect } from 'chai';
import type { Scores } from '../../../packages/core/src/targets/scores.js';
import { errorOf } from '../../support/errors.js';
import { relativeError } from '../../support/golden.js';
import { buildModel, floats, integers, type NodeSpec, type ValueSpec } from '../../support/model.js';
import { randomInput } from '../../support/nets.js';
import { normal } from '../../support/random.js';
import { testRuntime } from '../../support/runtime.js';
import { resolveTarget } from '../../support/targets.js';

const runtime = testRuntime();
const [SIZE, CELLS, CLASSES, LEFT] = [32, 20, 3, 6];

const node = (op: string, inputs: string, outputs: string, attributes: NodeSpec['attributes'] = {}): NodeSpec => ({
  op,
  inputs: inputs.split(' '),
  outputs: outputs.split(' '),
  attributes,
});

/** image -> `features` [1, 6, 16, 16] -> 16 cells and 4 larger ones, `boxes` [1, 20, 4] (two corners in pixels), `probabilities` [1, 20, 3] -> an end. */
function detector(end: readonly NodeSpec[], outputs: readonly ValueSpec[]): Uint8Array {
  const next = normal(5);
  const weight = (name: string, shape: readonly number[], scale: number) =>
    floats(
      name,
      shape,
      Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => scale * next()),
    );
  return buildModel({
    opset: 17,
    inputs: [{ name: 'image', shape: [1, 3, SIZE, SIZE] }],
    outputs,
    initializers: [
      weight('first', [6, 3, 3, 3], 0.4),
      weight('second', [7, 6, 4, 4], 0.5),
      weight('third', [7, 6, 8, 8], 0.2),
      floats('pixels', [1], [22]),
      floats('least', [1], [4]),
      floats('span', [1], [6]),
      integers('split', [2], [4, CLASSES]),
      integers('halves', [2], [2, 2]),
      integers('rows', [3], [1, -1, 7]),
      integers('k', [1], [LEFT]),
      integers('last', [1], [2]),
      integers('line', [2], [1, LEFT * CLASSES]),
      integers('by4', [3], [1, 1, 4]),
      integers('by3', [3], [1, 1, CLASSES]),
      integers('classes', [], [CLASSES]),
      floats('half', [1], [0.5]),
      integers('zero', [1], [0]),
      integers('one', [], [1]),
      integers('two', [], [2]),
      integers('triple', [3], [0, 1, 2]),
    ],
    nodes: [
      node('Conv', 'image first', 'conv', { strides: [2, 2], pads: [1, 1, 1, 1] }),
      node('Relu', 'conv', 'features'),
      node('Conv', 'features second', 'cells', { strides: [4, 4] }),
      node('Conv', 'features third', 'large', { strides: [8, 8] }),
      node('Transpose', 'cells', 'cells1', { perm: [0, 2, 3, 1] }),
      node('Transpose', 'large', 'large1', { perm: [0, 2, 3, 1] }),
      node('Reshape', 'cells1 rows', 'cells2'),
      node('Reshape', 'large1 rows', 'large2'),
      node('Concat', 'cells2 large2', 'table', { axis: 1 }),
      node('Split', 'table split', 'raw logits', { axis: 2 }),
      node('Sigmoid', 'raw', 'shares'),
      node('Split', 'shares halves', 'place extent', { axis: 2 }),
      node('Mul', 'place pixels', 'corner'),
      node('Mul', 'extent span', 'grown'),
      node('Add', 'grown least', 'size'),
      node('Add', 'corner size', 'opposite'),
      node('Concat', 'corner opposite', 'boxes', { axis: 2 }),
      node('Sigmoid', 'logits', 'probabilities'),
      ...end,
    ],
  });
}

/** What ultralytics' `postprocess` is exported to: the best cells, then the best of their classes. */
const postprocess: readonly NodeSpec[] = [
  node('ReduceMax', 'probabilities', 'best', { axes: [2], keepdims: 0 }),
  node('TopK', 'best k', 'unused cell', { axis: 1 }),
  node('Unsqueeze', 'cell last', 'cell1'),
  node('Tile', 'cell1 by4', 'cell4'),
  node('Tile', 'cell1 by3', 'cell3'),
  node('GatherElements', 'boxes cell4', 'boxes1', { axis: 1 }),
  node('GatherElements', 'probabilities cell3', 'scores1', { axis: 1 }),
  node('Reshape', 'scores1 line', 'scores2'),
  node('TopK', 'scores2 k', 'scores3 at', { axis: 1 }),
  node('Div', 'at classes', 'row'),
  node('Mod', 'at classes', 'class'),
  node('Unsqueeze', 'row last', 'row1'),
  node('Tile', 'row1 by4', 'row4'),
  node('GatherElements', 'boxes1 row4', 'boxes2', { axis: 1 }),
  node('Unsqueeze', 'scores3 last', 'score'),
  node('Unsqueeze', 'class last', 'class1'),
  node('Cast', 'class1', 'class2', { to: 1 }),
];
const output: ValueSpec = { name: 'output0', shape: [1, LEFT, 6] };
const endToEnd = detector([...postprocess, node('Concat', 'boxes2 score class2', 'output0', { axis: 2 })], [output]);
/** The same numbers, of which the graph does not say what they are. */
const closed = detector(
  [...postprocess, node('Concat', 'boxes2 score class2', 'joined', { axis: 2 }), node('Abs', 'joined', 'output0')],
  [output],
);
const layout = {
  boxes: 'output0',
  format: 'xyxy',
  unit: 'pixels',
  candidates: 'rows',
  firstClass: 4,
  classAt: 5,
  activation: 'none',
} as const;

interface Thing {
  readonly box: readonly number[];
  readonly score: number;
  readonly index: number;
}

describe('a detector that suppresses boxes itself', () => {
  const input = randomInput([1, 3, SIZE, SIZE]);

  /** What it finds, worked out from the tensors before the suppression. */
  async function things(image: TensorInput): Promise<Thing[]> {
    await using explainer = await createExplainer(endToEnd, { runtime });
    const found = await explainer.outputs(image, { outputs: ['boxes', 'probabilities'] });
    const all = Array.from({ length: CELLS * CLASSES }, (_, i): Thing => {
      const cell = Math.floor(i / CLASSES);
      return {
        box: [...found.boxes!.data.slice(4 * cell, 4 * cell + 4)],
        score: found.probabilities!.data[i]!,
        index: i % CLASSES,
      };
    });
    return all.sort((a, b) => b.score - a.score);
  }
  const rectangle = ([x1, y1, x2, y2]: readonly number[]) => ({ x: x1!, y: y1!, width: x2! - x1!, height: y2! - y1! });

  it('is found by what its graph joins, and said to be a guess', async () => {
    const { scores, warnings } = inspectModel(endToEnd, { preprocess: 'imagenet' });
    expect(scores).to.deep.include({ kind: 'detection', kindFrom: 'guess', tensor: 'output0', detection: layout });
    expect(warnings.map(({ code }) => code)).to.deep.equal(['score-kind-guessed']);
    expect(warnings[0]!.message).to.include('"classAt":5');
  });

  it('is explained at the last map that all of its boxes are made of', () => {
    expect(inspectModel(endToEnd).layer!.tensor).to.equal('features');
    expect(inspectModel(endToEnd).layers.map(({ tensor }) => tensor)).to.not.include.members(['table']);
  });

  it('where the graph does not say it, it is to be stated, and is kept by prepare', async () => {
    expect(inspectModel(closed).scores.kind).to.equal('softmax');
    const unclear = await errorOf(() => inspectModel(closed, { scoreKind: 'detection' }));
    expect(unclear).to.match(/^no-scores: "output0" \[1,6,6\] has 6 numbers a box.*classAt: 5/);
    const stated = inspectModel(closed, { detection: { classAt: 5 } }).scores;
    expect(stated).to.deep.include({ kind: 'detection', detection: layout });
    const labelled = inspectModel(closed, { scoreKind: 'detection', labels: ['a', 'b', 'c'] }).scores;
    expect(labelled).to.deep.include({ kindFrom: 'option', detection: layout });
    const two = inspectModel(closed, { scoreKind: 'detection', labels: ['a', 'b'] }).scores;
    expect(two.detection).to.deep.include({ firstClass: 4 }).and.not.have.property('classAt');
    const own = inspectModel(closed, { scoreKind: 'detection', detection: { firstClass: 5, objectness: 4 } }).scores;
    expect(own.detection).to.deep.include({ firstClass: 5, objectness: 4 }).and.not.have.property('classAt');
    const kept = inspectModel(prepare(closed, { detection: { classAt: 5 }, scoreKind: 'detection', wrt: 'features' }));
    expect(kept.scores).to.deep.include({ kindFrom: 'metadata', detection: layout });
  });

  it('predicts what the tensors before the suppression say', async () => {
    await using explainer = await createExplainer(endToEnd, { runtime });
    const { predictions } = await explainer.predict(input, { top: 3 });
    const expected = await things(input);
    expect(predictions).to.have.length(3);
    expect(new Set(expected.slice(0, LEFT).map(({ index }) => index)).size, 'classes differ').to.be.above(1);
    for (const one of predictions) {
      const same = expected.find(({ score }) => Math.abs(score - one.logit) < 1e-6)!;
      expect(one).to.include({ index: same.index, probability: one.logit });
      const { x, y, width, height } = rectangle(same.box);
      for (const [a, b] of [
        [one.box!.x, x],
        [one.box!.y, y],
        [one.box!.width, width],
        [one.box!.height, height],
      ] as const)
        expect(a).to.be.closeTo(b, 1e-4);
    }
    expect(predictions[0]!.logit).to.be.closeTo(expected[0]!.score, 1e-6);
  });

  const asked: readonly (readonly [string, (first: Thing, second: Thing) => Target, readonly [number, number]])[] = [
    ['the surest', () => ({ top: 1 }), [1, 0]],
    ['a class', (_, { index }) => index, [0, 1]],
    ['a box', ({ box }) => ({ box: rectangle(box) }), [1, 0]],
    ['a box and class', (_, { box, index }) => ({ box: rectangle(box), class: index }), [0, 1]],
    [
      'one and not another',
      (_, { box, index }) => ({ versus: [{ top: 1 }, { box: rectangle(box), class: index }] }),
      [1, -1],
    ],
  ];
  for (const [name, targetOf, signs] of asked)
    it(`${name}: the gradient is that of the tensors before it, and of finite differences`, async () => {
      const found = (await things(input)).slice(0, LEFT);
      const first = found[0]!;
      const second = found.find(({ index }) => index !== first.index)!;
      /** The score of each thing at another picture: of its class, where its box is nearest. */
      const valueAt = async (image: TensorInput) => {
        const all = await things(image);
        const scores = [first, second].map((thing) => {
          const far = ({ box }: Thing) => box.reduce((sum, x, i) => sum + Math.abs(x - thing.box[i]!), 0);
          return all.filter(({ index }) => index === thing.index).sort((a, b) => far(a) - far(b))[0]!.score;
        });
        return signs[0] * scores[0]! + signs[1] * scores[1]!;
      };
      await using explainer = await createExplainer(endToEnd, { runtime });
      const target = targetOf(first, second);
      const [{ gradient, target: info } = expect.fail('none')] = await explainer.gradients(input, {
        target,
        layer: 'image',
      });
      expect(info.value).to.be.closeTo(await valueAt(input), 1e-6);
      await using plain = await createExplainer(endToEnd, {
        runtime,
        scores: 'probabilities',
        scoreKind: 'multilabel',
      });
      const [before] = await plain.gradients(input, {
        layer: 'image',
        target: ({ data }) => {
          const derivative = new Float32Array(data.length);
          for (const [i, { score }] of [first, second].entries()) derivative[data.indexOf(score)]! += signs[i]!;
          return { value: 0, gradient: derivative };
        },
      });
      expect(Math.max(...gradient.data)).to.be.above(0);
      expect(relativeError(gradient.data, before!.gradient.data)).to.be.below(1e-5);
      const direction = randomInput([1, 3, SIZE, SIZE], 11).data;
      const step = 1e-3;
      const moved = (sign: number) => ({ ...input, data: input.data.map((x, i) => x + sign * step * direction[i]!) });
      const slope = ((await valueAt(moved(1))) - (await valueAt(moved(-1)))) / (2 * step);
      const expected = gradient.data.reduce((sum, x, i) => sum + x * direction[i]!, 0);
      expect(slope).to.be.closeTo(expected, 0.02 * Math.abs(expected) + 1e-3);
    });

  it('a map is that of the same thing in the tensors before it', async () => {
    const [first] = await things(input);
    await using explainer = await createExplainer(endToEnd, { runtime });
    await using before = await createExplainer(endToEnd, {
      runtime,
      scores: 'probabilities',
      scoreKind: 'detection',
      detection: { boxes: 'boxes', format: 'xyxy', unit: 'pixels', activation: 'none', firstClass: 0 },
    });
    expect(before.model.scores.detection).to.not.have.property('classAt');
    const options = {
      target: { top: 1 },
      method: ['grad-cam', 'hires-cam', 'saliency'],
      layer: 'features',
    };
    const [a, b] = [await explainer.explain(input, options), await before.explain(input, options)];
    expect(a.maps[0]!.target).to.include({ index: first!.index });
    for (const [i, map] of a.maps.entries()) {
      expect(map.target.text).to.equal(b.maps[i]!.target.text);
      expect(relativeError(map.raw.data, b.maps[i]!.raw.data), map.method).to.be.below(1e-5);
    }
  });

  it('a thing is followed when the list changes, and scores 0 where it is gone', async () => {
    const rows = [
      [0, 0, 8, 8, 0.9, 1],
      [10, 2, 18, 9, 0.6, 0],
      [0, 1, 8, 8, 0.2, 0],
      [0, 0, 0, 0, 0, 0],
      [1, 1, 5, 5, 0.4, -1],
    ];
    const scores = (table: readonly (readonly number[])[], labels?: readonly string[]): Scores => ({
      data: Float32Array.from(table.flat()),
      shape: [1, table.length, 6],
      kind: 'detection',
      normalized: false,
      listed: false,
      detection: layout,
      labels,
    });
    const of = async (target: Target, labels?: readonly string[]) =>
      (await resolveTarget(target, scores(rows, labels)))[0]!;
    const all = await resolveTarget({ top: 9 }, scores(rows));
    expect(all.map(({ info }) => info.text)).to.deep.equal(['box:0,0,8,8:1', 'box:10,2,8,7:0', 'box:0,1,8,7:0']);
    const [low, high] = [await of({ box: { x: 0, y: 0, width: 8, height: 8 }, class: 0 }), await of(0)];
    expect(low.info.value).to.be.closeTo(0.2, 1e-7);
    expect(low.cotangent.indexOf(1)).to.equal(2 * 6 + 4);
    expect(low.cotangent.filter((x) => x !== 0)).to.have.length(1);
    expect(high.info.value).to.be.closeTo(0.6, 1e-7);
    const turned = scores([...rows].reverse());
    expect(await high.value(turned)).to.be.closeTo(0.6, 1e-7);
    const without = scores(rows.filter((_, i) => i !== 1));
    expect(await high.value(without)).to.equal(0);
    // Class 1 there is another thing.
    expect(await low.value(scores(rows.slice(0, 2)))).to.equal(0);
    expect(await errorOf(() => of(7))).to.match(/^no-candidate: .*class 7/);
    expect(await errorOf(() => of(2, ['a', 'b', 'c']))).to.match(/^no-candidate: .*class c/);
    expect(await errorOf(() => of(3, ['a', 'b', 'c']))).to.match(/^unknown-index: .*from 0 to 2/);
    expect(await errorOf(() => of(-1))).to.match(/^unknown-index: There is no class -1: they count from 0/);
    expect(await errorOf(() => of({ box: { x: 10, y: 2, width: 8, height: 7 }, class: 1 }))).to.match(
      /^no-candidate: .*of class 1 touches box:10,2,8,7/,
    );
  });
});

describe('a detector that writes three lists of what is left', () => {
  const input = randomInput([1, 3, SIZE, SIZE]);
  /** As torchvision: as many as there are. */
  const lists = detector(
    [
      node('Transpose', 'probabilities', 'byClass', { perm: [0, 2, 1] }),
      node('NonMaxSuppression', 'boxes byClass k half', 'selected'),
      node('Gather', 'selected two', 'cell', { axis: 1 }),
      node('Gather', 'selected one', 'kind', { axis: 1 }),
      node('Gather', 'boxes cell', 'boxes1', { axis: 1 }),
      node('Squeeze', 'boxes1 zero', 'left'),
      node('Gather', 'selected triple', 'places', { axis: 1 }),
      node('GatherND', 'byClass places', 'scores'),
      node('Identity', 'kind', 'labels'),
    ],
    [
      { name: 'left', shape: ['n', 4] },
      { name: 'labels', shape: ['n'], type: 'int64' },
      { name: 'scores', shape: ['n'] },
    ],
  );
  /** As TensorFlow's: always the same number, with classes as floating-point numbers. */
  const batched = detector(
    [...postprocess, node('Cast', 'class', 'detection_classes', { to: 1 })],
    [
      { name: 'boxes2', shape: [1, LEFT, 4] },
      { name: 'scores3', shape: [1, LEFT] },
      { name: 'detection_classes', shape: [1, LEFT] },
    ],
  );
  const advice = /^no-scores: The model suppresses boxes itself.*`scores`.*`detection: \{ boxes \}`/;

  it('is refused, and told what to explain instead', async () => {
    const said = await errorOf(() => inspectModel(lists));
    expect(said).to.match(advice).and.include('"left", "labels", "scores"');
    expect(said).to.match(/reads boxes from "boxes" and scores from "byClass"\.$/);
    expect(await errorOf(() => createExplainer(batched, { runtime })))
      .to.match(advice)
      .and.not.include('reads boxes');
    expect(await errorOf(() => inspectModel(lists, { scoreKind: 'detection' }))).to.match(advice);
  });

  it('is explained by the tensors before it, as it says', async () => {
    await using explainer = await createExplainer(lists, {
      runtime,
      scores: 'probabilities',
      detection: { boxes: 'boxes', format: 'xyxy', unit: 'pixels', activation: 'none' },
    });
    const { predictions, maps } = await explainer.explain(input, { target: { top: 1 }, method: 'saliency' });
    const { left, scores, labels } = await explainer.outputs(input);
    const best = scores!.data.indexOf(Math.max(...scores!.data));
    expect(predictions[0]!.logit).to.be.closeTo(scores!.data[best]!, 1e-6);
    expect(predictions[0]!.index).to.equal(labels!.data[best]);
    expect(predictions[0]!.box!.x).to.be.closeTo(left!.data[4 * best]!, 1e-4);
    expect(maps[0]!.raw.data.some((x) => x !== 0)).to.equal(true);
  });
});
