/// <reference lib="esnext.disposable" preserve="true" />
import type { Picture } from '../images/picture.js';
import type { ModelInfo } from './model-info.js';
import type { ExplainOptions, Input, OutputOptions, PredictOptions, SanityCheckOptions } from './options.js';
import type { Explanation, GradientResult, OutputTensor, PredictionResult, SanityCheck } from './results.js';
import type { Device } from './runtime.js';
import type { Caption, CaptionOptions } from './texts.js';

/** Explains one model. Calls queue, so that several at once are safe. `I` is what the adapter takes as an input, `P` as a picture. */
export interface Explainer<I = Input, P = Picture> extends AsyncDisposable {
  readonly model: ModelInfo;
  readonly device: Device;
  explain(input: I, options?: ExplainOptions<P>): Promise<Explanation>;
  predict(input: I, options?: PredictOptions): Promise<PredictionResult>;
  /** The raw tensors behind a map, for each combination of target and layer. */
  gradients(
    input: I,
    options?: Pick<ExplainOptions<P>, 'target' | 'layer' | 'signal'>,
  ): Promise<readonly GradientResult[]>;
  /**
   * What a model that writes captions says of a picture, word by word; an input with a text for the caption is gone on with.
   * Other models reject with `no-caption`.
   */
  caption(input: I, options?: CaptionOptions): Promise<Caption>;
  /** The model's outputs, or other tensors of it by name, as numbers. */
  outputs(input: I, options?: OutputOptions): Promise<Readonly<Record<string, OutputTensor>>>;
  /** One explanation after the other, as they are asked for. */
  explainAll(inputs: Iterable<I> | AsyncIterable<I>, options?: ExplainOptions<P>): AsyncIterableIterator<Explanation>;
  /**
   * Whether a method looks at the model: its map of the model beside its map of the same model with randomised weights, which is made once and kept.
   * Adebayo et al., Sanity Checks for Saliency Maps, 2018, https://arxiv.org/abs/1810.03292
   */
  sanityCheck(input: I, options?: SanityCheckOptions<P>): Promise<SanityCheck>;
  /** Frees the sessions. Harmless when called again; anything else afterwards rejects with `disposed`. */
  dispose(): Promise<void>;
}
