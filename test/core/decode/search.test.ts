import { type Caption, createExplainer, type Target } from '@saywhy/core';
import { expect } from 'chai';
import {
  captionNet,
  logitsOf,
  logProbabilities,
  preprocess,
  type Shape,
  smallPicture,
  WORDS,
} from '../../support/caption-nets.js';
import { errorOf } from '../../support/errors.js';
import { relativeError } from '../../support/golden.js';
import { testRuntime } from '../../support/runtime.js';

const BEGIN = 1;
const END = 2;

interface Candidate {
  readonly ids: readonly number[];
  readonly score: number;
  readonly ended: boolean;
}

/** Every caption of at most `length` tokens: those that end, and those that are cut off. */
function everyCaption(seed: number, length: number): Candidate[] {
  const grow = (ids: readonly number[], score: number): Candidate[] => {
    if (ids.length === length) return [{ ids, score, ended: false }];
    const log = logProbabilities(logitsOf(smallPicture(), [BEGIN, ...ids], seed));
    return WORDS.flatMap((_, id) =>
      id === END ? [{ ids, score: score + log[id]!, ended: true }] : grow([...ids, id], score + log[id]!),
    );
  };
  return grow([], 0);
}

function greedy(seed: number, length: number): number[] {
  const ids: number[] = [];
  while (ids.length < length) {
    const logits = logitsOf(smallPicture(), [BEGIN, ...ids], seed);
    const best = logits.indexOf(Math.max(...logits));
    if (best === END) break;
    ids.push(best);
  }
  return ids;
}

const idsOf = ({ words }: Caption) => words.map(({ id }) => id);

