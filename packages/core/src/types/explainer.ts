/// <reference lib="esnext.disposable" preserve="true" />
import type { ModelInfo } from './model-info.js';
import type { ExplainOptions, Input, PredictOptions } from './options.js';
import type { Explanation, GradientResult, PredictionResult } from './results.js';
import type { Device } from './runtime.js';

/** Explains one model. Calls queue, so that several at once are safe. `I` is what the adapter takes as a picture. */
export interface Explainer<I = Input> extends AsyncDisposable {
  readonly model: ModelInfo;
  readonly device: Device;
  explain(input: I, options?: ExplainOptions): Promise<Explanation>;
  predict(input: I, options?: PredictOptions): Promise<PredictionResult>;
  /** The raw tensors behind a map, for each combination of target and layer. */
  gradients(
    input: I,
    options?: Pick<ExplainOptions, 'target' | 'layer' | 'signal'>,
  ): Promise<readonly GradientResult[]>;
  /** One explanation after the other, as they are asked for. */
  explainAll(inputs: Iterable<I> | AsyncIterable<I>, options?: ExplainOptions): AsyncIterableIterator<Explanation>;
  /** Frees the sessions. Harmless when called again; anything else afterwards rejects with `disposed`. */
  dispose(): Promise<void>;
}
