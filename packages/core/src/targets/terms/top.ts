import { SaywhyError } from '../../errors.js';
import { topIndices } from '../scores.js';
import { classTerm } from './class.js';
import type { TermKind } from './term.js';

/** The logits of the highest classes, one by one. */
export const top: TermKind<{ readonly top: number }> = {
  terms: ({ top: count }, { scores }) => {
    if (!Number.isInteger(count) || count < 1)
      throw new SaywhyError('invalid-target', `\`top\` is a number of classes from 1 on, not ${count}.`);
    return topIndices(scores, count).map((index) => classTerm(index, scores));
  },
};
