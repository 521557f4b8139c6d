// A model that has forgotten what it learned: Adebayo et al., Sanity Checks for Saliency Maps, 2018, https://arxiv.org/abs/1810.03292
import { extract, type Initializer, isFloating, type Model, replaceWeights } from '@saywhy/autodiff';
import { hash, shuffled, uniform } from './random.js';

/** Inputs of these are settings, not learned. */
const settings = new Set(['Resize', 'Upsample', 'OneHot']);

export interface RandomizeOptions {
  /** A whole number: the same gives the same weights. */
  readonly seed: number;
  /** The weights to randomise, by name. */
  readonly names: Iterable<string>;
}

/**
 * Each of some weights keeps its values and loses their order, so that its mean, spread and signs stay (variances stay positive, and the net finite) and
 * what was learned goes. The new order depends on the weight's name and the seed alone, not on which others are randomised with it.
 */
export function randomizeWeights(model: Model, { seed, names }: RandomizeOptions): Model {
  const chosen = new Set(names);
  return replaceWeights(model, ({ name }, read) =>
    chosen.has(name) ? shuffled(read(), uniform(seed ^ hash(name))) : undefined,
  );
}

/** The learned weights that the scores are made of, in the order in which a forward pass meets them: floating-point, and more than one number. */
export function learnedWeights(model: Model, scores: string): string[] {
  const { graph } = extract(model, { inputs: [], outputs: [scores] });
  /** The weights that a tensor is made of, where it is made of nothing else: they may stand behind a Cast or a Transpose. */
  const constants = new Map([...graph.initializers].map(([name, weight]) => [name, isLearned(weight) ? [name] : []]));
  const met = new Set<string>();
  for (const { opType, inputs, outputs } of graph.nodes) {
    const given = inputs.filter((name) => name !== '');
    const weights = given.flatMap((name) => constants.get(name) ?? []);
    if (given.every((name) => constants.has(name))) for (const name of outputs) constants.set(name, weights);
    else if (!settings.has(opType)) for (const name of weights) met.add(name);
  }
  return [...met];
}

function isLearned({ type, shape }: Initializer): boolean {
  return isFloating(type) && shape.some((size) => size > 1);
}
