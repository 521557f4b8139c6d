import { SaywhyError } from '../../errors.js';
import { findLabel } from '../labels.js';
import { classCount, labelOf, logitCotangent, logitOf, type Scores } from '../scores.js';
import type { Term } from './term.js';

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
export function classIndex(target: string | number, scores: Scores): number {
  const index = typeof target === 'string' ? findLabel(target, scores.labels) : target;
  const count = classCount(scores);
  if (Number.isInteger(index) && index >= 0 && index < count) return index;
  throw new SaywhyError('unknown-index', `There is no class ${index}: the model has ${count}, from 0 to ${count - 1}.`);
}
