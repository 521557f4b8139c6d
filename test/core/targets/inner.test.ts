import type { Target } from '@saywhy/core';
import { expect } from 'chai';
import { settle } from '../../../packages/core/src/metrics/settle.js';
import { innerTargets, withInner } from '../../../packages/core/src/targets/inner.js';

describe('targets that are made of others', () => {
  const made: readonly Target[] = [
    { not: 'cat' },
    { probability: 3 },
    { logProbability: { token: 'red', at: 1 } },
    { versus: ['cat', { not: 'dog' }] },
  ];

  it('come apart and together again as they were', () => {
    for (const target of made) {
      expect(innerTargets(target)).to.not.be.empty;
      expect(withInner(target, innerTargets(target))).to.deep.equal(target);
    }
    const word = { token: 'red', at: 2, id: 3, logit: 1.5, probability: 0.8 };
    for (const target of ['cat', 3, { top: 2 }, { box: { x: 0, y: 0, width: 1, height: 1 } }, word] as Target[]) {
      expect(innerTargets(target)).to.be.empty;
      expect(withInner(target, [])).to.equal(target);
    }
  });

  it('are settled however deep the top class lies', () => {
    expect(settle({ not: { logProbability: { top: 1 } } }, 7)).to.deep.equal({ not: { logProbability: 7 } });
    expect(settle({ versus: [{ top: 1 }, { probability: { top: 1 } }] }, 7)).to.deep.equal({
      versus: [7, { probability: 7 }],
    });
    expect(settle('cat', 7)).to.equal('cat');
  });
});
