import { createExplainer } from '@saywhy/core';
import { expect } from 'chai';
import { randomInput, smallNet } from '../../support/nets.js';
import { testRuntime } from '../../support/runtime.js';

describe('progress', () => {
  for (const batch of ['n', 1])
    it(`of changed inputs ends with all of them, batch ${batch}`, async () => {
      await using explainer = await createExplainer(smallNet({ batch }), { runtime: testRuntime() });
      const seen: number[] = [];
      let total = 0;
      await explainer.explain(randomInput(), {
        method: 'occlusion',
        onProgress: (progress) => {
          if (progress.stage !== 'run' || progress.what !== 'changed inputs') return;
          seen.push(progress.loaded);
          total = progress.total;
        },
      });
      expect(total).to.be.above(100);
      expect(seen[0]).to.equal(0);
      expect(seen.at(-1)).to.equal(total);
      expect(seen).to.deep.equal([...new Set(seen)].sort((a, b) => a - b));
    });
});
