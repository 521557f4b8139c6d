// Captioners with a merged decoder, as Hugging Face Optimum exports them, against the same network without a cache, which ONNX Runtime runs by itself.
import { type Caption, createExplainer, type Input, inspectModel, type Target } from '@saywhy/core';
import { prepare } from '@saywhy/core/prepare';
import { expect } from 'chai';
import { logProbabilities, smallPicture } from '../../support/caption-nets.js';
import { relativeError } from '../../support/golden.js';
import {
  BEGIN,
  captioner,
  END,
  type Export,
  POSITIONS,
  pixelsOf,
  preprocess,
  tokenizer,
  WORDS,
} from '../../support/merged-decoder.js';
import { normal } from '../../support/random.js';
import { type Feed, load } from '../../support/run.js';
import { testRuntime } from '../../support/runtime.js';

const picture = smallPicture();
const pixels = pixelsOf(picture);
const states = () => {
  const next = normal(21);
  return { data: Float32Array.from({ length: 20 * 4 }, () => next()), shape: [1, 20, 4] };
};
const SEEDS = [1, 9, 13, 21, 32, 37];

/** The logits of the next word, of the network without a cache. */
async function reference(kind: Export, seed: number) {
  const plain = await load(captioner({ ...kind, merged: false }, seed));
  const given: Readonly<Record<string, Feed>> = kind.picture
    ? { pixel_values: { data: pixels, shape: [1, 3, 4, 4] } }
    : { encoder_hidden_states: states() };
  const known = new Map<string, number[]>();
  return async (ids: readonly number[]) => {
    const found = known.get(ids.join());
    if (found) return found;
    const { logits } = await plain.run({ ...given, input_ids: { data: ids, shape: [1, ids.length], type: 'int64' } });
    const last = logits!.data.slice(-WORDS.length);
    known.set(ids.join(), last);
    return last;
  };
}
type Logits = Awaited<ReturnType<typeof reference>>;

async function greedy(logitsOf: Logits, length: number): Promise<number[]> {
  const ids: number[] = [];
  while (ids.length < length) {
    const logits = await logitsOf([BEGIN, ...ids]);
    const best = logits.indexOf(Math.max(...logits));
    if (best === END) break;
    ids.push(best);
  }
  return ids;
}

/** The most probable caption of at most `length` words, of all that there are. */
async function best(
  logitsOf: Logits,
  length: number,
): Promise<{ ids: readonly number[]; score: number; ended: boolean }> {
  const grow = async (ids: readonly number[], score: number): ReturnType<typeof best> => {
    if (ids.length === length) return { ids, score, ended: false };
    const log = logProbabilities(await logitsOf([BEGIN, ...ids]));
    const all = await Promise.all(
      WORDS.map(async (_, id) =>
        id === END ? { ids, score: score + log[id]!, ended: true } : grow([...ids, id], score + log[id]!),
      ),
    );
    return all.reduce((a, b) => (b.score > a.score ? b : a));
  };
  return grow([], 0);
}

const idsOf = ({ words }: Caption) => words.map(({ id }) => id);

