// What an explanation asks of a model's runs, and what comes back.
import type { Tensor } from 'onnxruntime-common';
import type { Floats } from '../methods/method.js';
import type { ResolvedTarget } from '../targets/resolve.js';
import type { Scores } from '../targets/scores.js';
import type { View } from '../targets/view.js';
import type { Target } from '../types.js';
import { type GradientRequest, prefixOf } from './parts.js';

/** Scores as the model gives them, and what else is needed to read them, by tensor. */
export interface RawScores extends Floats {
  readonly others?: Readonly<Record<string, Floats>> | undefined;
}

export type Feeds = Readonly<Record<string, Tensor>>;

/** What an explanation needs of the model. */
export interface Work {
  readonly feeds: Feeds;
  readonly activations: readonly string[];
  readonly requests: readonly GradientRequest[];
  readonly targets: readonly Target[];
  /** How the input lies on the picture. */
  readonly view: View;
  /** Called before each run; throws where the caller no longer wants it. */
  readonly before: (what: 'forward' | 'backward', step: number, steps: number) => void;
}

export interface Outcome {
  readonly scores: Scores;
  readonly targets: readonly ResolvedTarget[];
  readonly activations: ReadonlyMap<string, Floats>;
  /** For each target: gradients by `gradientKey`. */
  readonly gradients: readonly ReadonlyMap<string, Floats>[];
  readonly milliseconds: { readonly forward: number; readonly backward: number };
}

export function gradientKey(rulesName: string, tensor: string): string {
  return `${prefixOf(rulesName)}${tensor}`;
}

/** What gives gradients: graphs derived here, or a model that came with its own. */
export interface GradientSource {
  run(work: Work): Promise<Outcome>;
  /** The scores of pictures, several at once where the model's batch allows it. */
  scores(feeds: Feeds): Promise<RawScores>;
  /** Any tensors of the model. */
  tensors(feeds: Feeds, names: readonly string[]): Promise<ReadonlyMap<string, Floats>>;
  /** Opens the sessions that gradients of some tensors need, so that the first run does not wait for them. */
  warm(tensors: readonly string[]): Promise<void>;
}
