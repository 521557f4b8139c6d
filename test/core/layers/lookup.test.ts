import { readFileSync } from 'node:fs';
import { createExplainer } from '@saywhy/core';
import { expect } from 'chai';
import { errorOf } from '../../support/errors.js';
import { fixtures, floatsOf, type GoldenArray, readGolden } from '../../support/golden.js';
import { buildModel, floats } from '../../support/model.js';
import { randomInput, smallNet, smallNetSpec } from '../../support/nets.js';
import { testRuntime } from '../../support/runtime.js';

const input = readGolden<GoldenArray>('nets/input.json');
const x = { data: floatsOf(input), shape: input.shape };
const open = (file: string) =>
  createExplainer(readFileSync(new URL(`nets/${file}`, fixtures)), { runtime: testRuntime() });

describe('layers', () => {
  it('are found by tensor, by module path, and by the end of a path', async () => {
    await using explainer = await open('residual.dynamo.onnx');
    const byPath = await explainer.explain(x, { layer: 'features.1' });
    const byTensor = await explainer.explain(x, { layer: byPath.maps[0]!.layer.tensor });
    expect(byTensor.maps).to.deep.equal(byPath.maps);
    expect(byPath.maps[0]!.layer).to.include({ name: 'features.1', module: 'features.1' });
  });

  it('that do not exist are named with what is near', async () => {
    await using explainer = await open('residual.dynamo.onnx');
    expect(await errorOf(() => explainer.explain(x, { layer: 'featurs.1' }))).to.match(
      /^unknown-tensor: .*"featurs.1".*"features/,
    );
  });

  it('that are no feature maps are refused, with one that is', async () => {
    await using explainer = await createExplainer(smallNet(), { runtime: testRuntime() });
    expect(await errorOf(() => explainer.explain(randomInput(), { layer: 'vector' }))).to.match(
      /^not-a-layer: .*"vector".*"features"/,
    );
    expect(await errorOf(() => explainer.explain(randomInput(), { layer: [] }))).to.match(/^invalid-argument/);
  });

  it('without a gradient are an error that names a layer to use, never a blank map', async () => {
    await using explainer = await open('vit.torchscript.onnx');
    expect(explainer.model.layers.map(({ name }) => name))
      .to.include('blocks.0')
      .and.not.include('blocks.1');
    expect(await errorOf(() => explainer.explain(x, { layer: 'blocks.1', target: 0 }))).to.match(
      /^zero-gradient: .*"blocks.1".*class token.*"blocks.0"/,
    );
  });

  it('that a dead unit cuts off are a zero gradient too', async () => {
    const spec = smallNetSpec();
    // -|x| - 1 is negative, so that the ReLU after it is 0 everywhere.
    const nodes = spec.nodes.flatMap((node) =>
      node.outputs[0] === 'features'
        ? [
            { op: 'Abs', inputs: ['b'], outputs: ['abs'] },
            { op: 'Neg', inputs: ['abs'], outputs: ['neg'] },
            { op: 'Relu', inputs: ['neg'], outputs: ['features'] },
          ]
        : [node],
    );
    await using explainer = await createExplainer(buildModel({ ...spec, nodes }), { runtime: testRuntime() });
    expect(await errorOf(() => explainer.explain(randomInput(), { layer: 'hidden', target: 1 }))).to.match(
      /^zero-gradient: .*"hidden".*"features"/,
    );
    expect(await errorOf(() => explainer.explain(randomInput(), { method: 'saliency', target: 1 }))).to.match(
      /^zero-gradient/,
    );
  });

  it('beside maps that show something a blank one stands, with the reason', async () => {
    const spec = smallNetSpec();
    // The last class's score is a constant.
    const nodes = spec.nodes.flatMap((node) =>
      node.outputs[0] === 'logits'
        ? [
            { ...node, outputs: ['all'] },
            { op: 'Mul', inputs: ['all', 'kept'], outputs: ['logits'] },
          ]
        : [node],
    );
    const kept = floats('kept', [5], [1, 1, 1, 0, 1]);
    const model = buildModel({ ...spec, nodes, initializers: [...(spec.initializers ?? []), kept] });
    await using explainer = await createExplainer(model, { runtime: testRuntime() });
    const { maps, warnings } = await explainer.explain(randomInput(), {
      target: [0, 3],
      method: ['grad-cam', 'grad-cam++', 'saliency'],
    });
    expect(maps.map(({ data }) => data.some((value) => value !== 0))).to.deep.equal([
      true,
      false,
      true,
      false,
      true,
      false,
    ]);
    const reasons = warnings.filter(({ code }) => code === 'zero-gradient').map(({ message }) => message);
    expect(reasons).to.have.length(2);
    expect(reasons[0]).to.match(/"3".*layer "features".*earlier layer or another target/);
    expect(reasons[1]).to.match(/"3".*the picture/);
    expect(warnings.some(({ code }) => code === 'constant-map')).to.equal(false);
    expect(await errorOf(() => explainer.explain(randomInput(), { target: 3 }))).to.match(/^zero-gradient/);
  });

  it('whose gradient is no number are not said to have none', async () => {
    const spec = smallNetSpec();
    // The square root of zero has an infinite slope, to either side.
    const nodes = spec.nodes.flatMap((node) =>
      node.outputs[0] === 'logits'
        ? [
            { ...node, outputs: ['all'] },
            { op: 'Sub', inputs: ['features', 'features'], outputs: ['nothing'] },
            { op: 'Sqrt', inputs: ['nothing'], outputs: ['root'] },
            { op: 'ReduceSum', inputs: ['root'], outputs: ['sum'], attributes: { keepdims: 0 } },
            { op: 'Add', inputs: ['all', 'sum'], outputs: ['logits'] },
          ]
        : [node],
    );
    await using explainer = await createExplainer(buildModel({ ...spec, nodes }), { runtime: testRuntime() });
    expect(await errorOf(() => explainer.explain(randomInput(), { target: 0, layer: 'features' }))).to.match(
      /^not-finite/,
    );
  });

  it('CAM is refused where the head is more than pooling and a linear layer', async () => {
    await using explainer = await createExplainer(smallNet({ head: 'flatten' }), { runtime: testRuntime() });
    expect(explainer.model.methods).to.not.include('cam');
    expect(await errorOf(() => explainer.explain(randomInput(), { method: 'cam' }))).to.match(
      /^not-applicable: .*Grad-CAM/,
    );
    expect(await errorOf(() => explainer.explain(randomInput(), { method: 'gradcam' }))).to.match(
      /^unknown-method: .*"gradcam".*grad-cam/,
    );
  });
});
