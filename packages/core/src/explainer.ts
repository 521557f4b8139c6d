// The object that users hold: it queues calls, and frees what they opened.

import { throwIfAborted } from './abort.js';
import { SaywhyError } from './errors.js';
import type { Core } from './explain/core.js';
import { explain } from './explain/explain.js';
import { Queue } from './explain/queue.js';
import type { Remake, SanityChecks } from './metrics/sanity-check.js';
import type { SessionStore } from './sessions/store.js';
import type {
  Caption,
  Device,
  Explainer,
  ExplainOptions,
  Explanation,
  GradientResult,
  Input,
  ModelInfo,
  OutputOptions,
  OutputTensor,
  PredictionResult,
  PredictOptions,
  SanityCheck,
  SanityCheckOptions,
} from './types.js';

export class ModelExplainer implements Explainer {
  readonly #queue = new Queue();
  #disposing: Promise<void> | undefined;
  /** Loaded when they are first asked for. */
  #checks: Promise<SanityChecks> | undefined;

  constructor(
    private readonly core: Core,
    private readonly store: SessionStore,
    private readonly remake: Remake,
  ) {}

  get model(): ModelInfo {
    return this.core.info;
  }

  get device(): Device {
    return this.core.device;
  }

  explain(input: Input, options: ExplainOptions = {}): Promise<Explanation> {
    return this.#enqueue(options.signal, () => explain(this.core, input, options));
  }

  predict(input: Input, options: PredictOptions = {}): Promise<PredictionResult> {
    return this.#enqueue(options.signal, async () => {
      const { predict } = await import('./explain/predict.js');
      return predict(this.core, input, options);
    });
  }

  gradients(
    input: Input,
    options: Pick<ExplainOptions, 'target' | 'layer' | 'signal'> = {},
  ): Promise<readonly GradientResult[]> {
    return this.#enqueue(options.signal, async () => {
      const { gradients } = await import('./explain/gradients.js');
      return gradients(this.core, input, options);
    });
  }

  outputs(input: Input, options: OutputOptions = {}): Promise<Readonly<Record<string, OutputTensor>>> {
    return this.#enqueue(options.signal, async () => {
      const { outputs } = await import('./explain/outputs.js');
      return outputs(this.core, this.store, input, options);
    });
  }

  caption(): Promise<Caption> {
    return Promise.reject(
      new SaywhyError('no-caption', 'This model writes no captions: none of its inputs takes a text.'),
    );
  }

  async *explainAll(
    inputs: Iterable<Input> | AsyncIterable<Input>,
    options: ExplainOptions = {},
  ): AsyncIterableIterator<Explanation> {
    for await (const input of inputs) yield await this.explain(input, options);
  }

  sanityCheck(input: Input, options: SanityCheckOptions = {}): Promise<SanityCheck> {
    return this.#enqueue(options.signal, async () => {
      this.#checks ??= import('./metrics/sanity-check.js').then(
        ({ SanityChecks }) => new SanityChecks(this.core, this.remake),
      );
      return (await this.#checks).check(input, options);
    });
  }

  dispose(): Promise<void> {
    this.#disposing ??= this.#queue.add(async () => {
      await Promise.all([this.store.release(), this.#checks?.then((checks) => checks.dispose())]);
    });
    return this.#disposing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  #enqueue<T>(signal: ExplainOptions['signal'], task: () => Promise<T>): Promise<T> {
    if (this.#disposing)
      return Promise.reject(
        new SaywhyError('disposed', 'This explainer was disposed of. Make another one with createExplainer.'),
      );
    return this.#queue.add(() => {
      throwIfAborted(signal);
      return task();
    });
  }
}
