// What the page asks for, done: one explainer in one worker.
import {
  type CaptionOptions,
  createExplainer,
  type Explainer,
  type ExplainOptions,
  type Input,
  type OutputOptions,
  type Picture,
  type Progress,
  type SanityCheckOptions,
  SaywhyError,
  type TensorInput,
  type Tokenizer,
  type WordTokenizer,
} from '@saywhy/core';
import { type Remote, releaseProxy, transfer } from 'comlink';
import { loadModel } from '../models/load.js';
import { decodePicture } from '../pictures/decode.js';
import { NOT_KEPT } from '../pictures/shared.js';
import type { Callbacks, Created, Host, SentCall, SentInput, SentModel, SentOptions } from '../remote/protocol.js';
import { type Wire, wired } from '../remote/wire.js';
import { OnnxRuntimeWeb } from '../runtime/index.js';
import { buffersIn } from './buffers.js';
import { readMethods, readTargets } from './callables.js';

export class ExplainerHost implements Host {
  #explainer: Explainer | undefined;
  readonly #pictures = new Map<string, Promise<Picture>>();
  readonly #running = new Map<number, AbortController>();

  /** @param tell hears of the progress of a call, by its number */
  constructor(private readonly tell: (call: number, progress: Progress) => void) {}

  async hello(): Promise<true> {
    return true;
  }

  create(model: SentModel, options: SentOptions): Promise<Wire<Created>> {
    return wired(async () => {
      const { assets, threads, cache, tokenizer, ...others } = options;
      const onProgress = (progress: Progress) => this.tell(0, progress);
      const runtime = new OnnxRuntimeWeb({ assets, threads, onProgress });
      // Both downloads at once; what goes wrong with the runtime is told when it is needed.
      runtime.start(options.device ?? 'auto').catch(() => undefined);
      const [loaded, reader] = await Promise.all([loadModel(model, { cache, onProgress }), readTokenizer(tokenizer)]);
      this.#explainer = await createExplainer(loaded.model, {
        ...others,
        ...(reader && { tokenizer: reader }),
        runtime,
        onProgress,
      });
      // It may take its time: nobody waits for it.
      loaded.keep();
      return { model: this.#explainer.model, device: this.#explainer.device };
    });
  }

  async call(call: SentCall, callbacks?: Remote<Callbacks>): Promise<Wire<unknown>> {
    const controller = new AbortController();
    this.#running.set(call.id, controller);
    try {
      const wire = await wired(async () => {
        const { input, compared } = await this.#takePictures(call);
        const { method, target, ...others } = call.options;
        const options = {
          ...others,
          method: readMethods(method, callbacks),
          target: readTargets(target, callbacks, compared),
          signal: controller.signal,
          onProgress: (progress: Progress) => this.tell(call.id, progress),
        } as ExplainOptions & SanityCheckOptions & CaptionOptions & OutputOptions;
        return this.#explainer![call.question](input, options);
      });
      return 'value' in wire ? transfer(wire, buffersIn(wire.value)) : wire;
    } finally {
      this.#running.delete(call.id);
      callbacks?.[releaseProxy]();
    }
  }

  async abort(id: number): Promise<void> {
    this.#running.get(id)?.abort();
  }

  /** Takes what came with a call, and lets go of what is no longer worth keeping, before anything else can come in between. */
  async #takePictures({ input, compared, keep }: SentCall): Promise<Taken> {
    const taking = [...Object.values(input), ...compared].map((sent) => this.#take(sent));
    for (const key of this.#pictures.keys()) if (!keep.includes(key)) this.#pictures.delete(key);
    const taken = (await Promise.all(taking)) as (Picture | TensorInput)[];
    const names = Object.keys(input);
    const named = Object.fromEntries(names.map((name, i) => [name, taken[i]!]));
    return { input: named[''] ?? named, compared: taken.slice(names.length) };
  }

  #take(sent: SentInput): Promise<Picture | TensorInput | string> {
    if ('text' in sent) return Promise.resolve(sent.text);
    if ('tensor' in sent) return Promise.resolve(sent.tensor as TensorInput);
    const { key, picture, name } = sent;
    const found = picture ? decodePicture(picture, name) : this.#pictures.get(key!);
    if (!found) throw new SaywhyError(NOT_KEPT, `${name} is no longer there.`);
    if (key !== undefined) this.#pictures.set(key, found);
    return found;
  }
}

/** Hugging Face's library is loaded for those that need it. */
async function readTokenizer(given: SentOptions['tokenizer']): Promise<WordTokenizer | Tokenizer | undefined> {
  if (!given || !('json' in given)) return given;
  const { huggingFaceTokenizer } = await import('@saywhy/core/huggingface-tokenizer');
  return huggingFaceTokenizer(given.json, given.config, given.generation);
}

/** What came with a call, decoded. */
interface Taken {
  readonly input: Input;
  readonly compared: readonly (Picture | TensorInput)[];
}
