// Models that someone else exported with gradient outputs of its own.
import { writeModel } from '@saywhy/autodiff';
import { createExplainer } from '@saywhy/core';
import { prepare } from '@saywhy/core/prepare';
import { expect } from 'chai';
import { errorOf } from '../../support/errors.js';
import { relativeError } from '../../support/golden.js';
import { buildModel, floats, integers, type ModelSpec } from '../../support/model.js';
import { randomInput, smallNet, smallNetSpec } from '../../support/nets.js';
import { testRuntime } from '../../support/runtime.js';

const runtime = testRuntime();
const gradients = { last: { activation: 'features', gradient: 'grad' } };

/** The small net with a hand-written gradient at `features`: the class's weights over 36 places, spread over them. */
function withGradient(selector: 'cotangent' | 'class' | 'top' | 'frozen'): Uint8Array {
  const spec = smallNetSpec();
  const weights = spec.initializers!.find(({ name }) => name === 'fc.weight')!;
  const inputs: Record<typeof selector, ModelSpec['inputs']> = {
    cotangent: [{ name: 'selector', shape: ['n', 5] }],
    class: [{ name: 'selector', shape: [1], type: 'int64' }],
    top: [],
    frozen: [],
  };
  const row: Record<typeof selector, ModelSpec['nodes']> = {
    cotangent: [{ op: 'MatMul', inputs: ['selector', 'fc.weight'], outputs: ['row'] }],
    class: [{ op: 'Gather', inputs: ['fc.weight', 'selector'], outputs: ['row'] }],
    top: [
      { op: 'ArgMax', inputs: ['logits'], outputs: ['best'], attributes: { axis: 1, keepdims: 0 } },
      { op: 'Gather', inputs: ['fc.weight', 'best'], outputs: ['row'] },
    ],
    frozen: [{ op: 'Identity', inputs: ['constant.row'], outputs: ['row'] }],
  };
  return buildModel({
    ...spec,
    inputs: [...spec.inputs, ...inputs[selector]],
    outputs: [...spec.outputs, { name: 'features' }, { name: 'grad' }],
    initializers: [
      ...spec.initializers!,
      floats('places', [1, 1, 6, 6], new Array(36).fill(1 / 36)),
      integers('column.shape', [4], [1, 8, 1, 1]),
      floats('constant.row', [1, 8], weights.floatData.slice(0, 8)),
    ],
    nodes: [
      ...spec.nodes,
      ...row[selector],
      { op: 'Reshape', inputs: ['row', 'column.shape'], outputs: ['column'] },
      { op: 'Mul', inputs: ['column', 'places'], outputs: ['grad'] },
    ],
  });
}

describe('a model with gradients of its own', () => {
  for (const selector of ['cotangent', 'class'] as const)
    it(`that takes a ${selector} gives the maps that derived gradients give`, async () => {
      await using own = await createExplainer(withGradient(selector), { runtime, gradients });
      await using derived = await createExplainer(smallNet(), { runtime });
      expect(own.model.layer).to.include({ name: 'last', tensor: 'features' });
      expect(own.model.methods).to.include('grad-cam').and.not.include('guided-backprop').and.not.include('saliency');
      const options = { target: [1, 3, { top: 1 }], method: ['grad-cam', 'layer-cam', 'occlusion'] };
      const found = await own.explain(randomInput(), options);
      const expected = await derived.explain(randomInput(), options);
      found.maps.forEach((map, i) => {
        expect(relativeError(map.raw.data, expected.maps[i]!.raw.data), map.method).to.be.below(1e-5);
      });
      expect(found.predictions).to.deep.equal(expected.predictions);
    });

  it('that takes a cotangent explains any target; one that takes a class does not', async () => {
    await using any = await createExplainer(withGradient('cotangent'), { runtime, gradients });
    expect((await any.explain(randomInput(), { target: { versus: [1, 2] } })).maps).to.have.length(1);
    await using one = await createExplainer(withGradient('class'), { runtime, gradients });
    expect(await errorOf(() => one.explain(randomInput(), { target: { versus: [1, 2] } }))).to.match(
      /^not-applicable: .*one class/,
    );
  });

  it('of the top class explains that one alone', async () => {
    await using own = await createExplainer(withGradient('top'), { runtime, gradients });
    await using derived = await createExplainer(smallNet(), { runtime });
    const found = await own.explain(randomInput());
    const expected = await derived.explain(randomInput());
    expect(relativeError(found.maps[0]!.raw.data, expected.maps[0]!.raw.data)).to.be.below(1e-5);
    const other = (found.predictions[0]!.index + 1) % 5;
    expect(await errorOf(() => own.explain(randomInput(), { target: other }))).to.match(/^not-applicable: .*top class/);
  });

  it('that the exporter froze is refused', async () => {
    await using own = await createExplainer(withGradient('frozen'), { runtime, gradients });
    const { predictions } = await own.predict(randomInput());
    expect(await errorOf(() => own.explain(randomInput(), { target: predictions[0]!.index }))).to.match(
      /^frozen-gradients: .*"grad"/,
    );
  });

  it('refuses guided methods and outputs that it does not have', async () => {
    await using own = await createExplainer(withGradient('cotangent'), { runtime, gradients });
    expect(await errorOf(() => own.explain(randomInput(), { method: 'guided-backprop' }))).to.match(/^not-applicable/);
    const wrong = { last: { activation: 'feature', gradient: 'grad' } };
    expect(await errorOf(() => createExplainer(withGradient('cotangent'), { runtime, gradients: wrong }))).to.match(
      /^unknown-output: .*"feature".*"features"/,
    );
  });

  it('may be a prepared file whose metadata was lost', async () => {
    const { metadata: _, ...prepared } = prepare(smallNet(), { wrt: ['features', 'input'] });
    const bytes = writeModel({ ...prepared, metadata: new Map() });
    await using own = await createExplainer(bytes, {
      runtime,
      gradients: {
        input: { activation: 'input', gradient: 'gradient/input' },
        features: { activation: 'features', gradient: 'gradient/features' },
      },
    });
    await using derived = await createExplainer(smallNet(), { runtime });
    const options = { method: ['grad-cam', 'saliency', 'input-x-gradient'], target: 2 };
    const [found, expected] = [
      await own.explain(randomInput(), options),
      await derived.explain(randomInput(), options),
    ];
    found.maps.forEach((map, i) => {
      expect(relativeError(map.raw.data, expected.maps[i]!.raw.data), map.method).to.be.below(1e-5);
    });
  });
});
