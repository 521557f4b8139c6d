// Targets of scores that are no list of classes, against PyTorch and finite differences.
import { type Detection, SaywhyError, type ScoreKind, type Target } from '@saywhy/core';
import { expect } from 'chai';
import { overlap } from '../../../packages/core/src/targets/kinds/detection.js';
import { predictionsOf } from '../../../packages/core/src/targets/predictions.js';
import type { Scores } from '../../../packages/core/src/targets/scores.js';
import { placesIn } from '../../../packages/core/src/targets/terms/region.js';
import type { View } from '../../../packages/core/src/targets/view.js';
import { errorOf } from '../../support/errors.js';
import { distance, floatsOf, type GoldenArray, readGolden, relativeError } from '../../support/golden.js';
import { resolveTarget, view } from '../../support/targets.js';

interface Case {
  readonly title: string;
  readonly kind: ScoreKind;
  readonly scores: GoldenArray;
  readonly boxes?: GoldenArray;
  readonly view?: View;
  readonly target: Target;
  readonly value: number;
  readonly gradient: GoldenArray;
  readonly detection?: Detection;
  readonly channelsLast?: boolean;
}

const cases = readGolden<readonly Case[]>('targets.json');
const read = (array: GoldenArray) => ({ data: floatsOf(array), shape: array.shape });
const scoresOf = ({ kind, scores, boxes, detection, channelsLast = false }: Case): Scores => ({
  ...read(scores),
  kind,
  normalized: false,
  listed: kind === 'embedding' || kind === 'regression',
  channelsLast,
  ...(detection && { detection }),
  ...(boxes && { others: { boxes: read(boxes) } }),
});
const caseOf = (title: string) => cases.find((one) => one.title === title)!;

describe('targets of other kinds of scores', () => {
  for (const one of cases)
    it(`${one.kind}, ${one.title}: PyTorch's value and gradient`, async () => {
      const scores = scoresOf(one);
      const [resolved, ...others] = await resolveTarget(one.target, scores, one.view);
      expect(others).to.deep.equal([]);
      expect(resolved!.info.value).to.be.closeTo(one.value, 1e-6 * Math.max(1, Math.abs(one.value)));
      expect(distance(resolved!.cotangent, one.gradient)).to.be.below(1e-6);
      expect(await resolved!.value(scores)).to.equal(resolved!.info.value);

      // The target stays what it is where scores change a little.
      const step = 2 ** -10;
      const differences = await Promise.all(
        [...scores.data].map(async (_, i) => {
          const at = (sign: number) => ({
            ...scores,
            data: scores.data.map((x, k) => (k === i ? x + sign * step : x)),
          });
          return ((await resolved!.value(at(1))) - (await resolved!.value(at(-1)))) / (2 * step);
        }),
      );
      // Scores are float32, so a step is known to 2 ** -14 of itself.
      expect(relativeError(resolved!.cotangent, differences)).to.be.below(1e-3);
    });

  it('refuses what a kind has not, and says what it has', async () => {
    const segmentation = scoresOf(caseOf('a rectangle'));
    const embedding = scoresOf(caseOf('the cosine to a vector'));
    const regression = scoresOf(caseOf('down'));
    const code = (target: Target, scores: Scores) => errorOf(() => resolveTarget(target, scores));
    expect(await code({ box: { x: 0, y: 0, width: 1, height: 1 } }, segmentation)).to.match(
      /^target-kind: .*detection; .*segmentation.*\{ mask, class \}/,
    );
    expect(await code({ mask: { x: 0, y: 0, width: 1, height: 1 } }, embedding)).to.match(/^target-kind: .*similarTo/);
    expect(await code({ similarTo: [1, 2] }, regression)).to.match(/^target-kind: .*embedding.*regression/);
    expect(await code({ value: 'up' }, segmentation)).to.match(/^target-kind/);
    for (const target of [{ top: 1 }, 'cat', 0, { class: 0 }] as const)
      expect(await code(target, embedding)).to.match(/^target-kind: An embedding has no classes/);
    expect(await code({ similarTo: [1, 2] }, embedding)).to.match(/^invalid-target: .*32 numbers.*has 2/);
    expect(await code({ similarTo: new Float32Array(32) }, embedding)).to.match(/^invalid-target/);
    expect(await code({ value: 'up' }, regression)).to.match(/^invalid-target: The model gives 3 values/);
    expect(await code({ value: 'sideways' as 'up', of: 0 }, regression)).to.match(/^invalid-target: .*sideways/);
    expect(await code(5, segmentation)).to.match(/^unknown-index: .*from 0 to 4/);
    expect(await code({ class: 'dog' }, { ...segmentation, labels: ['sky', 'dogs', 'cat', 'a', 'b'] })).to.match(
      /^unknown-label: .*"dogs"/,
    );
    expect(await code({ probability: 3 }, segmentation)).to.match(/^invalid-target/);
  });

  it('refuses regions that hold nothing or fit nothing', async () => {
    const one = caseOf('a rectangle');
    const code = (target: Target) => errorOf(() => resolveTarget(target, scoresOf(one), one.view));
    expect(await code({ mask: { x: 0, y: 0, width: 3, height: 2 }, class: 1 })).to.match(/^empty-mask/);
    expect(await code({ mask: { data: [1, 1], shape: [1, 2] } })).to.match(/^mask-shape: .*14 x 20.*16 x 24.*4 x 6/);
    expect(await code({ mask: { data: [1], shape: [4, 6] } })).to.match(/^invalid-target/);
    expect(await code({ mask: { x: 0, y: 0, width: -1, height: 2 } })).to.match(/^invalid-target/);
    const never = scoresOf(one);
    never.data.fill(-9, 0, 24);
    expect(await errorOf(() => resolveTarget(0, { ...never, labels: ['sky', 'b', 'c', 'd', 'e'] }, one.view))).to.match(
      /^empty-mask: .*"sky" nowhere.*only "[b-e]"/,
    );
    const boxes = caseOf('sigmoids');
    const away = { box: { x: 500, y: 500, width: 4, height: 4 } };
    expect(await errorOf(() => resolveTarget(away, scoresOf(boxes), boxes.view))).to.match(/^no-candidate: .*box:500/);
    const lost = { ...scoresOf(boxes), others: {} };
    expect(await errorOf(() => resolveTarget(1, { ...lost, shape: [1, 7, 7] }, boxes.view))).to.match(
      /^unsupported-scores/,
    );
  });

  it('a mask of the whole picture is the whole grid where the model sees it all', () => {
    const all = { data: new Uint8Array(200).fill(1), shape: [10, 20] };
    expect([...placesIn(all, [3, 4], view)]).to.deep.equal(new Array(12).fill(1));
    const left = { x: 0, y: 0, width: 10, height: 10 };
    expect([...placesIn(left, [1, 4], view)]).to.deep.equal([1, 1, 0, 0]);
  });

  it('a box that moved is found again, where other scores come with other boxes', async () => {
    const one = caseOf('sigmoids');
    const scores = scoresOf(one);
    const [resolved] = await resolveTarget(one.target, scores, one.view);
    // The same candidates in another order: the value is that of the same box.
    const { data, shape } = scores.others!.boxes!;
    const [, count, classes] = scores.shape as [number, number, number];
    const turned = (values: Float32Array, each: number) =>
      Float32Array.from(values, (_, i) => values[(count - 1 - Math.floor(i / each)) * each + (i % each)]!);
    const other: Scores = {
      ...scores,
      data: turned(scores.data, classes),
      others: { boxes: { data: turned(data, 4), shape } },
    };
    expect(await resolved!.value(other)).to.equal(resolved!.info.value);
  });
});

