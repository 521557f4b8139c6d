import { expect } from 'chai';
import { rankCorrelation } from '../../../packages/core/src/metrics/rank-correlation.js';

describe('rank correlation', () => {
  // scipy.stats.spearmanr(a, b).statistic of SciPy 1.17
  const cases: [number[], number[], number][] = [
    [[3, 1, 4, 1, 5, 9, 2, 6], [2, 7, 1, 8, 2, 8, 1, 8], 0.19885368120992467],
    [[0, 0, 0, 1, 2, 2, 5], [5, 4, 4, 4, 0, 0.5, -1], -0.9126643739222254],
    [[1, 2, 3, 4, 5], [5, 6, 7, 8, 7], 0.8207826816681233],
    [[-1.5, 0, 0, 2.25], [0, -0, 7, -3], -0.5],
    [[0.1, 0.2, 0.3, 0.4], [1, 20, 300, 4000], 1],
  ];
  for (const [a, b, expected] of cases)
    it(`is SciPy's ${expected.toFixed(4)}`, () => {
      expect(rankCorrelation(Float32Array.from(a), Float32Array.from(b))).to.be.closeTo(expected, 1e-12);
      expect(rankCorrelation(Float32Array.from(b), Float32Array.from(a))).to.be.closeTo(expected, 1e-12);
    });

  it('is not a number where one side is constant', () => {
    expect(rankCorrelation(Float32Array.of(1, 1, 1), Float32Array.of(1, 2, 3))).to.be.NaN;
  });
});
