// From what a user asks about to a function of the scores.
import type { Target, TargetInfo } from '../types.js';
import { labelOf, type Scores } from './scores.js';
import { termsOf } from './terms/index.js';
import type { MaybePromise, Term } from './terms/term.js';
import type { View } from './view.js';

export { isFixed, isSingle } from './terms/index.js';

/** A target made definite for one picture: which class is the top one is settled. */
export interface ResolvedTarget {
  readonly info: TargetInfo;
  /** The derivative of what is explained with respect to the scores. */
  readonly cotangent: Float32Array;
  /** What is explained, at other scores: of changed pictures. */
  value(scores: Scores): MaybePromise<number>;
}

/**
 * The targets that one stands for: `{ top: 3 }` is three.
 * @throws SaywhyError `unknown-label`, `ambiguous-label`, `no-labels`, `unknown-index`, `invalid-target`, `target-kind`, `empty-mask`, `mask-shape`, `no-candidate`
 */
export async function resolveTarget(target: Target, scores: Scores, view: View): Promise<ResolvedTarget[]> {
  const terms = await termsOf(target, scores, view);
  return Promise.all(terms.map((term) => resolved(term, scores)));
}

/** What several targets stand for. */
export async function resolveTargets(
  targets: readonly Target[],
  scores: Scores,
  view: View,
): Promise<ResolvedTarget[]> {
  return (await Promise.all(targets.map((target) => resolveTarget(target, scores, view)))).flat();
}

async function resolved(term: Term, scores: Scores): Promise<ResolvedTarget> {
  const label = term.index === undefined ? undefined : labelOf(scores, term.index);
  const value = await term.value(scores);
  return {
    info: {
      text: term.text,
      ...(term.index !== undefined && { index: term.index }),
      ...(label !== undefined && { label }),
      value,
    },
    cotangent: await term.cotangent(scores),
    value: (other) => term.value(other),
  };
}
