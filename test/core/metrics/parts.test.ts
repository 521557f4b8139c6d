// The parts that metrics are made of, on small cases worked out by hand.
import { parseModel } from '@saywhy/autodiff';
import { createExplainer, type ExplanationMap, methods } from '@saywhy/core';
import {
  above,
  baselines,
  boxAround,
  boxOverlap,
  discrimination,
  energyInside,
  entropy,
  evidence,
  gini,
  infidelityOf,
  insideOutside,
  largestSegment,
  learnedWeights,
  maskOf,
  metrics,
  misplaced,
  overlap,
  pointsInside,
  randomizations,
  segmentationIou,
  signedEvidence,
  summarize,
} from '@saywhy/core/metrics';
import { expect } from 'chai';
import { imputed } from '../../../packages/core/src/metrics/impute.js';
import { strongestFirst } from '../../../packages/core/src/metrics/order.js';
import { removedPlaces } from '../../../packages/core/src/metrics/road.js';
import { change } from '../../../packages/core/src/metrics/sensitivity.js';
import { randomInput, smallNet } from '../../support/nets.js';
import { normal } from '../../support/random.js';
import { testRuntime } from '../../support/runtime.js';
import { throwsCode } from '../../support/throws-code.js';

const grid = (rows: readonly string[]) => ({
  data: Float32Array.from([...rows.join('')].map(Number)),
  shape: [rows.length, rows[0]!.length],
});
const maskFrom = (rows: readonly string[]) => {
  const { data, shape } = grid(rows);
  return { data: Uint8Array.from(data), shape };
};
const rowsOf = ({ data, shape }: { readonly data: ArrayLike<number>; readonly shape: readonly number[] }) =>
  Array.from({ length: shape[0]! }, (_, y) =>
    Array.from({ length: shape[1]! }, (_, x) => data[y * shape[1]! + x]).join(''),
  );

describe('the table of metrics', () => {
  it('names each once, with a paper and what it measures', () => {
    expect(new Set(metrics.map(({ name }) => name)).size).to.equal(metrics.length);
    for (const { name, title, what, paper } of metrics) {
      expect(name).to.match(/^[a-z]+(-[a-z]+)*$/);
      expect(paper.url).to.match(/^https:\/\/arxiv\.org\/abs\/\d{4}\.\d{4,5}$/);
      expect([title, what, paper.title].every((text) => text.length > 3)).to.equal(true);
    }
    const known = new Set(methods.map(({ name }) => name));
    for (const { name } of baselines) expect(known.has(name)).to.equal(false);
  });
});

describe('masks', () => {
  it('are what lies under the centre of each cell', () => {
    const region = { x: 10, y: 0, width: 40, height: 20 };
    const mask = maskOf({ boxes: [[20, 0, 40, 10]] }, region, [2, 4]);
    expect(rowsOf(mask)).to.deep.equal(['0110', '0000']);
    // The centres lie at 15, 25, 35, 45 across: a box that ends at 25 has not the second.
    expect(rowsOf(maskOf({ boxes: [[10, 0, 25, 20]] }, region, [2, 4]))).to.deep.equal(['1000', '1000']);
  });

  it('are labels of some things, and nothing beyond the picture', () => {
    const area = { labels: Uint8Array.of(0, 1, 2, 2), width: 2, height: 2 };
    const whole = { x: 0, y: 0, width: 2, height: 2 };
    expect(rowsOf(maskOf({ ...area, ids: [2] }, whole, [2, 2]))).to.deep.equal(['00', '11']);
    expect(rowsOf(maskOf(area, whole, [2, 2]))).to.deep.equal(['01', '11']);
    const padded = { x: -1, y: -1, width: 4, height: 4 };
    expect(rowsOf(maskOf(area, padded, [4, 4]))).to.deep.equal(['0000', '0010', '0110', '0000']);
  });

  it('that cannot be are refused', () => {
    const region = { x: 0, y: 0, width: 2, height: 2 };
    throwsCode(() => maskOf({ boxes: [[1, 0, 1, 2]] }, region, [2, 2]), 'invalid-argument');
    throwsCode(() => maskOf({ labels: new Uint8Array(3), width: 2, height: 2 }, region, [2, 2]), 'invalid-argument');
    throwsCode(() => energyInside(grid(['10']), maskFrom(['1'])), 'invalid-argument');
  });

  it('have boxes around them', () => {
    expect(boxAround(maskFrom(['0000', '0100', '0010']))).to.deep.equal([1, 1, 3, 3]);
    expect(boxAround(maskFrom(['00']))).to.equal(undefined);
    expect(boxOverlap([0, 0, 2, 2], [1, 1, 3, 3])).to.be.closeTo(1 / 7, 1e-12);
    expect(boxOverlap([0, 0, 1, 1], [2, 2, 3, 3])).to.equal(0);
  });
});

