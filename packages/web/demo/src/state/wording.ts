// A question typed in words: a label, an index, "A vs B", "not:A".
import { findLabel, SaywhyError, type Target } from '@saywhy/core';
import { parseTarget } from '@saywhy/core/words';
import type { Choice, Evidence } from './question.js';

export interface Worded {
  readonly choice: Choice;
  /** Left out where the words say nothing of it. */
  readonly evidence?: Evidence;
}

/** @throws SaywhyError `unknown-label`, `ambiguous-label`, `no-labels`, `invalid-target`, each with what to write instead */
export function readWording(text: string, labels: readonly string[] | undefined): Worded {
  const target = parseTarget(text, labels);
  if (typeof target === 'object' && 'not' in target)
    return { choice: choiceOf(target.not, labels), evidence: 'against' };
  return { choice: choiceOf(target, labels) };
}

function choiceOf(target: Target, labels: readonly string[] | undefined): Choice {
  if (typeof target === 'object' && 'versus' in target) {
    const [index, other] = target.versus.map((side) => indexOf(side, labels)) as [number, number];
    if (index === other)
      throw new SaywhyError('invalid-target', 'A class cannot be compared with itself: name two different ones.');
    return { kind: 'versus', index, other };
  }
  if (typeof target === 'object' && 'top' in target) return { kind: 'top' };
  return { kind: 'class', index: indexOf(target, labels) };
}

function indexOf(target: Target, labels: readonly string[] | undefined): number {
  if (typeof target === 'number') return target;
  if (typeof target === 'string') return findLabel(target, labels);
  throw new SaywhyError('invalid-target', 'Here a class is asked about: give its label or index, or "A vs B".');
}
