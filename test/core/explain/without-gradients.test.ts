// Models with an operator that has no derivative: what still works, and what is said of the rest.
import { createExplainer, occlusion } from '@saywhy/core';
import { expect } from 'chai';
import { errorOf } from '../../support/errors.js';
import { relativeError } from '../../support/golden.js';
import { buildModel } from '../../support/model.js';
import { randomInput, smallNet, smallNetSpec } from '../../support/nets.js';
import { testRuntime } from '../../support/runtime.js';

/** An operator of ONNX's other domain, of which the engine has no record: x as it is. */
const strange = {
  op: 'Scaler',
  domain: 'ai.onnx.ml',
  attributes: { offset: { floats: [0] }, scale: { floats: [1] } },
  name: 'the strange one',
} as const;

/** The small net with that in place of a ReLU. */
function withUnknown(place: 'hidden' | 'features'): Uint8Array {
  const spec = smallNetSpec();
  const nodes = spec.nodes.map((node) => (node.outputs[0] === place ? { ...node, ...strange } : node));
  // Nothing but the file says what shape such an operator's result has.
  const outputs = [...spec.outputs, { name: 'hidden', shape: ['n', 6, 12, 12] }];
  return buildModel({ ...spec, nodes, outputs });
}

describe('a model with an operator that gradients cannot pass', () => {
  it('is explained after that operator, which is named otherwise', async () => {
    await using explainer = await createExplainer(withUnknown('hidden'), { runtime: testRuntime() });
    const { model } = explainer;
    expect(model.withoutDerivative).to.have.length(1);
    expect(model.withoutDerivative[0]).to.match(/ai\.onnx\.ml\.Scaler "the strange one"/);
    expect(model.layers.map(({ tensor }) => tensor))
      .to.include('features')
      .and.not.include('a');
    expect(model.layer!.tensor).to.equal('features');
    expect(model.methods).to.include.members(['grad-cam', 'occlusion', 'eigen-cam']).and.not.include('saliency');
    const { maps } = await explainer.explain(randomInput(), { method: ['grad-cam', 'occlusion', 'eigen-cam'] });
    expect(maps.map(({ raw }) => raw.shape)).to.deep.equal([
      [6, 6],
      [12, 12],
      [6, 6],
    ]);
    expect(await errorOf(() => explainer.explain(randomInput(), { method: 'saliency' }))).to.match(
      /^no-rule: (.|\n)*the strange one(.|\n)*occlusion/,
    );
    expect(await errorOf(() => explainer.explain(randomInput(), { layer: 'a' }))).to.match(
      /^not-differentiable: .*"features"/,
    );
    const free = await explainer.explain(randomInput(), { layer: 'a', method: 'eigen-cam' });
    expect(free.maps[0]!.raw.shape).to.deep.equal([12, 12]);
  });

  it('is explained by methods without gradients where nothing lies after it', async () => {
    await using explainer = await createExplainer(atTheEnd(), { runtime: testRuntime() });
    expect(explainer.model).to.not.have.property('layer');
    expect(explainer.model.methods).to.deep.equal(['eigen-cam', 'occlusion']);
    expect(await errorOf(() => explainer.explain(randomInput()))).to.match(/^no-layer: .*occlusion/);
    const { maps } = await explainer.explain(randomInput(), { method: ['occlusion', 'eigen-cam'], target: 1 });
    expect(maps[1]!.layer.tensor).to.equal('features');
  });
});

/** The same operator between the vector and the linear layer. */
function atTheEnd(): Uint8Array {
  const spec = smallNetSpec();
  const nodes = spec.nodes.flatMap((node) =>
    node.op === 'Gemm'
      ? [
          { ...strange, inputs: ['vector'], outputs: ['strange'] },
          { ...node, inputs: ['strange', 'fc.weight', 'fc.bias'] },
        ]
      : [node],
  );
  return buildModel({ ...spec, nodes });
}

describe('occlusion', () => {
  it('is the drop of the score where a patch was covered, the mean over patches', async () => {
    await using explainer = await createExplainer(smallNet({ head: 'flatten' }), { runtime: testRuntime() });
    const input = randomInput();
    const method = occlusion({ size: 4, stride: 4, fill: 0.5 });
    const { maps, predictions } = await explainer.explain(input, { method, target: 1, top: 5 });
    expect(maps[0]!.signed).to.equal(true);
    const base = predictions.find(({ index }) => index === 1)!.logit;
    const expected = new Float32Array(144);
    for (let row = 0; row < 12; row += 4)
      for (let column = 0; column < 12; column += 4) {
        const data = input.data.slice();
        const inside = (i: number) =>
          Math.floor((i % 144) / 12) - row in [0, 1, 2, 3] && (i % 12) - column in [0, 1, 2, 3];
        const covered = data.map((x, i) => (inside(i) ? 0.5 : x));
        const { predictions } = await explainer.predict({ data: covered, shape: input.shape }, { top: 5 });
        const drop = base - predictions.find(({ index }) => index === 1)!.logit;
        for (let i = 0; i < 144; i++) if (inside(i)) expected[i] = drop;
      }
    expect(relativeError(maps[0]!.raw.data, expected)).to.be.below(1e-4);
    expect(Math.min(...maps[0]!.data)).to.be.below(0);
    expect(Math.max(...maps[0]!.data.map(Math.abs))).to.be.closeTo(1, 1e-6);
  });

  it('is the same one by one where the batch is closed', async () => {
    await using open = await createExplainer(smallNet({ batch: 'n' }), { runtime: testRuntime() });
    await using closed = await createExplainer(smallNet({ batch: 1 }), { runtime: testRuntime() });
    const options = {
      method: occlusion({ size: 5, stride: 3 }),
      target: [2, { probability: 2 }, { versus: [1, 2] as const }],
    };
    const [a, b] = [await open.explain(randomInput(), options), await closed.explain(randomInput(), options)];
    a.maps.forEach((map, i) => {
      expect(relativeError(map.raw.data, b.maps[i]!.raw.data)).to.be.below(1e-4);
    });
  });

  it('runs in batches', async () => {
    const runtime = testRuntime();
    await using explainer = await createExplainer(smallNet(), { runtime });
    await explainer.explain(randomInput(), { method: occlusion({ size: 4, stride: 4 }) });
    // 9 patches are two runs of at most 8; the prediction is one.
    expect(runtime.sessions.reduce((total, { runs }) => total + runs, 0)).to.equal(3);
  });

  it('refuses a patch that is none', async () => {
    await using explainer = await createExplainer(smallNet(), { runtime: testRuntime() });
    expect(await errorOf(() => explainer.explain(randomInput(), { method: occlusion({ size: 0 }) }))).to.match(
      /^invalid-argument: .*size/,
    );
    expect(await errorOf(() => explainer.explain(randomInput(), { method: occlusion({ stride: 1.5 }) }))).to.match(
      /^invalid-argument: .*stride/,
    );
  });
});