describe('what a map shows', () => {
  const map = grid(['9000', '0330', '0000']);

  it('its peak is on the mask, or near it', () => {
    const beside = maskFrom(['0100', '0000', '0000']);
    expect([0, 0.9, 1].map((tolerance) => pointsInside(map, beside, tolerance))).to.deep.equal([false, false, true]);
    expect(pointsInside(grid(['00', '00']), maskFrom(['11', '11'])), 'nothing points at nothing').to.equal(false);
  });

  it('segments hang together at corners', () => {
    expect(rowsOf(largestSegment(maskFrom(['1001', '0101', '0010', '1000'])))).to.deep.equal([
      '1001',
      '0101',
      '0010',
      '0000',
    ]);
    expect(rowsOf(largestSegment(maskFrom(['1011'])))).to.deep.equal(['0011']);
    expect(rowsOf(largestSegment(maskFrom(['11011'])))).to.deep.equal(['11000']);
    expect(rowsOf(above(grid(['00']), 0.15))).to.deep.equal(['00']);
    expect(overlap(maskFrom(['00']), maskFrom(['00']))).to.equal(0);
  });

  it('its box is that of the largest segment above 15 %, and half of it has to fit', () => {
    const wide = maskFrom(['1110', '1110', '0000']);
    expect(misplaced(map, wide)).to.equal(false);
    expect(misplaced(map, maskFrom(['1000', '0000', '0000']))).to.equal(true);
    expect(misplaced(grid(['0000', '0000', '0000']), wide)).to.equal(true);
    expect(segmentationIou(map, wide)).to.equal(3 / 6);
  });

  it('nothing anywhere is worth nothing', () => {
    const [zero, mask] = [grid(['0000']), maskFrom(['1100'])];
    expect(energyInside(zero, mask)).to.equal(0);
    expect(insideOutside(zero, mask)).to.equal(0);
    expect(discrimination(zero, mask, maskFrom(['0011']))).to.equal(0.5);
    expect(gini(zero)).to.equal(0);
    expect(entropy(zero)).to.be.closeTo(Math.log(4), 1e-12);
    expect(insideOutside(grid(['1000']), mask), 'all of it inside').to.equal(Number.POSITIVE_INFINITY);
  });

  it('one place has no entropy and the highest Gini index, an even map the opposite', () => {
    expect(entropy(grid(['0100']))).to.equal(0);
    expect(gini(grid(['0100']))).to.be.closeTo(3 / 4, 1e-12);
    expect(entropy(grid(['1111']))).to.be.closeTo(Math.log(4), 1e-12);
    expect(gini(grid(['1111']))).to.be.closeTo(0, 1e-12);
  });

  it('evidence is what speaks for the target, gradients by their magnitude, not cut', () => {
    const made = (given: Partial<ExplanationMap>) => given as ExplanationMap;
    const signed = made({
      data: Float32Array.of(-1, 0.5),
      shape: [1, 2],
      raw: { data: Float32Array.of(-4, 2), shape: [1, 2] },
      signed: true,
    });
    expect([...evidence(signed).data]).to.deep.equal([0, 0.5]);
    expect([...signedEvidence(signed).data]).to.deep.equal([-1, 0.5]);
    const gradient = made({
      data: Float32Array.of(1, 1),
      shape: [1, 2],
      raw: { data: Float32Array.of(1, -8, -2, 3), shape: [2, 1, 2] },
      signed: false,
    });
    expect([...evidence(gradient).data]).to.deep.equal([0.25, 1]);
  });
});

