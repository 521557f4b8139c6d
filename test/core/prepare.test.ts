import { readFileSync } from 'node:fs';
import { modules, parseModel, writeModel } from '@saywhy/autodiff';
import { createExplainer, inspectModel } from '@saywhy/core';
import { prepare } from '@saywhy/core/prepare';
import { expect } from 'chai';
import * as ort from 'onnxruntime-node';
import { errorOf } from '../support/errors.js';
import { fixtures, floatsOf, type GoldenArray, readGolden, relativeError } from '../support/golden.js';
import { randomInput, smallNet } from '../support/nets.js';
import { testRuntime } from '../support/runtime.js';

const names = (values: readonly { readonly name: string }[]) => values.map(({ name }) => name);
const preprocess = { channels: 'RGB', layout: 'NCHW', steps: [{ rescale: 2 }] } as const;

describe('prepare', () => {
  it('adds the cotangent, the explained tensors, their gradients, and says so in the metadata', () => {
    const prepared = prepare(smallNet({ end: ['Softmax'] }), {
      wrt: ['hidden', 'auto', 'input'],
      labels: ['a', 'b', 'c', 'd', 'e'],
      preprocess,
    });
    expect(names(prepared.graph.inputs)).to.deep.equal(['input', 'cotangent/logits']);
    expect(names(prepared.graph.outputs)).to.deep.equal([
      'end0',
      'logits',
      'hidden',
      'features',
      'gradient/hidden',
      'gradient/features',
      'gradient/input',
    ]);
    expect(JSON.parse(prepared.metadata.get('saywhy.explain')!)).to.deep.equal({
      scores: 'logits',
      scoreKind: 'softmax',
      outputs: ['end0'],
      layers: [
        { tensor: 'hidden', shape: ['n', 6, 12, 12] },
        { tensor: 'features', shape: ['n', 8, 6, 6] },
        { tensor: 'input', shape: ['n', 3, 12, 12] },
      ],
    });
    expect(JSON.parse(prepared.metadata.get('saywhy.labels')!)).to.deep.equal(['a', 'b', 'c', 'd', 'e']);
    expect(JSON.parse(prepared.metadata.get('saywhy.preprocess')!)).to.deep.equal(preprocess);
    expect(prepared.metadata.get('saywhy.version')).to.match(/^\d+\.\d+\.\d+$/);
  });

  it('runs by itself, and gives what the library gives', async () => {
    const bytes = writeModel(prepare(smallNet({ end: ['Softmax'] }), { wrt: ['features', 'input'] }));
    const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 4 });
    const { data, shape } = randomInput();
    const cotangent = new ort.Tensor('float32', Float32Array.of(0, 0, 1, 0, 0), [1, 5]);
    const results = await session.run({ input: new ort.Tensor('float32', data, shape), 'cotangent/logits': cotangent });
    await using explainer = await createExplainer(smallNet({ end: ['Softmax'] }), { runtime: testRuntime() });
    const expected = await explainer.gradients(randomInput(), { target: 2, layer: ['features', 'input'] });
    for (const { layer, gradient } of expected)
      expect(relativeError(results[`gradient/${layer.tensor}`]!.data as Float32Array, gradient.data)).to.be.below(1e-6);
    await session.release();
  });

  it('is split when it is loaded: the same maps, of prepared and of other layers', async () => {
    const plain = await createExplainer(smallNet(), { runtime: testRuntime() });
    const bytes = writeModel(prepare(smallNet(), { labels: ['a', 'b', 'c', 'd', 'e'] }));
    const runtime = testRuntime();
    const explainer = await createExplainer(bytes, { runtime });
    const options = {
      method: ['grad-cam', 'saliency', 'guided-backprop'],
      layer: ['hidden', 'features'],
      target: [1, 3],
    };
    const expected = await plain.explain(randomInput(), options);
    const found = await explainer.explain(randomInput(), options);
    expect(explainer.model.outputs.map(({ name }) => name)).to.deep.equal(['logits']);
    expect(explainer.model.inputs.map(({ name }) => name)).to.deep.equal(['input']);
    expect(found.predictions[0]!.label).to.be.a('string');
    found.maps.forEach((map, i) => {
      expect(relativeError(map.raw.data, expected.maps[i]!.raw.data)).to.be.below(1e-6);
    });
    await plain.dispose();
    await explainer.dispose();
  });

  it('replaces what an earlier call added, and keeps what it was told', () => {
    const once = prepare(smallNet(), { wrt: 'hidden', labels: ['a', 'b', 'c', 'd', 'e'], preprocess });
    const twice = prepare(writeModel(once), { wrt: ['features'] });
    expect(names(twice.graph.outputs)).to.deep.equal(['logits', 'features', 'gradient/features']);
    expect(names(twice.graph.inputs)).to.deep.equal(['input', 'cotangent/logits']);
    expect(twice.metadata.get('saywhy.labels')).to.equal(once.metadata.get('saywhy.labels'));
    expect(twice.metadata.get('saywhy.preprocess')).to.equal(once.metadata.get('saywhy.preprocess'));
    const back = prepare(writeModel(twice), { wrt: 'hidden' });
    expect(back.graph.nodes).to.deep.equal(once.graph.nodes);
    expect([names(back.graph.inputs), names(back.graph.outputs)]).to.deep.equal([
      names(once.graph.inputs),
      names(once.graph.outputs),
    ]);
    const again = prepare(writeModel(back), { wrt: 'hidden' });
    expect(Buffer.from(writeModel(again)).equals(Buffer.from(writeModel(back)))).to.equal(true);
  });

  it('does not write a guess', () => {
    expect(prepare(smallNet()).metadata.has('saywhy.preprocess')).to.equal(false);
    expect(JSON.parse(prepare(smallNet()).metadata.get('saywhy.explain')!)).to.not.have.property('scoreKind');
  });

  it('takes module paths, `all`, and names the module in the metadata', () => {
    const bytes = readFileSync(new URL('nets/residual.dynamo.onnx', fixtures));
    const { layers } = JSON.parse(prepare(bytes, { wrt: ['features.1'] }).metadata.get('saywhy.explain')!);
    expect(layers).to.have.length(1);
    expect(layers[0]).to.include({ module: 'features.1', tensor: modules(parseModel(bytes)).get('features.1') });
    const all = prepare(bytes, { wrt: 'all' });
    expect(all.graph.outputs.filter(({ name }) => name.startsWith('gradient/'))).to.have.length(
      inspectModel(bytes).layers.length,
    );
  });

  it('another tensor of scores may be asked of a prepared file', async () => {
    const bytes = writeModel(prepare(smallNet({ end: ['Softmax'] })));
    await using explainer = await createExplainer(bytes, { runtime: testRuntime(), scores: 'end0' });
    const [{ gradient }] = (await explainer.gradients(randomInput(), { target: 1 })) as [
      Awaited<ReturnType<typeof explainer.gradients>>[0],
    ];
    await using plain = await createExplainer(smallNet(), { runtime: testRuntime() });
    const expected = await plain.gradients(randomInput(), { target: { probability: 1 } });
    expect(relativeError(gradient.data, expected[0]!.gradient.data)).to.be.below(1e-5);
  });

  it('metadata that is not what it should be is refused by name', async () => {
    const broken = (metadata: Record<string, string>) => () => inspectModel(smallNet({ metadata }));
    expect(await errorOf(broken({ 'saywhy.labels': '[1' }))).to.match(/^invalid-metadata: .*saywhy.labels is not JSON/);
    expect(await errorOf(broken({ 'saywhy.labels': '{"a":1}' }))).to.match(/^invalid-metadata: saywhy.labels/);
    expect(await errorOf(broken({ 'saywhy.explain': '{"scores":1}' }))).to.match(/^invalid-metadata: .*saywhy.explain/);
    expect(await errorOf(broken({ 'saywhy.explain': '{"scores":"logits","outputs":["gone"],"layers":[]}' }))).to.match(
      /^invalid-metadata: .*gone/,
    );
    expect(await errorOf(broken({ 'saywhy.preprocess': '{"steps":[{"blur":3}]}' }))).to.match(/^invalid-preprocess/);
  });

  it('passes the golden input through both files alike', async () => {
    const bytes = readFileSync(new URL('nets/mobile.torchscript.onnx', fixtures));
    const input = readGolden<GoldenArray>('nets/input.json');
    const x = { data: floatsOf(input), shape: input.shape };
    await using plain = await createExplainer(bytes, { runtime: testRuntime() });
    await using prepared = await createExplainer(writeModel(prepare(bytes, { wrt: ['auto', 'input'] })), {
      runtime: testRuntime(),
    });
    const [a, b] = [
      await plain.explain(x, { method: ['grad-cam', 'saliency'] }),
      await prepared.explain(x, { method: ['grad-cam', 'saliency'] }),
    ];
    a.maps.forEach((map, i) => {
      expect(relativeError(b.maps[i]!.raw.data, map.raw.data)).to.be.below(1e-5);
    });
  });
});
