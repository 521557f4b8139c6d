// What a model that writes captions was given to have said, or says itself.
import { cachedDecoder, type Past, presentOf } from '../decode/cached.js';
import { type Decoder, logSoftmax } from '../decode/decoder.js';
import { search } from '../decode/search.js';
import { wholeDecoder } from '../decode/whole.js';
import { SaywhyError } from '../errors.js';
import { type Picture, unchangingPicture } from '../images/picture.js';
import type { Caption, CaptionOptions, CaptionWord, Explainer, InputInfo, TensorInput, Tokenizer } from '../types.js';
import { type Placed, place, tensorsOf } from './place.js';
import { companions, type Fed, spaceOf } from './read.js';

const MOST_WORDS = 32;

/** Talks to a model about one picture. */
export class Speaker {
  readonly #start: readonly number[];

  /** @throws SaywhyError `no-begin` */
  constructor(
    private readonly model: Explainer,
    private readonly input: InputInfo,
    private readonly tokenizer: Tokenizer,
    private readonly fed: Fed,
  ) {
    const { begin } = tokenizer;
    if (begin === undefined)
      throw new SaywhyError('no-begin', 'The tokenizer does not say with which id captions begin: give it as `begin`.');
    this.#start = [begin];
  }

  /** Searches for the most probable caption, or for the best end of one. */
  async say(
    begun: readonly number[],
    options: CaptionOptions,
  ): Promise<{ readonly ids: readonly number[]; readonly caption: Caption }> {
    const { beam = 1, signal, onProgress } = options;
    const { maximum, length = maximum, end } = this.tokenizer;
    const most = options.maxLength ?? (length === undefined ? MOST_WORDS : length - 1);
    for (const [name, value] of Object.entries({ beam, maxLength: most }))
      if (!Number.isInteger(value) || value < 1)
        throw new SaywhyError('invalid-argument', `\`${name}\` is a whole number from 1 on, not ${value}.`);
    const decoder = this.#decoder(signal);
    const first = await this.#words(begun, decoder);
    const { tokens, ended } = await search(decoder, {
      start: [...this.#start, ...begun],
      end,
      beam,
      maxLength: Math.max(1, most - begun.length),
      before: (step) => onProgress?.({ stage: 'run', what: 'words', loaded: step, total: most }),
    });
    const words = [
      ...first,
      ...tokens.map(({ id, logit, logProbability }, i) => this.#word(id, begun.length + i, logit, logProbability)),
    ];
    return { ids: words.map(({ id }) => id), caption: this.#caption(words, ended) };
  }

  /** A caption that was given. */
  async judge(ids: readonly number[], signal: CaptionOptions['signal']): Promise<Caption> {
    return this.#caption(await this.#words(ids, this.#decoder(signal)), true);
  }

  /** A caption as it is fed, and the row of the scores for a word's place in it. */
  feed(ids: readonly number[]): { readonly fed: Fed; readonly rowOf: (at: number) => number } {
    const { tensors, placed } = this.#placed(ids.length === 0 ? this.#start : [...this.#start, ...ids]);
    return { fed: { ...this.fed, ...tensors }, rowOf: (at) => placed.first + at };
  }

  async #words(ids: readonly number[], decoder: Decoder): Promise<readonly CaptionWord[]> {
    if (ids.length === 0) return [];
    const rows = await decoder.all([...this.#start, ...ids.slice(0, -1)]);
    return ids.map((id, at) => {
      const logits = rows[at]!;
      if (logits[id] === undefined)
        throw new SaywhyError('invalid-target', `There is no token ${id}: the model knows ${logits.length}.`);
      return this.#word(id, at, logits[id], logSoftmax(logits)[id]!);
    });
  }

  #word(id: number, at: number, logit: number, logProbability: number): CaptionWord {
    return { token: this.tokenizer.decode([id]), at, id, logit, probability: Math.exp(logProbability) };
  }

  #caption(words: readonly CaptionWord[], ended: boolean): Caption {
    return {
      text: this.tokenizer.decode(words.map(({ id }) => id)),
      words,
      logProbability: words.reduce((sum, { probability }) => sum + Math.log(probability), 0),
      ended,
    };
  }

  #placed(ids: readonly number[], before = 0): { tensors: Record<string, TensorInput>; placed: Placed } {
    const placed = place(ids, this.input, this.tokenizer);
    const { model } = this.model;
    return { placed, tensors: tensorsOf(placed, this.input, companions(this.input, model), spaceOf(model), before) };
  }

  #decoder(signal: CaptionOptions['signal']): Decoder {
    const { inputs, outputs, scores } = this.model.model;
    // The same picture at each step is preprocessed once.
    const fed = Object.fromEntries(
      Object.entries(this.fed).map(([name, value]) => [name, 'width' in value ? frozen(value) : value]),
    );
    const watch = { again: true, ...(signal && { signal }) };
    const caches = inputs.filter(({ kind, type }) => kind === 'past' && type !== 'bool');
    const presents = caches.map(({ name }) => presentOf(name));
    if (caches.length > 0 && presents.every((name) => outputs.some((output) => output.name === name)))
      return cachedDecoder(async (ids, past, before) => {
        const { tensors } = this.#placed(ids, before);
        const flag = inputs.find(({ kind, type }) => kind === 'past' && type === 'bool');
        const found = await this.model.outputs(
          {
            ...fed,
            ...tensors,
            ...past,
            ...(flag && past && { [flag.name]: { data: Uint8Array.of(1), shape: [1], type: 'bool' as const } }),
          },
          { outputs: [scores.tensor, ...presents], ...watch },
        );
        // What a decoder keeps of its encoder does not change, and is not given again.
        const kept = (name: string) => (past && name.includes('.encoder.') ? past[name]! : found[presentOf(name)]!);
        const next: Past = Object.fromEntries(caches.map(({ name }) => [name, kept(name)]));
        return { scores: found[scores.tensor]!, past: next };
      });
    return wholeDecoder(async (ids) => {
      const { tensors, placed } = this.#placed(ids);
      const found = await this.model.outputs({ ...fed, ...tensors }, { outputs: [scores.tensor], ...watch });
      return { scores: found[scores.tensor]!, first: placed.first };
    });
  }
}

function frozen({ data, width, height }: Picture): Picture {
  return unchangingPicture({ data: data.slice(), width, height });
}
