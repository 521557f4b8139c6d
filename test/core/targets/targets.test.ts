import { SaywhyError, type ScoreFunction, type ScoreKind, type Target } from '@saywhy/core';
import { expect } from 'chai';
import { classPredictions as predictionsOf, type Scores } from '../../../packages/core/src/targets/scores.js';
import { relativeError } from '../../support/golden.js';
import { resolveTarget } from '../../support/targets.js';

const labels = ['tench', 'tabby, tabby cat', 'tiger cat', 'crane', 'crane'];

function scores(kind: ScoreKind, values = [0.5, 2, -1, 0.25, 1], own: readonly string[] | undefined = labels): Scores {
  return {
    data: Float32Array.from(values),
    shape: [1, values.length],
    kind,
    normalized: false,
    labels: own,
    listed: true,
  };
}

async function codeOf(run: () => unknown): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (error instanceof SaywhyError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'nothing thrown';
}

/** Central differences of a target's value, in double precision as far as the scores' float32 allows. */
function differences(target: Target, at: Scores): Promise<number[]> {
  const value = async (index: number, step: number) => {
    const [resolved] = await resolveTarget(target, {
      ...at,
      data: at.data.map((x, i) => (i === index ? x + step : x)),
    });
    return resolved!.info.value;
  };
  return Promise.all(
    [...at.data].map(async (_, i) => ((await value(i, 2 ** -8)) - (await value(i, -(2 ** -8)))) / 2 ** -7),
  );
}

describe('targets', () => {
  const resolve = (target: Target, values?: number[]) => resolveTarget(target, scores('softmax', values));
  const texts = async (target: Target) => (await resolve(target)).map(({ info }) => info.text);

  it('finds a class by index, label, label in any case, and one of its names', async () => {
    for (const target of [1, 'tabby, tabby cat', 'TABBY, tabby  CAT', 'tabby', 'Tabby Cat']) {
      const [resolved] = await resolve(target);
      const { info, cotangent } = resolved!;
      expect(info.index).to.equal(1);
      expect(info.value).to.equal(2);
      expect([...cotangent]).to.deep.equal([0, 1, 0, 0, 0]);
    }
  });

  it('says what is near a label that does not exist, and which classes share one that does', async () => {
    expect(await codeOf(() => resolveTarget('tigr cat', scores('softmax')))).to.match(
      /^unknown-label: .*"tigr cat".*"tiger cat"/,
    );
    expect(await codeOf(() => resolveTarget('crane', scores('softmax')))).to.match(/^ambiguous-label: .*3, 4/);
    expect(await codeOf(() => resolveTarget('dog', { ...scores('softmax'), labels: undefined }))).to.match(
      /^no-labels/,
    );
  });

  it('refuses indices and counts that there are not', async () => {
    expect(await codeOf(() => resolveTarget(5, scores('softmax')))).to.match(/^unknown-index: .*5, from 0 to 4/);
    expect(await codeOf(() => resolveTarget(-1, scores('softmax')))).to.match(/^unknown-index/);
    expect(await codeOf(() => resolveTarget(1.5, scores('softmax')))).to.match(/^unknown-index/);
    expect(await codeOf(() => resolveTarget({ top: 0 }, scores('softmax')))).to.match(/^invalid-target/);
    expect(await codeOf(() => resolveTarget({} as Target, scores('softmax')))).to.match(/^invalid-target/);
    expect(await codeOf(() => resolveTarget({ versus: [1, { top: 2 }] }, scores('softmax')))).to.match(
      /^invalid-target/,
    );
    expect(await codeOf(() => resolveTarget({ probability: { not: 1 } }, scores('softmax')))).to.match(
      /^invalid-target/,
    );
  });

  it('takes the top n, highest first, and of equals the first', async () => {
    expect(await texts({ top: 3 })).to.deep.equal(['tabby, tabby cat', 'crane', 'tench']);
    expect((await resolve({ top: 3 })).map(({ info }) => info.index)).to.deep.equal([1, 4, 0]);
    expect((await resolve({ top: 2 }, [1, 1, 1])).map(({ info }) => info.index)).to.deep.equal([0, 1]);
    expect(await resolve({ top: 9 }, [1, 2])).to.have.length(2);
  });

  it('composes: against a class, one rather than another, the probability', async () => {
    const at = scores('softmax');
    const [not] = await resolveTarget({ not: 1 }, at);
    expect(not!.info).to.deep.equal({ text: 'not:tabby, tabby cat', index: 1, label: 'tabby, tabby cat', value: -2 });
    const [versus] = await resolveTarget({ versus: [1, 2] }, at);
    expect(versus!.info).to.deep.equal({ text: 'tabby, tabby cat vs tiger cat', value: 3 });
    expect([...versus!.cotangent]).to.deep.equal([0, 1, -1, 0, 0]);
    const [probability] = await resolveTarget({ probability: { top: 1 } }, at);
    const total = [0.5, 2, -1, 0.25, 1].reduce((sum, x) => sum + Math.exp(x), 0);
    expect(probability!.info.value).to.be.closeTo(Math.exp(2) / total, 1e-12);
  });

  it('its cotangent is the derivative of its value, for every kind of target and score', async () => {
    const square: ScoreFunction = ({ data }) => ({
      value: data[1]! ** 2,
      gradient: data.map((x, i) => (i === 1 ? 2 * x : 0)),
    });
    const later: ScoreFunction = async (scores) => square(scores);
    const targets: Target[] = [
      1,
      { not: 1 },
      { versus: [1, 2] },
      { probability: 1 },
      { not: { probability: 0 } },
      { versus: [{ probability: 1 }, 0] },
      square,
      later,
      { not: { versus: [later, 2] } },
    ];
    for (const kind of ['softmax', 'multilabel'] as const)
      for (const target of targets) {
        const [resolved] = await resolveTarget(target, scores(kind));
        expect(
          relativeError(resolved!.cotangent, await differences(target, scores(kind))),
          `${kind} ${JSON.stringify(target)}`,
        ).to.be.below(1e-4);
      }
    for (const target of [0, 1, { probability: 1 }, { probability: 0 }, { not: 1 }] as Target[]) {
      const at = scores('binary', [0.7], undefined);
      const [resolved] = await resolveTarget(target, at);
      expect(
        relativeError(resolved!.cotangent, await differences(target, at)),
        `binary ${JSON.stringify(target)}`,
      ).to.be.below(1e-4);
    }
  });

  it('keeps its class at other scores: the top one of this picture, not of a changed one', async () => {
    const [top] = await resolveTarget({ top: 1 }, scores('softmax'));
    expect(await top!.value(scores('softmax', [9, 1, 0, 0, 0]))).to.equal(1);
  });

  it('checks what a function gives', async () => {
    const short = (() => ({ value: 1, gradient: new Float32Array(2) })) as Target;
    expect(await codeOf(() => resolveTarget(short, scores('softmax')))).to.match(/^invalid-target: .*5 scores.*2/);
    expect(await codeOf(() => resolveTarget({ probability: 0 }, scores('regression')))).to.match(
      /^invalid-target: A regression/,
    );
  });
});

