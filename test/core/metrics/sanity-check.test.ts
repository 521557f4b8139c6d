import { readFileSync } from 'node:fs';
import { createExplainer, type SanityCheckOptions } from '@saywhy/core';
import { loadPicture } from '@saywhy/node';
import { expect } from 'chai';
import { errorOf } from '../../support/errors.js';
import { buildModel } from '../../support/model.js';
import { randomInput, smallNet } from '../../support/nets.js';
import { testRuntime } from '../../support/runtime.js';

describe('the sanity check', () => {
  it('compares a map with that of the model with other weights, at the same class and layer', async () => {
    await using explainer = await createExplainer(smallNet(), { runtime: testRuntime() });
    const { maps } = await explainer.explain(randomInput(), { method: 'layer-cam', layer: 'hidden' });
    const check = await explainer.sanityCheck(randomInput(), { method: 'layer-cam', layer: 'hidden', share: 1 });
    expect(check.original).to.deep.equal(maps[0]);
    expect(check.map.layer).to.deep.equal(check.original.layer);
    expect(check.map.target.index).to.equal(check.original.target.index);
    expect(check.map.target.value, 'the score is another').to.not.be.closeTo(check.original.target.value, 0.05);
    expect(check.map.raw.data).to.not.deep.equal(check.original.raw.data);
    expect(check.similarity).to.be.within(-1, 1);
    expect([check.seed, check.share]).to.deep.equal([0, 1]);
    expect(structuredClone(check)).to.deep.equal(check);
  });

  it('is the same for the same seed, and the randomised model is made once', async () => {
    const runtime = testRuntime();
    const explainer = await createExplainer(smallNet(), { runtime });
    const ask = (options: SanityCheckOptions) =>
      explainer.sanityCheck(randomInput(), { method: 'saliency', ...options });
    const first = await ask({ seed: 5 });
    const made = runtime.sessions.length;
    expect(await ask({ seed: 5 })).to.deep.equal(first);
    expect(runtime.sessions).to.have.length(made);
    const other = await ask({ seed: 6 });
    expect(other.map.raw.data).to.not.deep.equal(first.map.raw.data);
    expect(runtime.sessions.filter(({ released }) => released).length, 'the first one is given back').to.be.above(0);
    expect((await ask({ seed: 5 })).map).to.deep.equal(first.map);
    await explainer.dispose();
    expect(runtime.sessions.every(({ released }) => released)).to.equal(true);
  });

  it('settles the top class on the model as it is', async () => {
    await using explainer = await createExplainer(smallNet(), { runtime: testRuntime() });
    const { predictions } = await explainer.predict(randomInput());
    const top = predictions[0]!.index;
    const targets = [
      { top: 1 },
      { not: { top: 1 } },
      { probability: { top: 1 } },
      { versus: [{ top: 1 }, 0] },
    ] as const;
    for (const target of targets)
      for (const seed of [1, 2, 3]) {
        const { map, original } = await explainer.sanityCheck(randomInput(), {
          method: 'saliency',
          target,
          seed,
          share: 1,
        });
        expect(map.target.text).to.equal(original.target.text).and.to.include(String(top));
      }
  });

  it('a constant map is like nothing, with a warning', async () => {
    await using explainer = await createExplainer(smallNet(), { runtime: testRuntime() });
    const method = {
      name: 'flat',
      title: 'Flat',
      paper: { title: 'none', url: 'https://example.org' },
      needs: ['activations'] as const,
      signed: false,
      map: () => ({ data: new Float32Array(36), shape: [6, 6] }),
    };
    const check = await explainer.sanityCheck(randomInput(), { method });
    expect(check.similarity).to.equal(0);
    expect(
      check.warnings.filter(({ code, message }) => code === 'constant-map' && /similarity is 0/.test(message)),
    ).to.have.length(1);
  });

  it('refuses what is not one map, and seeds and shares that are none', async () => {
    await using explainer = await createExplainer(smallNet(), { runtime: testRuntime() });
    const cases: SanityCheckOptions[] = [
      { target: { top: 2 } },
      { method: ['saliency', 'grad-cam'] as unknown as string },
      { target: [1] as unknown as number },
      { seed: 0.5 },
      { share: 0 },
      { share: 1.5 },
    ];
    for (const options of cases)
      expect(await errorOf(() => explainer.sanityCheck(randomInput(), options)), JSON.stringify(options)).to.match(
        /^invalid-argument/,
      );
  });

  it('needs weights to randomise', async () => {
    const bare = buildModel({
      opset: 17,
      inputs: [{ name: 'input', shape: ['n', 3, 12, 12] }],
      outputs: [{ name: 'logits' }],
      nodes: [
        { op: 'Relu', inputs: ['input'], outputs: ['features'] },
        { op: 'GlobalAveragePool', inputs: ['features'], outputs: ['pooled'] },
        { op: 'Flatten', inputs: ['pooled'], outputs: ['logits'] },
      ],
    });
    await using explainer = await createExplainer(bare, { runtime: testRuntime() });
    expect(await errorOf(() => explainer.sanityCheck(randomInput()))).to.match(/^not-applicable: .*weights/);
  });

  it('stops when it is aborted', async () => {
    await using explainer = await createExplainer(smallNet(), { runtime: testRuntime() });
    const controller = new AbortController();
    const reason = new Error('enough');
    const onProgress = ({ stage }: { stage: string }) => stage === 'prepare' && controller.abort(reason);
    const stopped = await explainer
      .sanityCheck(randomInput(), { signal: controller.signal, onProgress })
      .catch((error: unknown) => error);
    expect(stopped).to.equal(reason);
    expect((await explainer.sanityCheck(randomInput(), { method: 'saliency' })).similarity).to.be.within(-1, 1);
  });

  it('of the bundled model: Grad-CAM passes and guided backpropagation fails, as Adebayo et al. found', async () => {
    const bytes = readFileSync(new URL('../../../models/efficientnet-lite0.onnx', import.meta.url));
    const picture = await loadPicture(new URL('../../../samples/dog.jpg', import.meta.url));
    await using explainer = await createExplainer(bytes, { runtime: testRuntime() });
    const similarity = async (method: string) => (await explainer.sanityCheck(picture, { method, seed: 2 })).similarity;
    expect(await similarity('guided-backprop')).to.be.above(0.7);
    expect(Math.abs(await similarity('grad-cam'))).to.be.below(0.3);
    expect(await similarity('saliency')).to.be.below(0.5);
  }).timeout(60_000);
});
