import { expect } from 'chai';
import fc from 'fast-check';
import {
  discriminating,
  planDiscrimination,
  planTrust,
  type Thing,
  trusted,
} from '../../../packages/web/demo/src/judge/plan.js';
import { isRight, scoreOf, studentQuantile, tally, wilson } from '../../../packages/web/demo/src/judge/tally.js';

const things: readonly Thing[] = Array.from({ length: 6 }, (_, i) => ({
  picture: `${i}.jpg`,
  // Two of them are of one class: they are never to be told apart.
  index: Math.min(i, 4),
  name: `thing ${i}`,
}));

const counts = (values: readonly unknown[]): number[] =>
  [...new Set(values)].map((value) => values.filter((other) => other === value).length);

describe('A study of people', () => {
  it('is decided by its seed', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(40), (seed, count) => {
        expect(planDiscrimination(things, count, seed)).to.deep.equal(planDiscrimination(things, count, seed));
        expect(planTrust(things, count, seed)).to.deep.equal(planTrust(things, count, seed));
      }),
    );
    const [one, other] = [1, 2].map((seed) => planDiscrimination(things, 20, seed));
    expect(one).to.not.deep.equal(other);
  });

  it('asks about every method as often as about any other, and never about two pictures of one class', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 60 }), (seed, count) => {
        const trials = planDiscrimination(things, count, seed);
        expect(trials).to.have.length(count);
        const often = counts(trials.map(({ method }) => method));
        expect(Math.max(...often) - Math.min(...often)).to.be.at.most(1);
        if (count >= discriminating.length) expect(often).to.have.length(discriminating.length);
        for (const { things: pair, offered } of trials) {
          expect(pair[0].index).to.not.equal(pair[1].index);
          expect([...offered].sort()).to.deep.equal([0, 1]);
        }
        expect(counts(planTrust(things, 3 * trusted.length, seed).map(({ method }) => method))).to.deep.equal([
          3, 3, 3,
        ]);
      }),
    );
  });

  it('leaves the place of the right answer to chance', () => {
    const places = Array.from({ length: 50 }, (_, seed) => planDiscrimination(things, 20, seed))
      .flat()
      .map(({ offered, shown }) => offered.indexOf(shown));
    const first = places.filter((place) => place === 0).length / places.length;
    // Five standard deviations of a fair coin.
    expect(Math.abs(first - 0.5)).to.be.lessThan((5 * 0.5) / Math.sqrt(places.length));
  });

  it('counts right answers, and scores for the better model', () => {
    const [trial] = planDiscrimination(things, 1, 3) as [ReturnType<typeof planDiscrimination>[0]];
    const right = trial.offered.indexOf(trial.shown);
    const of = (answer: number) => ({ trial, answer, milliseconds: 1 });
    expect([isRight(of(right)), isRight(of(1 - right))]).to.deep.equal([true, false]);
    const rows = tally([of(right), of(1 - right), of(right)], discriminating);
    expect(rows).to.have.length(1);
    expect(rows[0]).to.include({ method: trial.method, asked: 3, right: 2 });

    const trust = { study: 'trust', method: 'grad-cam', thing: things[0]!, order: [1, 0] } as const;
    const scores = [-2, 1, 0].map((answer) => scoreOf({ trial: trust, answer, milliseconds: 1 }));
    expect(scores).to.deep.equal([2, -1, 0]);
    const [row] = tally(
      [-2, -1].map((answer) => ({ trial: trust, answer, milliseconds: 1 })),
      trusted,
    );
    expect(row!.mean).to.equal(1.5);
    // Student's interval of two values, 1.5 ± 12.706 · 0.5, ends where the scale does.
    expect(row!.interval).to.deep.equal([-2, 2]);
  });

  it('says how sure it is: Wilson’s interval and Student’s quantiles as the tables have them', () => {
    // statsmodels.stats.proportion.proportion_confint(8, 10, method='wilson'); (0, 5); scipy.stats.t.ppf(0.975, n).
    const cases = [
      [wilson(8, 10), [0.4901625, 0.9433178]],
      [wilson(0, 5), [0, 0.4344825]],
    ] as const;
    for (const [found, expected] of cases)
      expected.forEach((value, i) => {
        expect(found[i]).to.be.closeTo(value, 1e-6);
      });
    for (const [freedom, quantile] of [
      [1, 12.706],
      [10, 2.228],
      [15, 2.131],
      [39, 2.0227],
    ] as const)
      expect(studentQuantile(freedom), String(freedom)).to.be.closeTo(quantile, 2e-3);
  });
});
