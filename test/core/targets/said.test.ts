// Words, captions and logarithms of probabilities: their derivatives against central differences, their values against softmax written out.
import type { Target } from '@saywhy/core';
import { expect } from 'chai';
import { resolveTarget } from '../../../packages/core/src/targets/resolve.js';
import type { Scores } from '../../../packages/core/src/targets/scores.js';
import { errorOf } from '../../support/errors.js';
import { relativeError } from '../../support/golden.js';
import { normal } from '../../support/random.js';

const labels = ['<end>', 'a', 'red', 'circle'];
const next = normal(3);
const data = Float32Array.from({ length: 3 * 4 }, () => 2 * next());
const view = { picture: [4, 4], region: { x: 0, y: 0, width: 4, height: 4 }, input: [4, 4] } as const;

const sequence: Scores = { data, shape: [1, 3, 4], kind: 'softmax', normalized: false, labels, listed: false };
const row: Scores = { data: data.slice(0, 4), shape: [1, 4], kind: 'softmax', normalized: false, labels, listed: true };

const targetValue = async (target: Target, at: Scores) => (await resolveTarget(target, at, view))[0]!.info.value;

async function differences(target: Target, at: Scores): Promise<number[]> {
  const step = 2 ** -8;
  const moved = (i: number, by: number) => ({ ...at, data: at.data.map((x, k) => (k === i ? x + by : x)) });
  const all: number[] = [];
  for (let i = 0; i < at.data.length; i++)
    all.push(((await targetValue(target, moved(i, step))) - (await targetValue(target, moved(i, -step)))) / (2 * step));
  return all;
}

/** In a row of the sequence, written out. */
function log(place: number, id: number): number {
  const logits = data.slice(4 * place, 4 * place + 4);
  return logits[id]! - Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
}

describe('targets of words', () => {
  const targets: readonly Target[] = [
    { token: 'red', at: 1 },
    { token: 3 },
    { caption: [1, 2, 3] },
    {
      said: [
        { id: 2, row: 1 },
        { id: 2, row: 2 },
      ],
      text: 'red red',
    },
    { not: { token: 'red', at: 0 } },
    {
      versus: [
        { token: 'red', at: 1 },
        { token: 'circle', at: 1 },
      ],
    },
    { probability: { token: 'red', at: 1 } },
    { probability: { caption: [1, 2, 3] } },
    { logProbability: { token: 'a', at: 2 } },
    { logProbability: { caption: [1, 2, 3] } },
    { not: { logProbability: { caption: [0, 0] } } },
  ];
  for (const target of targets)
    it(`${JSON.stringify(target)}: the derivative of its value`, async () => {
      const [resolved] = await resolveTarget(target, sequence, view);
      expect(relativeError(resolved!.cotangent, await differences(target, sequence))).to.be.below(1e-4);
    });

  it('are sums of logits, of logarithms, and products of probabilities', async () => {
    expect(await targetValue({ caption: [1, 2, 3] }, sequence)).to.be.closeTo(data[1]! + data[6]! + data[11]!, 1e-6);
    const sum = log(0, 1) + log(1, 2) + log(2, 3);
    expect(await targetValue({ logProbability: { caption: [1, 2, 3] } }, sequence)).to.be.closeTo(sum, 1e-6);
    expect(await targetValue({ probability: { caption: [1, 2, 3] } }, sequence)).to.be.closeTo(Math.exp(sum), 1e-6);
    expect(await targetValue({ token: 'circle' }, sequence)).to.equal(data[11]);
    const [word] = await resolveTarget({ token: 'red', at: 1 }, sequence, view);
    expect(word!.info).to.deep.equal({ text: 'red', index: 2, label: 'red', value: data[6] });
  });

  it('logarithms of probabilities are of classes too', async () => {
    const target = { logProbability: 'red' } as const;
    expect(await targetValue(target, row)).to.be.closeTo(log(0, 2), 1e-6);
    for (const at of [
      row,
      { ...row, kind: 'multilabel' as const },
      { ...row, kind: 'binary' as const, data: row.data.slice(0, 1), shape: [1, 1] },
    ]) {
      const one = at.kind === 'binary' ? { logProbability: 1 } : target;
      const [resolved] = await resolveTarget(one, at, view);
      expect(relativeError(resolved!.cotangent, await differences(one, at)), at.kind).to.be.below(1e-4);
    }
    const far = { ...row, data: Float32Array.of(0, 0, -800, 0) };
    expect(await targetValue(target, far)).to.be.closeTo(-800 - Math.log(3), 1e-3);
    expect(await errorOf(() => targetValue({ logProbability: { not: 1 } }, row))).to.match(
      /^invalid-target: `logProbability`/,
    );
    expect(await errorOf(() => targetValue({ logProbability: 0 }, { ...row, kind: 'regression' }))).to.match(
      /^invalid-target/,
    );
  });

  it('an answer is a class by its label', async () => {
    const [answer] = await resolveTarget({ answer: 'red' }, row, view);
    expect(answer!.info).to.deep.equal({ text: 'red', index: 2, label: 'red', value: row.data[2] });
    expect(await errorOf(() => resolveTarget({ answer: 'rad' }, row, view))).to.match(/^unknown-label: .*"red"/);
  });

  it('refuse what is not there', async () => {
    expect(await errorOf(() => targetValue({ token: 9 }, sequence))).to.match(
      /^invalid-target: There is no token 9 at place 2.*4 tokens at 3 places/,
    );
    expect(await errorOf(() => targetValue({ token: 'red', at: 3 }, sequence))).to.match(/^invalid-target: .*place 3/);
    expect(await errorOf(() => targetValue({ token: 'rad' }, sequence))).to.match(/^unknown-label: .*"red"/);
    expect(await errorOf(() => targetValue({ caption: 'a red circle' }, sequence))).to.match(
      /^invalid-target: .*tokenizer/,
    );
    expect(await errorOf(() => targetValue({ caption: [] }, sequence))).to.match(/^invalid-target/);
  });
});
