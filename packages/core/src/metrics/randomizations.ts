import type { Model } from '@saywhy/autodiff';
import { SaywhyError } from '../errors.js';
import type { RandomOrder } from './metric.js';
import { learnedWeights, randomizeWeights } from './randomize-weights.js';

export interface Randomization {
  readonly order: RandomOrder;
  /** From 0 on. */
  readonly stage: number;
  /** The weights that are shuffled, by name. */
  readonly names: readonly string[];
  /** Made anew at each call: the file's other bytes are shared, the shuffled weights are not. */
  model(): Model;
}

/**
 * The models of a sanity check: the same file with the weights of some layers shuffled.
 * @param scores the tensor that is explained: `explainer.model.scores.tensor`
 * @param options `stages` is 5 if left out; of fewer weights than stages, as many
 * @throws SaywhyError `not-applicable` where no weights are learned
 */
export function randomizations(
  model: Model,
  scores: string,
  { order, stages = 5, seed = 0 }: { readonly order: RandomOrder; readonly stages?: number; readonly seed?: number },
): Randomization[] {
  const weights = learnedWeights(model, scores).reverse();
  if (weights.length === 0)
    throw new SaywhyError('not-applicable', 'This model has no floating-point weights on the way to its scores.');
  const count = Math.min(stages, weights.length);
  const upTo = (stage: number) => Math.round(((stage + 1) / count) * weights.length);
  return Array.from({ length: count }, (_, stage) => {
    const names = weights.slice(order === 'cascading' || stage === 0 ? 0 : upTo(stage - 1), upTo(stage));
    return { order, stage, names, model: () => randomizeWeights(model, { seed, names }) };
  });
}
