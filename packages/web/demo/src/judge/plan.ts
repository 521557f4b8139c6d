// What is asked, in which order: a seed decides it, and who is asked does not see which method made a map.
import { uniform } from '@saywhy/core/metrics';
import { evenly, shuffle } from './random.js';

/** A picture of one thing, and the class that the model gives it first. */
export interface Thing {
  readonly picture: string;
  readonly index: number;
  readonly name: string;
}

export type Study = 'discrimination' | 'trust';

/** Two things in one picture, and the map of one of them: which one is it? */
export interface DiscriminationTrial {
  readonly study: 'discrimination';
  readonly method: string;
  /** How the two lie: the first one above or left of the second. */
  readonly arrangement: 'stacked' | 'abreast';
  readonly things: readonly [Thing, Thing];
  /** Which of the things the map is of. */
  readonly shown: 0 | 1;
  /** The things in the order in which they are offered as answers. */
  readonly offered: readonly [0 | 1, 0 | 1];
}

/** One picture, and the maps of two models that gave it the same class: which one is to be trusted more? */
export interface TrustTrial {
  readonly study: 'trust';
  readonly method: string;
  readonly thing: Thing;
  /** The models, by their place among those compared, in the order in which their maps are shown. */
  readonly order: readonly [0 | 1, 0 | 1];
}

export type Trial = DiscriminationTrial | TrustTrial;

/** The four methods of the paper's study, and Grad-CAM itself. */
export const discriminating: readonly string[] = [
  'grad-cam',
  'guided-backprop',
  'guided-grad-cam',
  'deconvnet',
  'deconv-grad-cam',
];

/** The two of the paper's study, and Grad-CAM itself. */
export const trusted: readonly string[] = ['grad-cam', 'guided-backprop', 'guided-grad-cam'];

const either = (next: () => number): 0 | 1 => (next() < 0.5 ? 0 : 1);
const inOrder = (first: 0 | 1): readonly [0 | 1, 0 | 1] => (first === 0 ? [0, 1] : [1, 0]);

/** @param things of at least two classes */
export function planDiscrimination(things: readonly Thing[], count: number, seed: number): DiscriminationTrial[] {
  const next = uniform(seed);
  const pairs = things.flatMap((one, i) =>
    things.slice(i + 1).flatMap((other) => (one.index === other.index ? [] : [[one, other] as const])),
  );
  const drawn = evenly(pairs, count, next);
  const methods = evenly(discriminating, count, next);
  return drawn.map((pair, i) => {
    const [first, second] = shuffle(pair, next) as [Thing, Thing];
    return {
      study: 'discrimination',
      method: methods[i]!,
      arrangement: either(next) === 0 ? 'stacked' : 'abreast',
      things: [first, second],
      shown: either(next),
      offered: inOrder(either(next)),
    };
  });
}

/** @param things pictures of which both models say the same */
export function planTrust(things: readonly Thing[], count: number, seed: number): TrustTrial[] {
  const next = uniform(seed);
  const drawn = evenly(things, count, next);
  const methods = evenly(trusted, count, next);
  return drawn.map((thing, i) => ({
    study: 'trust',
    method: methods[i]!,
    thing,
    order: inOrder(either(next)),
  }));
}
