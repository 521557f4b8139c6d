import {
  type Caption,
  type CaptionOptions,
  type Explanation,
  type GradientResult,
  type ModelInfo,
  type OutputOptions,
  type OutputTensor,
  type PredictionResult,
  type PredictOptions,
  type Progress,
  type SanityCheck,
  SaywhyError,
} from '@saywhy/core';
import { proxy, transfer } from 'comlink';
import { absolute } from './absolute.js';
import { sendModel } from './models/send.js';
import { ownBuilds } from './own-files.js';
import { PictureSender } from './pictures/send.js';
import { Callables } from './remote/callables.js';
import { Link } from './remote/link.js';
import type { Created, Question } from './remote/protocol.js';
import { unwired } from './remote/wire.js';
import type {
  Explainer,
  ExplainOptions,
  ModelSource,
  SanityCheckOptions,
  WebExplainerOptions,
  WebInput,
} from './types.js';

/**
 * Makes ready to explain a model, in a worker of its own.
 *
 * @throws SaywhyError `no-browser` on a server, `worker-failed`, `wasm-failed`, `device-unavailable`, `fetch-failed`, and what core throws
 */
export async function createExplainer(model: ModelSource, options: WebExplainerOptions = {}): Promise<Explainer> {
  const { worker, assets, cache = true, signal, onProgress, ...others } = options;
  if (signal?.aborted) throw signal.reason;
  if (typeof Worker === 'undefined' || typeof location === 'undefined') throw noBrowser();
  const { tokenizer } = options;
  if (tokenizer && typeof tokenizer === 'object' && 'encode' in tokenizer)
    throw new SaywhyError(
      'invalid-tokenizer',
      'In a page `tokenizer` is a description: { vocabulary, ... }, or the JSON of Hugging Face: { json, config, generation }. With a tokenizer of your own, pass ids: { data, shape }.',
    );
  const sent = sendModel(model);
  const folder = assets === undefined ? undefined : absolute(assets).replace(/\/?$/, '/');
  // A worker that lies elsewhere has the files beside it.
  const files = folder ?? (worker === undefined ? ownBuilds() : undefined);
  const starting = Link.start(worker);
  const link = await aborting(signal, starting, () => {
    starting.then(
      (late) => late.end(signal?.reason),
      () => undefined,
    );
  });
  try {
    const created = await aborting(
      signal,
      link.answer(
        link.host.create(transfer(sent.model, sent.transfer), {
          ...sent.options,
          ...others,
          cache,
          ...(files !== undefined && { assets: files }),
        }),
        onProgress,
      ),
      () => undefined,
    );
    return new WebExplainer(link, unwired(created));
  } catch (error) {
    link.end(error);
    throw error;
  }
}

class WebExplainer implements Explainer {
  readonly model: ModelInfo;
  readonly device: string;
  readonly #pictures = new PictureSender();
  readonly #calls = new Set<Promise<unknown>>();
  #disposing: Promise<void> | undefined;
  #count = 0;

  constructor(
    private readonly link: Link,
    { model, device }: Created,
  ) {
    this.model = model;
    this.device = device;
  }

  explain(input: WebInput, options: ExplainOptions = {}): Promise<Explanation> {
    return this.#ask('explain', input, options);
  }

  predict(input: WebInput, options: PredictOptions = {}): Promise<PredictionResult> {
    return this.#ask('predict', input, options);
  }

  gradients(
    input: WebInput,
    options: Pick<ExplainOptions, 'target' | 'layer' | 'signal'> = {},
  ): Promise<readonly GradientResult[]> {
    return this.#ask('gradients', input, options);
  }

  caption(input: WebInput, options: CaptionOptions = {}): Promise<Caption> {
    return this.#ask('caption', input, options);
  }

  outputs(input: WebInput, options: OutputOptions = {}): Promise<Readonly<Record<string, OutputTensor>>> {
    return this.#ask('outputs', input, options);
  }

  sanityCheck(input: WebInput, options: SanityCheckOptions = {}): Promise<SanityCheck> {
    return this.#ask('sanityCheck', input, options);
  }

  async *explainAll(inputs: Iterable<WebInput> | AsyncIterable<WebInput>, options: ExplainOptions = {}) {
    for await (const input of inputs) yield await this.explain(input, options);
  }

  /** Calls made before it are answered; then the worker ends, and with it all memory that it took. */
  dispose(): Promise<void> {
    this.#disposing ??= Promise.allSettled(this.#calls).then(() => this.link.end(disposed()));
    return this.#disposing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  async #ask<T>(question: Question, input: WebInput, options: AskOptions): Promise<T> {
    if (this.#disposing) throw disposed();
    const { signal } = options;
    if (signal?.aborted) throw signal.reason;
    const id = ++this.#count;
    const call = aborting(signal, this.#send<T>(id, question, input, options), () => void this.link.host.abort(id));
    this.#calls.add(call);
    try {
      return await call;
    } finally {
      this.#calls.delete(call);
    }
  }

  /** Who throws out of a report on the way wants no more of it. */
  #tell(id: number, onProgress: (progress: Progress) => void, progress: Progress): void {
    try {
      onProgress(progress);
    } catch (error) {
      void this.link.host.abort(id);
      throw error;
    }
  }

  async #send<T>(id: number, question: Question, input: WebInput, options: AskOptions): Promise<T> {
    const { signal, onProgress, method, target, ...others } = options as ExplainOptions;
    const callables = new Callables();
    const sent = {
      ...others,
      ...(method !== undefined && { method: callables.methods(method) }),
      ...(target !== undefined && { target: callables.targets(target) }),
    };
    return this.#pictures.send(input, callables.compared, this.model, async ({ transfer: moved, ...outgoing }) => {
      if (signal?.aborted) throw signal.reason;
      const told = onProgress && ((progress: Progress) => signal?.aborted || this.#tell(id, onProgress, progress));
      const callbacks = callables.any ? proxy({ target: callables.target, map: callables.map }) : undefined;
      const call = transfer({ id, question, ...outgoing, options: sent }, moved);
      const wire = await this.link.answer(this.link.host.call(call, callbacks), told, id);
      return unwired(wire, callables.errors) as T;
    });
  }
}

type AskOptions = ExplainOptions | CaptionOptions | OutputOptions;

/** Rejects as soon as the signal says so: the worker stops after the run that it is in. */
async function aborting<T>(signal: AbortSignal | undefined, promise: Promise<T>, stop: () => void): Promise<T> {
  if (!signal) return promise;
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => {
      stop();
      reject(signal.reason);
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

const disposed = () =>
  new SaywhyError('disposed', 'This explainer was disposed of. Make another one with createExplainer.');

const noBrowser = () =>
  new SaywhyError(
    'no-browser',
    'createExplainer of @saywhy/web needs a page in a browser: there is no document or no Worker here. Call it in code that only the browser runs (an effect, an event), or use @saywhy/node on a server.',
  );
