// Which tensor is explained, and what its numbers mean.
import { createExplainer, inspectModel } from '@saywhy/core';
import { expect } from 'chai';
import { errorOf } from '../../support/errors.js';
import { relativeError } from '../../support/golden.js';
import { buildModel } from '../../support/model.js';
import { randomInput, smallNet, smallNetSpec } from '../../support/nets.js';
import { testRuntime } from '../../support/runtime.js';

const runtime = testRuntime();
const kindOf = (end: readonly string[], classes?: number, labels?: readonly string[]) => {
  const { scores } = inspectModel(smallNet({ end, ...(classes && { classes }) }), { ...(labels && { labels }) });
  return `${scores.tensor} ${scores.kind} ${scores.kindFrom}${scores.through ? ` through ${scores.through}` : ''}`;
};

describe('scores', () => {
  it('are found, a softmax or sigmoid at the end looked through, and their kind is said', () => {
    expect(kindOf([])).to.equal('logits softmax guess');
    expect(kindOf(['Softmax'])).to.equal('logits softmax graph through Softmax');
    expect(kindOf(['LogSoftmax'])).to.equal('logits softmax graph through LogSoftmax');
    expect(kindOf(['Sigmoid'])).to.equal('logits multilabel graph through Sigmoid');
    expect(kindOf(['Softmax', 'Identity'])).to.equal('logits softmax graph through Softmax');
    expect(kindOf(['Sigmoid'], 1)).to.equal('logits binary graph through Sigmoid');
    expect(kindOf([], 1)).to.equal('logits regression guess');
    expect(kindOf([], 1, ['no', 'yes'])).to.equal('logits binary guess');
  });

  it('a single score that nothing explains is a warning; what is stated wins', () => {
    const codes = (options: Parameters<typeof inspectModel>[1]) =>
      inspectModel(smallNet({ classes: 1 }), options).warnings.map(({ code }) => code);
    expect(codes({ preprocess: 'imagenet' })).to.deep.equal(['score-kind-guessed']);
    expect(codes({ preprocess: 'imagenet', scoreKind: 'regression' })).to.deep.equal([]);
    expect(inspectModel(smallNet({ end: ['Softmax'] }), { scoreKind: 'multilabel' }).scores).to.include({
      kind: 'multilabel',
      kindFrom: 'option',
    });
  });

  it('an unknown kind, tensor or output is named', async () => {
    expect(await errorOf(() => inspectModel(smallNet(), { scoreKind: 'sofmax' as 'softmax' }))).to.match(
      /^unknown-score-kind: .*softmax/,
    );
    expect(await errorOf(() => inspectModel(smallNet(), { scores: 'logit' }))).to.match(/^unknown-tensor: .*"logits"/);
    const counts = buildModel({
      opset: 17,
      inputs: [{ name: 'x', shape: [1, 3, 4, 4] }],
      outputs: [{ name: 'top', type: 'int64' }],
      nodes: [{ op: 'ArgMax', inputs: ['x'], outputs: ['top'], attributes: { axis: 1 } }],
    });
    expect(await errorOf(() => inspectModel(counts))).to.match(/^no-scores: .*top/);
  });

  it('a model that ends in a softmax has the maps and predictions of the one without', async () => {
    await using plain = await createExplainer(smallNet(), { runtime });
    const expected = await plain.explain(randomInput(), { target: [2, { probability: 2 }] });
    for (const end of ['Softmax', 'LogSoftmax']) {
      await using ended = await createExplainer(smallNet({ end: [end] }), { runtime });
      const found = await ended.explain(randomInput(), { target: [2, { probability: 2 }] });
      expect(found.maps).to.deep.equal(expected.maps);
      expect(found.predictions).to.deep.equal(expected.predictions);
    }
  });

  it('naming the output asks for the probability itself', async () => {
    await using plain = await createExplainer(smallNet({ end: ['Softmax'] }), { runtime });
    await using named = await createExplainer(smallNet({ end: ['Softmax'] }), { runtime, scores: 'end0' });
    const expected = await plain.explain(randomInput(), { target: { probability: 2 } });
    const found = await named.explain(randomInput(), { target: 2 });
    const [a] = await named.gradients(randomInput(), { target: 2 });
    const [b] = await plain.gradients(randomInput(), { target: { probability: 2 } });
    expect(relativeError(a!.gradient.data, b!.gradient.data)).to.be.below(1e-5);
    expect(found.predictions[0]!.probability).to.be.closeTo(expected.predictions[0]!.probability!, 1e-6);
    expect(found.maps[0]!.target.value).to.be.closeTo(expected.maps[0]!.target.value, 1e-6);
    expect(named.model.scores.tensor).to.equal('end0');
  });

  it('of labels that do not exclude each other have a sigmoid each', async () => {
    await using explainer = await createExplainer(smallNet({ end: ['Sigmoid'] }), { runtime });
    const { predictions } = await explainer.explain(randomInput());
    for (const { logit, probability } of predictions)
      expect(probability).to.be.closeTo(1 / (1 + Math.exp(-logit)), 1e-9);
  });

  it('one logit is yes against no: the map of no is that of minus the logit', async () => {
    const bytes = smallNet({ end: ['Sigmoid'], classes: 1, head: 'flatten' });
    await using explainer = await createExplainer(bytes, { runtime, labels: ['ill'] });
    const { predictions } = await explainer.explain(randomInput());
    expect(predictions.map(({ label }) => label)).to.have.members(['ill', 'not ill']);
    const [yes, no] = await explainer.gradients(randomInput(), { target: ['ill', 'not ill'] });
    expect(
      relativeError(
        no!.gradient.data,
        yes!.gradient.data.map((x) => -x),
      ),
    ).to.be.below(1e-7);
    const { maps } = await explainer.explain(randomInput(), { target: [{ top: 1 }, 0, 1] });
    expect(maps[0]!.target.label).to.equal(predictions[0]!.label);
    expect(maps[1]!.target.value).to.equal(-maps[2]!.target.value);
  });

  it('of a regression are values, and their gradient is explained', async () => {
    await using explainer = await createExplainer(smallNet({ classes: 1 }), {
      runtime,
      scoreKind: 'regression',
      labels: ['age'],
    });
    const { predictions, maps, warnings } = await explainer.explain(randomInput(), {
      method: 'saliency',
      target: 'age',
    });
    expect(predictions).to.have.length(1);
    expect(predictions[0]).to.not.have.property('probability');
    expect(maps[0]!.target.value).to.equal(predictions[0]!.logit);
    expect(warnings).to.deep.equal([]);
  });

  it('of a regression without a label are called as the model calls them', async () => {
    await using explainer = await createExplainer(smallNet({ classes: 1 }), { runtime });
    const { predictions } = await explainer.predict(randomInput());
    expect(predictions.map(({ label }) => label)).to.deep.equal(['logits']);
  });

  it('that are no list of classes can be explained by a function of them', async () => {
    const spec = smallNetSpec();
    const dense = buildModel({
      ...spec,
      outputs: [{ name: 'features' }],
      nodes: spec.nodes.slice(0, 4),
      initializers: spec.initializers!.filter(({ name }) => name.startsWith('conv')),
    });
    await using explainer = await createExplainer(dense, { runtime, scoreKind: 'softmax' });
    expect(await errorOf(() => explainer.explain(randomInput()))).to.match(
      /^unsupported-scores: .*\[1,8,6,6\].*function/,
    );
    const { maps, predictions } = await explainer.explain(randomInput(), {
      method: 'saliency',
      target: ({ data }) => ({ value: data[7]!, gradient: data.map((_, i) => (i === 7 ? 1 : 0)) }),
    });
    expect(predictions).to.deep.equal([]);
    // Place 7 of the stride-2 map is row 1, column 1: it sees at most 5 x 5 pixels around (2, 2).
    const seen = Array.from({ length: 144 }, (_, i) => maps[0]!.data[i]! !== 0 && [Math.floor(i / 12), i % 12]).filter(
      Boolean,
    ) as number[][];
    expect(seen.length).to.be.above(0);
    expect(seen.every(([row, column]) => row! <= 4 && column! <= 4)).to.equal(true);
  });

  it('that are NaN are an error that says so', async () => {
    const spec = smallNetSpec();
    const nodes = [...spec.nodes.slice(0, -1), { op: 'Log', inputs: ['minus'], outputs: ['logits'] }];
    const broken = buildModel({
      ...spec,
      nodes: [
        ...nodes.slice(0, -1),
        { op: 'Gemm', inputs: ['vector', 'fc.weight', 'fc.bias'], outputs: ['plain'], attributes: { transB: 1 } },
        { op: 'Abs', inputs: ['plain'], outputs: ['abs'] },
        { op: 'Neg', inputs: ['abs'], outputs: ['minus'] },
        nodes.at(-1)!,
      ],
    });
    await using explainer = await createExplainer(broken, { runtime });
    expect(await errorOf(() => explainer.explain(randomInput()))).to.match(/^not-finite: .*"logits"/);
  });

  it('with a wrong number of labels are a warning', () => {
    const { warnings } = inspectModel(smallNet(), { labels: ['a', 'b'], preprocess: 'imagenet' });
    expect(warnings.map(({ code }) => code)).to.deep.equal(['labels-mismatch']);
  });
});
