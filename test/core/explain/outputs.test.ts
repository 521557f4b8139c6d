import { createExplainer } from '@saywhy/core';
import { expect } from 'chai';
import { errorOf } from '../../support/errors.js';
import { randomInput, smallNet } from '../../support/nets.js';
import { testRuntime } from '../../support/runtime.js';

describe('outputs of the model', () => {
  it('are its own, or any tensors by name', async () => {
    await using explainer = await createExplainer(smallNet({ end: ['Softmax'] }), { runtime: testRuntime() });
    const { end0, ...others } = await explainer.outputs(randomInput());
    expect(others).to.deep.equal({});
    const { predictions } = await explainer.predict(randomInput());
    for (const { index, probability } of predictions) expect(end0!.data[index]).to.be.closeTo(probability!, 1e-6);

    const found = await explainer.outputs(randomInput(), { outputs: ['features', 'input', 'logits'] });
    const [gradient] = await explainer.gradients(randomInput(), { layer: 'features' });
    expect(found.features).to.deep.equal(gradient!.activation);
    expect(found.input!.data).to.deep.equal(randomInput().data);
    for (const { index, logit } of predictions) expect(found.logits!.data[index]).to.be.closeTo(logit, 1e-6);
  });

  it('say what they do not find, and no caption comes of a model without texts', async () => {
    await using explainer = await createExplainer(smallNet(), { runtime: testRuntime() });
    expect(await errorOf(() => explainer.outputs(randomInput(), { outputs: ['feature'] }))).to.match(
      /^unknown-tensor: .*"features"/,
    );
    expect(await errorOf(() => explainer.caption(randomInput()))).to.match(/^no-caption/);
  });
});
