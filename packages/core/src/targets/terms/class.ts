import { SaywhyError } from '../../errors.js';
import { readerOf } from '../kinds/reader.js';
import { findLabel } from '../labels.js';
import { classCount, labelOf, logitCotangent, logitOf, type Scores } from '../scores.js';
import type { Resolving, Term, TermKind } from './term.js';

/** A class by its label or index: its logit, or what it is of scores that are no list. */
export const byClass: TermKind<{ readonly class: string | number }> = {
  isFixed: () => true,
  terms: async ({ class: target }, at) => [await namedTerm(target, at)],
};

export async function namedTerm(target: string | number, { scores, view }: Resolving): Promise<Term> {
  const index = await classIndex(target, scores);
  const reader = await readerOf(scores);
  return reader ? reader.classTerm(index, scores, view) : classTerm(index, scores);
}

/** The logit of a class. */
export function classTerm(index: number, scores: Scores): Term {
  return {
    text: labelOf(scores, index) ?? String(index),
    index,
    plain: true,
    value: (at) => logitOf(at, index),
    cotangent: (at) => logitCotangent(at, index),
  };
}

/**
 * The class that a label or an index names.
 * @throws SaywhyError `unknown-label`, `ambiguous-label`, `no-labels`, `unknown-index`
 */
export async function classIndex(target: string | number, scores: Scores): Promise<number> {
  const count = (await readerOf(scores))?.classes(scores) ?? classCount(scores);
  const index = typeof target === 'string' ? findLabel(target, scores.labels) : target;
  if (Number.isInteger(index) && index >= 0 && index < count) return index;
  const known =
    count < Number.POSITIVE_INFINITY ? `the model has ${count}, from 0 to ${count - 1}` : 'they count from 0';
  throw new SaywhyError('unknown-index', `There is no class ${index}: ${known}.`);
}