describe('a merged decoder', () => {
  const exported: readonly (readonly [string, Export])[] = [
    ['with the encoder in the file', { merged: true, picture: true, keeps: true }],
    ['of the encoder’s states, whose keys and values are kept', { merged: true, picture: false, keeps: true }],
    ['of the encoder’s states, which are looked at again', { merged: true, picture: false, keeps: false }],
  ];
  for (const [title, kind] of exported)
    describe(title, () => {
      const stated = { preprocess, tokenizer, labels: WORDS };
      const input: Input = kind.picture ? { pixel_values: picture } : { encoder_hidden_states: states() };
      const seen = kind.picture ? 'pixel_values' : 'encoder_hidden_states';
      /** One that makes it say several words. */
      const wordy = kind.picture ? 21 : 1;
      const open = (seed = wordy, runtime = testRuntime()) =>
        createExplainer(captioner(kind, seed), { runtime, ...stated });

      it('is read by Optimum’s names', () => {
        const { inputs, scores, picture: found } = inspectModel(captioner(kind), stated);
        expect(found).to.equal(seen);
        expect(scores).to.include({ tensor: 'logits', kind: 'softmax' });
        expect(inputs.find(({ name }) => name === 'input_ids')!.kind).to.equal('caption');
        const past = inputs.filter(({ kind }) => kind === 'past').map(({ name }) => name);
        expect(past)
          .to.have.length(kind.keeps ? 9 : 5)
          .and.include('use_cache_branch');
      });

      it('is decoded greedily as without a cache', async () => {
        const lengths = new Set<number>();
        for (const seed of SEEDS) {
          await using explainer = await open(seed);
          const logitsOf = await reference(kind, seed);
          const caption = await explainer.caption(input, { maxLength: 5 });
          lengths.add(caption.words.length);
          expect(idsOf(caption), `seed ${seed}`).to.deep.equal(await greedy(logitsOf, 5));
          for (const [at, { id, logit, probability }] of caption.words.entries()) {
            const logits = await logitsOf([BEGIN, ...idsOf(caption).slice(0, at)]);
            expect(logit).to.be.closeTo(logits[id]!, 1e-4);
            expect(probability).to.be.closeTo(Math.exp(logProbabilities(logits)[id]!), 1e-5);
          }
        }
        expect(Math.max(...lengths)).to.be.above(2);
      });

      it('a beam that holds everything finds the most probable caption of all', async () => {
        for (const seed of SEEDS) {
          await using explainer = await open(seed);
          const expected = await best(await reference(kind, seed), 3);
          const caption = await explainer.caption(input, { maxLength: 3, beam: 250 });
          expect(idsOf(caption), `seed ${seed}`).to.deep.equal(expected.ids);
          expect(caption.ended).to.equal(expected.ended);
          const own = expected.ended
            ? expected.score - logProbabilities(await (await reference(kind, seed))([BEGIN, ...expected.ids]))[END]!
            : expected.score;
          expect(caption.logProbability).to.be.closeTo(own, 1e-5);
        }
      });

      it('is fed one word at a time, with the cache of those before', async () => {
        const runtime = testRuntime();
        const fed: (readonly [branch: number, words: number, past: number, encoder: number])[] = [];
        let encoderRuns = 0;
        const watched = {
          ...runtime,
          async createSession(...made: Parameters<typeof runtime.createSession>) {
            const session = await runtime.createSession(...made);
            return {
              ...session,
              run: (feeds: Parameters<typeof session.run>[0]) => {
                const size = (name: string, axis: number) => feeds[name]?.dims[axis] ?? 0;
                if (!feeds.use_cache_branch) encoderRuns++;
                else
                  fed.push([
                    Number((feeds.use_cache_branch!.data as Uint8Array)[0]),
                    size('input_ids', 1),
                    size(kind.keeps ? 'past_key_values.0.decoder.key' : 'past_key_values.0.key', 2),
                    size('past_key_values.1.encoder.value', 2),
                  ]);
                return session.run(feeds);
              },
            };
          },
        };
        await using explainer = await open(wordy, watched);
        const { words } = await explainer.caption(input, { maxLength: 4, beam: 2 });
        expect(words.length).to.be.above(1);
        expect(encoderRuns, 'the picture is looked at once').to.equal(kind.picture ? 1 : 0);
        const places = kind.picture ? 16 : kind.keeps ? 20 : 0;
        expect(fed.shift()).to.deep.equal([0, 1, 0, 0]);
        expect(fed.length).to.be.above(2);
        for (const [branch, count, past, encoder] of fed) {
          expect([branch, count, encoder]).to.deep.equal([1, 1, places]);
          expect(past).to.be.within(1, 4);
        }
      });

      it('a word and a caption have the gradients of the network without a cache', async () => {
        const target: Target[] = [
          { caption: 'red blue dot' },
          { token: 'red' },
          { token: 'dot' },
          { token: 'red', at: 2 },
          {
            versus: [
              { token: 'dot', at: 2 },
              { token: 'red', at: 1 },
            ],
          },
          { logProbability: { caption: 'red blue dot' } },
        ];
        const layer = kind.picture ? ['features', seen] : [seen];
        await using merged = await open();
        await using plain = await createExplainer(captioner({ ...kind, merged: false }, wordy), {
          runtime: testRuntime(),
          ...stated,
        });
        const [a, b] = [
          await merged.gradients(input, { target, layer }),
          await plain.gradients(input, { target, layer }),
        ];
        expect(a).to.have.length(target.length * layer.length);
        const logitsOf = await reference(kind, wordy);
        expect(a[layer.length]!.target.value).to.be.closeTo((await logitsOf([BEGIN]))[3]!, 1e-5);
        for (const [i, { gradient, target: info, layer: where }] of b.entries()) {
          expect(
            gradient.data.some((x) => x !== 0),
            info.text,
          ).to.equal(true);
          expect(a[i]!.target.value).to.be.closeTo(info.value, 1e-5);
          expect(relativeError(a[i]!.gradient.data, gradient.data), `${info.text} at ${where.name}`).to.be.below(1e-5);
        }
        const method = kind.picture ? ['grad-cam', 'saliency', 'occlusion'] : ['saliency'];
        const [maps, others] = [
          await merged.explain(input, { target, method, layer: layer[0]! }),
          await plain.explain(input, { target, method, layer: layer[0]! }),
        ];
        expect(maps.caption).to.deep.include({ text: 'red blue dot' });
        for (const [i, { raw, method, target: info }] of others.maps.entries())
          expect(relativeError(maps.maps[i]!.raw.data, raw.data), `${method} of ${info.text}`).to.be.below(1e-4);
      });

      it('what it says by itself is explained word by word', async () => {
        await using merged = await open();
        const { words, text } = await merged.caption(input, { maxLength: 4 });
        expect(words).to.not.be.empty;
        const { maps, caption } = await merged.explain(input, { target: [...words], method: 'saliency' });
        expect(maps).to.have.length(words.length);
        expect(caption!.text.startsWith(text) || text.startsWith(caption!.text)).to.equal(true);
        for (const [i, { target }] of maps.entries()) expect(target.value).to.be.closeTo(words[i]!.logit, 1e-4);
      });

      it('a prepared file gives the same', async () => {
        const at = kind.picture ? 'features' : seen;
        const bytes = prepare(captioner(kind, wordy), { wrt: at });
        const target: Target = { caption: 'red blue dot' };
        await using plain = await open();
        await using prepared = await createExplainer(bytes, { runtime: testRuntime(), ...stated });
        const [[a], [b]] = [
          await plain.gradients(input, { target, layer: at }),
          await prepared.gradients(input, { target, layer: at }),
        ];
        expect(a!.gradient.data.some((x) => x !== 0)).to.equal(true);
        expect(relativeError(b!.gradient.data, a!.gradient.data)).to.be.below(1e-6);
      });
    });

  it('a gradient in the branch with a cache is that of finite differences', async () => {
    const model = captioner({ merged: true, picture: false, keeps: false });
    const id = (value: number) => ({ data: BigInt64Array.of(BigInt(value)), shape: [1, 1] });
    const encoder_hidden_states = states();
    await using explainer = await createExplainer(model, { runtime: testRuntime() });
    const names = explainer.model.outputs.flatMap(({ name }) => (name.startsWith('present') ? [name] : []));
    const found = await explainer.outputs({ encoder_hidden_states, input_ids: id(BEGIN) }, { outputs: names });
    const past = Object.fromEntries(
      names.map((name) => [name.replace('present', 'past_key_values'), found[name]!] as const),
    );
    const [{ gradient } = expect.fail('none')] = await explainer.gradients(
      {
        encoder_hidden_states,
        input_ids: id(4),
        ...past,
        use_cache_branch: { data: Uint8Array.of(1), shape: [1], type: 'bool' },
      },
      { target: { said: [{ id: 3, row: 0 }], text: 'red' }, layer: 'encoder_hidden_states' },
    );
    const session = await load(model);
    const direction = Float32Array.from(encoder_hidden_states.data, (_, i) => Math.sin(3 * i));
    const step = 2e-3;
    const logit = async (sign: number) => {
      const { logits } = await session.run({
        ...past,
        encoder_hidden_states: {
          data: encoder_hidden_states.data.map((x, i) => x + sign * step * direction[i]!),
          shape: encoder_hidden_states.shape,
        },
        input_ids: { data: [4], shape: [1, 1], type: 'int64' },
        use_cache_branch: { data: [1], shape: [1], type: 'bool' },
      });
      return logits!.data[3]!;
    };
    const slope = ((await logit(1)) - (await logit(-1))) / (2 * step);
    const expected = gradient.data.reduce((sum, x, i) => sum + x * direction[i]!, 0);
    expect(Math.abs(expected)).to.be.above(0.01);
    expect(slope).to.be.closeTo(expected, 0.02 * Math.abs(expected) + 1e-3);
  });
});

describe('a caption as long as the model has places', () => {
  it('is explained: what follows its last word is not asked for', async () => {
    const model = captioner({ merged: false, picture: true, keeps: false }, 3);
    await using explainer = await createExplainer(model, { runtime: testRuntime(), tokenizer, preprocess });
    const input = { pixel_values: picture };
    const { words } = await explainer.caption(input, { maxLength: POSITIONS });
    expect(words).to.have.length(POSITIONS);
    const ids = words.map(({ id }) => id);
    const mapOf = async (caption: readonly number[], at: number) => {
      const target: Target[] = [{ token: caption[at]!, at }, { caption }];
      const { maps } = await explainer.explain(input, { target, layer: 'features' });
      return maps[0]!.raw.data;
    };
    for (const at of [0, 5, POSITIONS - 1])
      expect(relativeError(await mapOf(ids, at), await mapOf(ids.slice(0, at + 1), at)), `word ${at}`).to.be.below(
        1e-5,
      );
    expect((await explainer.predict({ ...input, input_ids: 'red blue dot' })).caption!.words).to.have.length(3);
  });
});
