// The kinds of target, and what one stands for.
import { SaywhyError } from '../../errors.js';
import type { ScoreFunction, Target } from '../../types.js';
import { innerTargets } from '../inner.js';
import type { Scores } from '../scores.js';
import type { View } from '../view.js';
import { byClass, namedTerm } from './class.js';
import { not } from './not.js';
import type { Term, TermKind } from './term.js';
import { top } from './top.js';

type ObjectTarget = Exclude<Target, string | number | ScoreFunction>;
type KeyOf<T> = T extends unknown ? keyof T : never;

/** The properties that tell a kind of target; the others only go with them. */
type Key = Exclude<KeyOf<ObjectTarget>, 'of' | 'at' | 'id' | 'text'>;

/** Of a target with several of these properties, the first here. Those that few models need are loaded when they are first asked for. */
export const kinds: { readonly [K in Key]: TermKind<Extract<ObjectTarget, { readonly [P in K]: unknown }>> } = {
  top,
  not,
  versus: { isFixed: bothFixed, ...later(async () => (await import('./versus.js')).versus) },
  probability: later(async () => (await import('./probability.js')).probability),
  mask: later(async () => (await import('./mask.js')).mask),
  box: later(async () => (await import('./box.js')).box),
  similarTo: later(async () => (await import('./similar-to.js')).similarTo),
  value: later(async () => (await import('./value.js')).value),
  class: byClass,
  answer: { isFixed: () => true, terms: ({ answer }, at) => at.terms(answer) },
  token: later(async () => (await import('./said.js')).token),
  caption: later(async () => (await import('./said.js')).caption),
  said: later(async () => (await import('./said.js')).said),
  logProbability: later(async () => (await import('./log-probability.js')).logProbability),
};

function bothFixed({ versus: pair }: { readonly versus: readonly [Target, Target] }): boolean {
  return Array.isArray(pair) && pair.every(isFixed);
}

function later<T>(load: () => Promise<TermKind<T>>): TermKind<T> {
  return { terms: async (target, at) => (await load()).terms(target, at) };
}

function kindOf(target: ObjectTarget): TermKind<ObjectTarget> | undefined {
  const found = Object.entries(kinds).find(([key]) => key in target);
  return found?.[1] as TermKind<ObjectTarget> | undefined;
}

/**
 * The terms that a target stands for: `{ top: 3 }` is three.
 * @throws SaywhyError `invalid-target` for what is none of these, and what the kinds throw
 */
export async function termsOf(target: Target, scores: Scores, view: View): Promise<readonly Term[]> {
  const at = { scores, view, terms: (other: Target) => termsOf(other, scores, view) };
  if (typeof target === 'string' || typeof target === 'number') return [await namedTerm(target, at)];
  if (typeof target === 'function') return [(await import('./function.js')).functionTerm(target)];
  const kind = typeof target === 'object' && target !== null ? kindOf(target) : undefined;
  if (kind) return kind.terms(target, at);
  throw new SaywhyError(
    'invalid-target',
    `${JSON.stringify(target)} is no target. Give a label, an index, { top }, { not }, { versus: [a, b] }, { probability }, { mask, class }, { box, class }, { similarTo }, { value }, { answer }, { token }, { caption } or a function of the scores.`,
  );
}

/** Whether a target stands for one, whatever the scores. */
export function isSingle(target: Target): boolean {
  if (typeof target === 'object' && target !== null && 'top' in target) return target.top <= 1;
  return innerTargets(target).every(isSingle);
}

/** Whether a target's derivative is the same for every picture, so that it can be known before the forward run. */
export function isFixed(target: Target): boolean {
  if (typeof target === 'string' || typeof target === 'number') return true;
  // What is no target at all is refused when it is resolved.
  if (typeof target !== 'object' || target === null) return false;
  return kindOf(target)?.isFixed?.(target, isFixed) ?? false;
}
