import { createExplainer, type Explanation, type ExplanationMap } from '@saywhy/core';
import { expect } from 'chai';
import { relativeError } from '../../support/golden.js';
import { randomInput, smallNet } from '../../support/nets.js';
import { testRuntime } from '../../support/runtime.js';

const labels = ['ant', 'bee', 'cat', 'dog', 'elk'];

describe('results of explain', () => {
  it('has a map for each combination of method, layer and target, and one forward run for all', async () => {
    const runtime = testRuntime();
    await using explainer = await createExplainer(smallNet(), { runtime, labels });
    const { maps } = await explainer.explain(randomInput(), {
      method: ['grad-cam', 'layer-cam', 'saliency'],
      layer: ['hidden', 'features'],
      target: ['bee', 'dog'],
    });
    const names = maps.map(({ method, layer, target }) => `${method} ${layer.name} ${target.label}`);
    expect(names).to.have.members([
      'grad-cam hidden bee',
      'grad-cam hidden dog',
      'grad-cam features bee',
      'grad-cam features dog',
      'layer-cam hidden bee',
      'layer-cam hidden dog',
      'layer-cam features bee',
      'layer-cam features dog',
      'saliency input bee',
      'saliency input dog',
    ]);
    // The sessions made on creation were not run; then a forward one once, a backward one once a class.
    expect(runtime.sessions.map(({ runs }) => runs)).to.deep.equal([0, 0, 1, 2]);
  });

  it('several maps at once are those asked for one by one', async () => {
    await using explainer = await createExplainer(smallNet(), { runtime: testRuntime() });
    const combination = {
      method: ['grad-cam', 'saliency', 'guided-backprop', 'hires-cam'],
      layer: ['hidden', 'features'],
      target: [1, { versus: [0, 3] as const }],
    };
    const { maps } = await explainer.explain(randomInput(), combination);
    expect(maps).to.have.length(12);
    let at = 0;
    for (const method of combination.method)
      for (const layer of method === 'saliency' || method === 'guided-backprop' ? ['auto'] : combination.layer)
        for (const target of combination.target) {
          const single = await explainer.explain(randomInput(), { method, layer, target });
          const map = maps[at++]!;
          expect(map.target).to.deep.equal(single.maps[0]!.target);
          expect(relativeError(map.raw.data, single.maps[0]!.raw.data), `${method} ${layer}`).to.be.below(1e-5);
        }
  });

  it('is the same, bit for bit, when asked again', async () => {
    await using explainer = await createExplainer(smallNet(), { runtime: testRuntime() });
    const ask = () => explainer.explain(randomInput(), { method: ['grad-cam', 'guided-grad-cam', 'occlusion'] });
    const [a, b] = [await ask(), await ask()];
    expect(b.maps).to.deep.equal(a.maps);
    expect(b.predictions).to.deep.equal(a.predictions);
  });

  it('is plain data that can be cloned and written as JSON', async () => {
    await using explainer = await createExplainer(smallNet(), { runtime: testRuntime(), labels });
    const explanation = await explainer.explain(randomInput(), { method: ['grad-cam', 'saliency'] });
    const copy = structuredClone(explanation);
    expect(copy).to.deep.equal(explanation);
    const { maps, ...rest } = JSON.parse(JSON.stringify(explanation)) as Explanation;
    expect(rest.predictions[0]).to.have.all.keys('index', 'label', 'logit', 'probability');
    expect(maps[0]!.range).to.have.length(2);
    expect(structuredClone(explainer.model)).to.deep.equal(explainer.model);
  });

  it('owns its data: a later call does not change an earlier result', async () => {
    await using explainer = await createExplainer(smallNet(), { runtime: testRuntime() });
    const first = await explainer.explain(randomInput(), { method: ['grad-cam', 'saliency'] });
    const before = structuredClone(first);
    await explainer.explain(randomInput(undefined, 99), { method: ['grad-cam', 'saliency'] });
    expect(first).to.deep.equal(before);
  });

  it('takes top-n as n targets and gives as many predictions as asked for', async () => {
    await using explainer = await createExplainer(smallNet(), { runtime: testRuntime(), labels });
    const { maps, predictions } = await explainer.explain(randomInput(), { target: { top: 3 }, top: 2 });
    expect(predictions).to.have.length(2);
    expect(maps.map(({ target }) => target.index).slice(0, 2)).to.deep.equal(predictions.map(({ index }) => index));
    expect(maps).to.have.length(3);
    expect((await explainer.predict(randomInput())).predictions).to.have.length(5);
  });

  it('warns of a constant map, which is zeros, never stretched noise', async () => {
    await using explainer = await createExplainer(smallNet(), { runtime: testRuntime() });
    const flat = { name: 'flat', title: 'Flat', paper: { title: '', url: '' }, needs: [], signed: false };
    const { maps, warnings } = await explainer.explain(randomInput(), {
      method: [{ ...flat, map: () => ({ data: new Float32Array(4).fill(1e-9), shape: [2, 2] }) }],
    });
    expect(new Set(maps[0]!.data)).to.deep.equal(new Set([0]));
    expect(warnings.map(({ code }) => code)).to.deep.equal(['constant-map']);
    const noise = { ...flat, map: () => ({ data: Float32Array.of(1, 1 + 2 ** -23, 1, 1), shape: [2, 2] }) };
    const noisy = await explainer.explain(randomInput(), { method: noise });
    expect(new Set(noisy.maps[0]!.data)).to.deep.equal(new Set([0]));
  });

  it('scales a map with a sign by its largest magnitude', async () => {
    await using explainer = await createExplainer(smallNet({ size: 2 }), { runtime: testRuntime() });
    const signed = {
      name: 'mine',
      title: 'Mine',
      paper: { title: '', url: '' },
      needs: ['input'] as const,
      signed: true,
      map: () => ({ data: Float32Array.of(-4, 2, 0, 1), shape: [2, 2] }),
    };
    const { maps } = await explainer.explain(randomInput([1, 3, 2, 2]), { method: signed });
    const [map] = maps as [ExplanationMap];
    expect([...map.data]).to.deep.equal([-1, 0.5, 0, 0.25]);
    expect(map.range).to.deep.equal([-4, 4]);
    expect(map.signed).to.equal(true);
  });

  it('carries the warnings of methods', async () => {
    await using explainer = await createExplainer(smallNet(), { runtime: testRuntime() });
    const { warnings } = await explainer.explain(randomInput(), {
      method: ['guided-grad-cam', 'guided-backprop', 'eigen-cam'],
    });
    expect(warnings.map(({ code }) => code)).to.deep.equal(['fails-sanity-checks', 'class-agnostic']);
  });
});