describe('numbers of metrics', () => {
  it('infidelity has no unit, and is 1 where sums say nothing', () => {
    expect(infidelityOf([1, 2, 3], [2, 4, 6])).to.be.closeTo(0, 1e-12);
    expect(infidelityOf([1, -1], [1, 1])).to.be.closeTo(1, 1e-12);
    expect(infidelityOf([0, 0], [1, 1])).to.equal(1);
    expect(infidelityOf([1, 1], [0, 0])).to.equal(1);
  });

  it('change is relative to the map', () => {
    expect(change(Float32Array.of(3, 4), Float32Array.of(3, 3))).to.be.closeTo(1 / 5, 1e-12);
    expect(change(Float32Array.of(0, 0), Float32Array.of(0, 0))).to.equal(0);
    expect(change(Float32Array.of(0, 0), Float32Array.of(1, 0))).to.equal(Number.POSITIVE_INFINITY);
  });

  it('the strongest places come first, and the seed decides among equals', () => {
    const map = Float32Array.of(0, 3, 0, 7, 0, 0);
    expect([...strongestFirst(map, 1)].slice(0, 2)).to.deep.equal([3, 1]);
    expect([...strongestFirst(map, 1)]).to.deep.equal([...strongestFirst(map, 1)]);
    const ends = new Set(Array.from({ length: 40 }, (_, seed) => strongestFirst(map, seed).at(-1)));
    expect(ends).to.deep.equal(new Set([0, 2, 4, 5]));
    expect(rowsOf({ data: removedPlaces(Uint32Array.of(2, 0, 1, 3), 0.5), shape: [1, 4] })).to.deep.equal(['1010']);
  });

  it('imputed places satisfy their equations, and a plane is filled exactly inside', () => {
    const shape = [1, 20, 24];
    const removed = Uint8Array.from({ length: 480 }, (_, i) => {
      const [x, y] = [i % 24, Math.floor(i / 24)];
      return Number(x > 3 && x < 19 && y > 4 && y < 15);
    });
    const plane = Float32Array.from({ length: 480 }, (_, i) => 2 * (i % 24) - 3 * Math.floor(i / 24));
    const broken = plane.map((value, i) => (removed[i] ? 99 : value));
    const filled = imputed({ data: broken, shape }, removed, 1e-8);
    filled.forEach((value, i) => {
      expect(value).to.be.closeTo(plane[i]!, 1e-3);
    });
  });

  it('bootstrap: the interval of a mean is that of its standard error', () => {
    const next = normal(3);
    const values = Array.from({ length: 400 }, () => 5 + 2 * next());
    const { value, interval, count } = summarize(values, 'mean')!;
    const error = (1.96 * 2) / Math.sqrt(400);
    expect(count).to.equal(400);
    expect(interval![0]).to.be.closeTo(value - error, 0.05);
    expect(interval![1]).to.be.closeTo(value + error, 0.05);
    expect(summarize(values, 'mean'), 'the same seed').to.deep.equal(summarize(values, 'mean'));
    expect(summarize([], 'mean')).to.equal(undefined);
    expect(summarize([4], 'mean')).to.deep.equal({ count: 1, value: 4 });
    const { value: median } = summarize([1, 2, Number.POSITIVE_INFINITY], 'median')!;
    expect(median).to.equal(2);
    expect(summarize([1, 2, 4, 9], 'median')!.value).to.equal(3);
  });
});

describe('randomised models', () => {
  const model = parseModel(smallNet());
  const all = learnedWeights(model, 'logits').reverse();

  it('cascade from the scores on, or are one group at a time', () => {
    const names = (order: 'cascading' | 'independent') =>
      randomizations(model, 'logits', { order, stages: 3 }).map((stage) => stage.names);
    expect(names('cascading')).to.deep.equal([all.slice(0, 2), all.slice(0, 4), all]);
    expect(names('independent')).to.deep.equal([all.slice(0, 2), all.slice(2, 4), all.slice(4)]);
    expect(randomizations(model, 'logits', { order: 'cascading', stages: 99 })).to.have.length(all.length);
  });

  it('are files of their own that say something else', async () => {
    const [stage] = randomizations(model, 'logits', { order: 'cascading', stages: 3 });
    await using plain = await createExplainer(model, { runtime: testRuntime() });
    await using random = await createExplainer(stage!.model(), { runtime: testRuntime() });
    const logits = async (explainer: typeof plain) =>
      (await explainer.predict(randomInput())).predictions.map(({ logit }) => logit);
    expect(await logits(random)).to.not.deep.equal(await logits(plain));
  });
});

describe('baselines', () => {
  it('are another for each picture (random) and none (centre)', async () => {
    await using explainer = await createExplainer(smallNet(), { runtime: testRuntime() });
    const maps = async (seed: number) =>
      (await explainer.explain(randomInput([1, 3, 12, 12], seed), { method: baselines })).maps.map(({ raw }) => raw);
    const [first, same, other] = [await maps(1), await maps(1), await maps(2)];
    expect(first).to.deep.equal(same);
    expect(first[0]!.data).to.not.deep.equal(other[0]!.data);
    expect(first[1]).to.deep.equal(other[1]);
    expect(first[0]!.shape).to.deep.equal([7, 7]);
  });
});
