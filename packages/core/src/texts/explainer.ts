// An explainer of a model that reads texts: words become ids on the way in, and captions are decoded where they are not given.
import { throwIfAborted } from '../abort.js';
import { SaywhyError } from '../errors.js';
import { Queue } from '../explain/queue.js';
import { innerTargets } from '../targets/inner.js';
import type {
  Caption,
  CaptionOptions,
  Device,
  Explainer,
  ExplainOptions,
  Explanation,
  GradientResult,
  Input,
  InputInfo,
  ModelInfo,
  OutputOptions,
  OutputTensor,
  PredictionResult,
  PredictOptions,
  SanityCheck,
  SanityCheckOptions,
  Target,
  Tokenizer,
  WordTokenizer,
} from '../types.js';
import { parseTokenizer } from './parse.js';
import { captionIn, idsFor, pointed, type Spoken } from './point.js';
import { asked, explainPrefixes } from './prefixes.js';
import { byName, type Fed, readTexts, textsIn } from './read.js';
import { Speaker } from './speak.js';
import { wordTokenizer } from './words.js';

/**
 * What lets an explainer read texts.
 * @throws SaywhyError `invalid-tokenizer`
 */
export function textsWith(tokenizer: WordTokenizer | Tokenizer | undefined): (inner: Explainer) => Explainer {
  const spec = tokenizer === undefined || 'encode' in tokenizer ? undefined : parseTokenizer(tokenizer);
  const made = spec ? wordTokenizer(spec) : (tokenizer as Tokenizer | undefined);
  return (inner) => new TextExplainer(inner, made, spec);
}

/** What a caption model is asked, with what it was given to have said. */
interface Talk {
  readonly speaker: Speaker;
  readonly spoken: Spoken;
  readonly caption: Caption;
}

class TextExplainer implements Explainer {
  readonly #queue = new Queue();
  #disposing: Promise<void> | undefined;
  readonly model: ModelInfo;

  constructor(
    private readonly inner: Explainer,
    private readonly tokenizer: Tokenizer | undefined,
    spec: WordTokenizer | undefined,
  ) {
    this.model = { ...inner.model, ...(spec && { tokenizer: spec }) };
  }

  get device(): Device {
    return this.inner.device;
  }

  explain(input: Input, options: ExplainOptions = {}): Promise<Explanation> {
    return this.#enqueue(options.signal, async () => {
      const targets = targetsOf(options.target ?? this.#usual);
      const { fed, texts, talk } = await this.#read(input, targets, options);
      if (!talk) return { ...(await this.inner.explain(fed, options)), ...texts };
      const { speaker, spoken, caption } = talk;
      if (!this.#everyRow)
        return {
          ...(await explainPrefixes(this.inner, speaker, spoken, targets, options)),
          predictions: [],
          ...texts,
          caption,
        };
      const { fed: whole, rowOf } = speaker.feed(idsFor(targets, spoken));
      const target = targets.map((one) => pointed(one, spoken, rowOf));
      return { ...(await this.inner.explain(whole, { ...options, target })), ...texts, caption };
    });
  }