describe('captions are decoded', () => {
  for (const shape of ['whole', 'cached', 'next'] as const satisfies readonly Shape[])
    describe(
      {
        whole: 'reading all words at each step',
        cached: 'with a key-value cache',
        next: 'with scores of the next word',
      }[shape],
      () => {
        it('greedily: the highest word at each step', async () => {
          for (const seed of [1, 2, 3, 4]) {
            await using explainer = await createExplainer(captionNet(shape, seed), {
              runtime: testRuntime(),
              preprocess,
            });
            const caption = await explainer.caption(smallPicture(), { maxLength: 4 });
            expect(idsOf(caption), `seed ${seed}`).to.deep.equal(greedy(seed, 4));
            for (const [at, { id, logit, probability }] of caption.words.entries()) {
              const logits = logitsOf(smallPicture(), [BEGIN, ...idsOf(caption).slice(0, at)], seed);
              expect(logit).to.be.closeTo(logits[id]!, 1e-5);
              expect(probability).to.be.closeTo(Math.exp(logProbabilities(logits)[id]!), 1e-6);
            }
          }
        });

        it('with a beam that holds everything: the most probable caption of all', async () => {
          for (const seed of [1, 2, 3, 4]) {
            const all = everyCaption(seed, 3).sort((a, b) => b.score - a.score);
            await using explainer = await createExplainer(captionNet(shape, seed), {
              runtime: testRuntime(),
              preprocess,
            });
            const caption = await explainer.caption(smallPicture(), { maxLength: 3, beam: 250 });
            expect(idsOf(caption), `seed ${seed}`).to.deep.equal(all[0]!.ids);
            expect(caption.ended).to.equal(all[0]!.ended);
          }
        });
      },
    );

  it('a beam finds what greedy decoding misses', async () => {
    for (const seed of [15, 30, 34]) {
      const [best] = everyCaption(seed, 3).sort((a, b) => b.score - a.score);
      await using explainer = await createExplainer(captionNet('whole', seed), { runtime: testRuntime(), preprocess });
      expect(idsOf(await explainer.caption(smallPicture(), { maxLength: 3 }))).to.not.deep.equal(best!.ids);
      expect(idsOf(await explainer.caption(smallPicture(), { maxLength: 3, beam: 5 }))).to.deep.equal(best!.ids);
    }
  });

  it('a cache is fed one token at a time, and gives the same as none', async () => {
    const runtime = testRuntime();
    const fed: [tokens: number, past: number, mask: number][] = [];
    let pictures = 0;
    const watched = {
      ...runtime,
      async createSession(...made: Parameters<typeof runtime.createSession>) {
        const session = await runtime.createSession(...made);
        const sizes = ['tokens', 'past_key_values.0.key', 'attention_mask'];
        return {
          ...session,
          run: (feeds: Parameters<typeof session.run>[0]) => {
            if (feeds.tokens) fed.push(sizes.map((name) => feeds[name]!.dims[1]!) as [number, number, number]);
            else pictures++;
            return session.run(feeds);
          },
        };
      },
    };
    await using a = await createExplainer(captionNet('whole'), { runtime: testRuntime(), preprocess });
    await using b = await createExplainer(captionNet('cached'), { runtime: watched, preprocess });
    for (const beam of [1, 3]) {
      const [one, other] = [
        await a.caption(smallPicture(), { maxLength: 5, beam }),
        await b.caption(smallPicture(), { maxLength: 5, beam }),
      ];
      expect(idsOf(other)).to.deep.equal(idsOf(one));
      expect(other.logProbability).to.be.closeTo(one.logProbability, 1e-6);
      expect(fed.shift()).to.deep.equal([1, 0, 1]);
      expect(fed.length).to.be.greaterThan(1);
      for (const [tokens, past, mask] of fed.splice(0)) expect([tokens, mask]).to.deep.equal([1, past + 1]);
    }
    expect(pictures, 'the same picture is looked at once').to.equal(1);
  });

  it('each word has the same map, however the model reads', async () => {
    const explained = await Promise.all(
      (['whole', 'cached', 'next'] as const).map(async (shape) => {
        await using explainer = await createExplainer(captionNet(shape), { runtime: testRuntime(), preprocess });
        const target: Target[] = [
          { caption: 'red blue dot' },
          { token: 'red' },
          { token: 'dot' },
          { token: 'red', at: 2 },
        ];
        const method = ['grad-cam', 'saliency'];
        return explainer.explain(smallPicture(), { target, method, layer: 'features' });
      }),
    );
    const [whole, cached, next] = explained.map(({ maps }) => maps);
    expect(next!.map(({ method, target }) => `${method} ${target.text}`)).to.deep.equal(
      whole!.map(({ method, target }) => `${method} ${target.text}`),
    );
    for (const [i, { raw, target }] of whole!.entries()) {
      expect(relativeError(cached![i]!.raw.data, raw.data), target.text).to.be.below(1e-5);
      expect(next![i]!.target.value).to.be.closeTo(target.value, 1e-4);
      // Grad-CAM of a sum is no sum of Grad-CAMs: each has a ReLU of its own. Gradients are.
      if (target.text === 'red blue dot' && raw.shape.length === 2) continue;
      expect(relativeError(next![i]!.raw.data, raw.data), target.text).to.be.below(1e-5);
    }
    expect(explained[2]!.caption).to.deep.include({ text: 'red blue dot' });
  });

  it('from a caption that is begun', async () => {
    await using explainer = await createExplainer(captionNet('whole'), { runtime: testRuntime(), preprocess });
    const { words, text } = await explainer.caption({ image: smallPicture(), tokens: 'blue' }, { maxLength: 3 });
    expect(words[0]).to.deep.include({ token: 'blue', at: 0, id: 4 });
    expect(text.startsWith('blue')).to.equal(true);
    const logits = logitsOf(smallPicture(), [BEGIN, 4]);
    const best = logits.indexOf(Math.max(...logits));
    if (best === END) expect(words).to.have.length(1);
    else expect(words[1]!.id).to.equal(best);
  });

  it('tells how far it is, and stops when it is told to', async () => {
    await using explainer = await createExplainer(captionNet('whole', 2), { runtime: testRuntime(), preprocess });
    const steps: number[] = [];
    await explainer.caption(smallPicture(), { maxLength: 4, onProgress: ({ loaded }) => steps.push(loaded) });
    expect(steps[0]).to.equal(0);
    const controller = new AbortController();
    const stopped = explainer.caption(smallPicture(), {
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    });
    expect(
      await stopped.then(
        () => 'finished',
        ({ message }: Error) => message,
      ),
    ).to.equal('enough');
  });

  it('refuses what makes no sense', async () => {
    await using explainer = await createExplainer(captionNet('whole'), { runtime: testRuntime(), preprocess });
    expect(await errorOf(() => explainer.caption(smallPicture(), { beam: 0 }))).to.match(
      /^invalid-argument: `beam`.*0/,
    );
    expect(await errorOf(() => explainer.caption(smallPicture(), { maxLength: 1.5 }))).to.match(
      /^invalid-argument: `maxLength`/,
    );
    expect(await errorOf(() => explainer.caption({ image: smallPicture(), tokens: 'rad' }))).to.match(
      /^unknown-word: .*"rad".*"red"/,
    );
  });
});