describe('predictions', () => {
  it('are softmax probabilities that sum to one', () => {
    const predictions = predictionsOf(scores('softmax', [1000, 999, 998]), 3);
    expect(predictions.map(({ index }) => index)).to.deep.equal([0, 1, 2]);
    expect(predictions.reduce((sum, { probability }) => sum + probability!, 0)).to.be.closeTo(1, 1e-12);
    expect(predictions[1]!.probability! / predictions[0]!.probability!).to.be.closeTo(Math.exp(-1), 1e-12);
  });

  it('are a sigmoid each for classes that do not exclude each other', () => {
    const [first] = predictionsOf(scores('multilabel', [0, 3, -3]), 1);
    expect(first).to.deep.include({ index: 1, logit: 3 });
    expect(first!.probability).to.be.closeTo(1 / (1 + Math.exp(-3)), 1e-12);
  });

  it('are yes and no for one logit', () => {
    const both = predictionsOf(scores('binary', [-2], ['healthy', 'ill']), 5);
    expect(both.map(({ label, logit }) => [label, logit])).to.deep.equal([
      ['healthy', 2],
      ['ill', -2],
    ]);
    expect(both[0]!.probability! + both[1]!.probability!).to.be.closeTo(1, 1e-12);
  });

  it('of a regression are values without probabilities', () => {
    expect(predictionsOf(scores('regression', [3.5], ['age']), 5)).to.deep.equal([
      { index: 0, label: 'age', logit: 3.5 },
    ]);
  });
});
