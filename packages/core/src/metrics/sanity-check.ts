// Does a method look at the model at all? Its map of the model is compared with its map of the same model whose upper layers have forgotten what they
// learned: Adebayo et al., Sanity Checks for Saliency Maps, 2018, https://arxiv.org/abs/1810.03292
import type { Model } from '@saywhy/autodiff';
import { SaywhyError } from '../errors.js';
import type { Core } from '../explain/core.js';
import { explain } from '../explain/explain.js';
import type { Explainer, Input, SanityCheck, SanityCheckOptions } from '../types.js';
import { mapLikeness } from './likeness.js';
import { learnedWeights, randomizeWeights } from './randomize-weights.js';
import { settle } from './settle.js';

/**
 * Half: Grad-CAM's likeness to itself is lost then, and guided backpropagation's hardly touched. With all weights randomised the last is lost too, since it is
 * the first layers that hold on to the picture's edges.
 */
const SHARE = 0.5;

type Watch = Pick<SanityCheckOptions, 'onProgress' | 'signal'>;

/** An explainer of another model, made as this one was. */
export type Remake = (model: Model, watch: Watch) => Promise<Explainer>;

/** The checks of one explainer. The randomised model is made when it is first needed, and again for another seed or share. */
export class SanityChecks {
  #random: { readonly key: string; readonly explainer: Explainer } | undefined;

  constructor(
    private readonly core: Core,
    private readonly remake: Remake,
  ) {}

  /** @throws SaywhyError `invalid-argument`, `not-applicable`, and what `explain` throws */
  async check(input: Input, options: SanityCheckOptions): Promise<SanityCheck> {
    const { method = 'grad-cam', target = { top: 1 }, layer = 'auto', seed = 0, share = SHARE, ...watch } = options;
    if (!Number.isInteger(seed)) throw new SaywhyError('invalid-argument', `\`seed\` is a whole number, not ${seed}.`);
    if (!(share > 0 && share <= 1))
      throw new SaywhyError('invalid-argument', `\`share\` of the weights is above 0 and at most 1, not ${share}.`);
    const own = await explain(this.core, input, { ...watch, method, target, layer });
    const [original, ...others] = own.maps;
    if (!original || others.length > 0 || Array.isArray(target))
      throw new SaywhyError('invalid-argument', 'A sanity check is of one map: one method, one layer, one class.');
    const random = await this.#randomized(seed, share, watch);
    const settled = settle(target, own.predictions[0]?.index ?? 0);
    const map = (await random.explain(input, { ...watch, method, target: settled, layer })).maps[0]!;
    const similarity = mapLikeness(original, map);
    const warnings = [...own.warnings];
    if (Number.isNaN(similarity))
      warnings.push({
        code: 'constant-map',
        message: 'One of the two maps is constant, so that their ranks have nothing in common: the similarity is 0.',
      });
    return { similarity: similarity || 0, original, map, seed, share, warnings };
  }

  async dispose(): Promise<void> {
    const made = this.#random;
    this.#random = undefined;
    await made?.explainer.dispose();
  }

  async #randomized(seed: number, share: number, watch: Watch): Promise<Explainer> {
    const key = `${seed}|${share}`;
    if (this.#random?.key === key) return this.#random.explainer;
    await this.dispose();
    const { model, description } = this.core;
    const weights = learnedWeights(model, description.scores.tensor);
    if (weights.length === 0)
      throw new SaywhyError(
        'not-applicable',
        'A sanity check randomises floating-point weights, and this model has none on the way to its scores.',
      );
    const names = weights.slice(weights.length - Math.ceil(share * weights.length));
    const explainer = await this.remake(randomizeWeights(model, { seed, names }), watch);
    this.#random = { key, explainer };
    return explainer;
  }
}
