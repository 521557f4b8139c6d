// The kinds of target, and what one stands for.
import { SaywhyError } from '../../errors.js';
import type { ScoreFunction, Target } from '../../types.js';
import type { Scores } from '../scores.js';
import { classIndex, classTerm } from './class.js';
import { functionTerm } from './function.js';
import { not } from './not.js';
import { probability } from './probability.js';
import type { Term, TermKind } from './term.js';
import { top } from './top.js';
import { versus } from './versus.js';

type ObjectTarget = Exclude<Target, string | number | ScoreFunction>;
type KeyOf<T> = T extends unknown ? keyof T : never;

/** By the property that tells them; of a target with several, the first here. */
const kinds: { readonly [K in KeyOf<ObjectTarget>]: TermKind<Extract<ObjectTarget, { readonly [P in K]: unknown }>> } =
  { top, not, versus, probability };

function kindOf(target: ObjectTarget): TermKind<ObjectTarget> | undefined {
  const found = Object.entries(kinds).find(([key]) => key in target);
  return found?.[1] as TermKind<ObjectTarget> | undefined;
}

/**
 * The terms that a target stands for: `{ top: 3 }` is three.
 * @throws SaywhyError `invalid-target` for what is none of these, and what the kinds throw
 */
export async function termsOf(target: Target, scores: Scores): Promise<readonly Term[]> {
  if (typeof target === 'string' || typeof target === 'number') return [classTerm(classIndex(target, scores), scores)];
  if (typeof target === 'function') return [functionTerm(target)];
  const kind = typeof target === 'object' && target !== null ? kindOf(target) : undefined;
  if (kind) return kind.terms(target, { scores, terms: (other) => termsOf(other, scores) });
  throw new SaywhyError(
    'invalid-target',
    `${JSON.stringify(target)} is no target. Give a label, an index, { top }, { not }, { versus: [a, b] }, { probability } or a function of the scores.`,
  );
}

/** Whether a target's derivative is the same for every picture, so that it can be known before the forward run. */
export function isFixed(target: Target): boolean {
  if (typeof target === 'string' || typeof target === 'number') return true;
  // What is no target at all is refused when it is resolved.
  if (typeof target !== 'object' || target === null) return false;
  return kindOf(target)?.isFixed?.(target, isFixed) ?? false;
}