  predict(input: Input, options: PredictOptions = {}): Promise<PredictionResult> {
    return this.#enqueue(options.signal, async () => {
      const { fed, texts, talk } = await this.#read(input, [], options);
      if (!talk) return { ...(await this.inner.predict(fed, options)), ...texts };
      const result = await this.inner.predict(talk.speaker.feed(idsFor([], talk.spoken)).fed, options);
      return { ...result, predictions: [], ...texts, caption: talk.caption };
    });
  }

  gradients(
    input: Input,
    options: Pick<ExplainOptions, 'target' | 'layer' | 'signal'> = {},
  ): Promise<readonly GradientResult[]> {
    return this.#enqueue(options.signal, async () => {
      const targets = targetsOf(options.target ?? this.#usual);
      const { fed, talk } = await this.#read(input, targets, options);
      if (!talk) return this.inner.gradients(fed, options);
      const found: GradientResult[] = [];
      for (const target of targets) found.push(...(await this.inner.gradients(...this.#asked(talk, target, options))));
      return found;
    });
  }

  sanityCheck(input: Input, options: SanityCheckOptions = {}): Promise<SanityCheck> {
    return this.#enqueue(options.signal, async () => {
      const target = options.target ?? this.#usual;
      const { fed, talk } = await this.#read(input, [target], options);
      return talk
        ? this.inner.sanityCheck(...this.#asked(talk, target, options))
        : this.inner.sanityCheck(fed, options);
    });
  }

  outputs(input: Input, options: OutputOptions = {}): Promise<Readonly<Record<string, OutputTensor>>> {
    return this.#enqueue(options.signal, async () => {
      const { fed, talk } = await this.#read(input, [], options);
      return this.inner.outputs(talk ? talk.speaker.feed(talk.spoken.ids).fed : fed, options);
    });
  }

  caption(input: Input, options: CaptionOptions = {}): Promise<Caption> {
    const info = this.#captionInput;
    if (!info) return this.inner.caption(input, options);
    return this.#enqueue(options.signal, async () => {
      const given = byName(input, this.model);
      const begun = given[info.name];
      const speaker = this.#speaker(info, readTexts(given, this.model, this.tokenizer));
      const ids = begun === undefined ? [] : idsOf(begun as string, info, this.#known);
      return (await speaker.say(ids, options)).caption;
    });
  }

  async *explainAll(
    inputs: Iterable<Input> | AsyncIterable<Input>,
    options: ExplainOptions = {},
  ): AsyncIterableIterator<Explanation> {
    for await (const input of inputs) yield await this.explain(input, options);
  }

  dispose(): Promise<void> {
    this.#disposing ??= this.#queue.add(() => this.inner.dispose());
    return this.#disposing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  get #captionInput(): InputInfo | undefined {
    return this.model.inputs.find(({ kind }) => kind === 'caption');
  }

  /** What is explained where nothing is asked for. */
  get #usual(): Target {
    return this.#captionInput ? { caption: true } : { top: 1 };
  }

  /** Whether there are scores after each token, and not after the last alone. */
  get #everyRow(): boolean {
    return this.model.scores.shape.length === 3;
  }

  get #known(): Tokenizer {
    if (this.tokenizer) return this.tokenizer;
    throw new SaywhyError(
      'no-tokenizer',
      'Nothing says how captions become ids: pass `tokenizer` when you make the explainer, or the ids themselves.',
    );
  }

  #speaker(info: InputInfo, fed: Fed): Speaker {
    const { [info.name]: _, ...others } = fed;
    return new Speaker(this.inner, info, this.#known, others);
  }

  #asked<O>({ speaker, spoken }: Talk, target: Target, options: O) {
    if (!this.#everyRow) return asked(speaker, spoken, target, options);
    const { fed, rowOf } = speaker.feed(idsFor([target], spoken));
    return [fed, { ...options, target: pointed(target, spoken, rowOf) }] as const;
  }

  /** An input without texts, and for a model that writes captions what it said. */
  async #read(
    input: Input,
    targets: readonly Target[],
    options: CaptionOptions,
  ): Promise<{
    readonly fed: Fed;
    readonly texts?: { texts: Readonly<Record<string, string>> };
    readonly talk?: Talk;
  }> {
    const given = byName(input, this.model);
    const found = textsIn(given, this.model);
    const texts = found && { texts: found };
    const fed = readTexts(given, this.model, this.tokenizer);
    const info = this.#captionInput;
    const own = info && given[info.name];
    // Ids without a tokenizer are fed as they are, and their targets are the caller's to place.
    if (!info || targets.some(isPlaced) || (own !== undefined && typeof own === 'object' && !this.tokenizer))
      return { fed, ...(texts && { texts }) };
    const speaker = this.#speaker(info, fed);
    const { tokenizer } = this;
    const read = (text: string) => tokenizer!.encode(text, false);
    const stated = own === undefined ? captionIn(targets, read) : idsOf(own as string, info, tokenizer!);
    const { ids, caption } = stated
      ? { ids: stated, caption: await speaker.judge(stated, options.signal) }
      : await speaker.say([], options);
    const spoken: Spoken = { ids, text: caption.text, read, word: (id) => tokenizer!.decode([id]) || `<${id}>` };
    return { fed, ...(texts && { texts }), talk: { speaker, spoken, caption } };
  }

  #enqueue<T>(signal: ExplainOptions['signal'], task: () => Promise<T>): Promise<T> {
    if (this.#disposing) return this.#disposing.then(task);
    return this.#queue.add(() => {
      throwIfAborted(signal);
      return task();
    });
  }
}

/** Whether a target says ids and rows: the input is what it was placed in. */
function isPlaced(target: Target): boolean {
  const isSaid = typeof target === 'object' && target !== null && 'said' in target;
  return isSaid || innerTargets(target).some(isPlaced);
}

/** The ids of a caption that is given as a text or as a tensor, without marks and filling. */
function idsOf(
  given: string | { readonly data: ArrayLike<number | bigint> },
  info: InputInfo,
  tokenizer: Tokenizer,
): readonly number[] {
  if (typeof given === 'string') return tokenizer.encode(given, false);
  if (!('shape' in given))
    throw new SaywhyError('invalid-input', `"${info.name}" wants a text, or ${info.type} [${info.shape}].`);
  const marks = [tokenizer.begin, tokenizer.end, tokenizer.pad];
  return Array.from(given.data as ArrayLike<number | bigint>, Number).filter((id) => !marks.includes(id));
}

function targetsOf(target: Target | readonly Target[]): readonly Target[] {
  return Array.isArray(target) ? (target as readonly Target[]) : [target as Target];
}
