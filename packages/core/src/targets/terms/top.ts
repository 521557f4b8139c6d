import { SaywhyError } from '../../errors.js';
import { readerOf } from '../kinds/reader.js';
import { topIndices } from '../scores.js';
import { classTerm } from './class.js';
import type { TermKind } from './term.js';

/** What the model says first: the logits of the highest classes, one by one. */
export const top: TermKind<{ readonly top: number }> = {
  terms: async ({ top: count }, { scores, view }) => {
    if (!Number.isInteger(count) || count < 1)
      throw new SaywhyError('invalid-target', `\`top\` is a number of classes from 1 on, not ${count}.`);
    const reader = await readerOf(scores);
    if (reader) return reader.top(scores, count, view);
    return topIndices(scores, count).map((index) => classTerm(index, scores));
  },
};