describe('predictions of other kinds of scores', () => {
  it('of a segmentation are classes by their share of the places, which add up to all', async () => {
    const one = caseOf('a class where it is predicted');
    const scores = scoresOf(one);
    const found = await predictionsOf({ ...scores, labels: ['a', 'b', 'c', 'd', 'e'] }, 9, one.view!);
    expect(found.reduce((sum, { share }) => sum + share!, 0)).to.be.closeTo(1, 1e-12);
    const shares = found.map(({ share }) => share!);
    expect(shares).to.deep.equal([...shares].sort((a, b) => b - a));
    const d = found.find(({ label }) => label === 'd')!;
    expect(d.logit).to.be.closeTo(one.value, 1e-5);
    expect(d).to.not.have.property('probability');
  });

  it('of a detection are boxes in pixels of the picture, the surest first, each thing once', async () => {
    const one = caseOf('sigmoids');
    const scores = scoresOf(one);
    const found = await predictionsOf(scores, 10, one.view!);
    const sure = found.map(({ probability }) => probability!);
    expect(sure).to.deep.equal([...sure].sort((a, b) => b - a));
    const highest = Math.max(...scores.data);
    expect(found[0]!.logit).to.equal(highest);
    expect(sure[0]).to.be.closeTo(1 / (1 + Math.exp(-highest)), 1e-12);
    const at = Math.floor(scores.data.indexOf(highest) / scores.shape[2]!) * 4;
    const [x, y, w, h] = [0, 1, 2, 3].map((i) => scores.others!.boxes!.data[at + i]!) as [
      number,
      number,
      number,
      number,
    ];
    expect(found[0]!.box!.x).to.be.closeTo(4 + 12 * (x - w / 2), 1e-9);
    expect(found[0]!.box!.y).to.be.closeTo(2 + 8 * (y - h / 2), 1e-9);
    expect(found[0]!.box!.width).to.be.closeTo(12 * w, 1e-9);
    for (const [i, a] of found.entries())
      for (const b of found.slice(i + 1)) if (a.index === b.index) expect(overlap(a.box!, b.box!)).to.be.at.most(0.5);
    const tops = await resolveTarget({ top: 10 }, scores, one.view);
    expect(tops.map(({ info }) => info.value)).to.deep.equal(found.map(({ logit }) => logit));
  });

  it('of an embedding are none', async () => {
    expect(await predictionsOf(scoresOf(caseOf('the cosine to a vector')), 5, view)).to.deep.equal([]);
  });

  it('errors of parts that are loaded later are of the one class of errors', async () => {
    try {
      await resolveTarget({ top: 1 }, scoresOf(caseOf('the cosine to a vector')));
      expect.fail('nothing thrown');
    } catch (error) {
      expect(error).to.be.instanceOf(SaywhyError);
    }
  });
});
