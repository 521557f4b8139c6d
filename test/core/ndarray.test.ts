import { createExplainer } from '@saywhy/core';
import { toNdarray } from '@saywhy/core/ndarray';
import { expect } from 'chai';
import { randomInput, smallNet } from '../support/nets.js';
import { testRuntime } from '../support/runtime.js';

describe('toNdarray', () => {
  it('is a view of a map, or of its raw values', async () => {
    await using explainer = await createExplainer(smallNet(), { runtime: testRuntime() });
    const [map] = (await explainer.explain(randomInput(), { method: 'saliency' })).maps;
    const shown = toNdarray(map!);
    expect(shown.shape).to.deep.equal([12, 12]);
    expect(shown.get(3, 5)).to.equal(map!.data[3 * 12 + 5]);
    expect(shown.data).to.equal(map!.data);
    const raw = toNdarray(map!, { raw: true });
    expect(raw.shape).to.deep.equal([3, 12, 12]);
    expect(raw.get(2, 3, 5)).to.equal(map!.raw.data[2 * 144 + 3 * 12 + 5]);
  });
});
