import { SaywhyError } from '../../errors.js';
import type { Target } from '../../types.js';
import { probabilityCotangent, probabilityOf } from '../scores.js';
import type { Term, TermKind } from './term.js';

/** A class's probability rather than its logit. */
export const probability: TermKind<{ readonly probability: Target }> = {
  terms: async ({ probability: target }, at) => (await at.terms(target)).map(probabilityTerm),
};

function probabilityTerm({ index, text, plain }: Term): Term {
  if (index === undefined || !plain)
    throw new SaywhyError('invalid-target', `\`probability\` is of one class, not of "${text}".`);
  return {
    text: `probability:${text}`,
    index,
    value: (at) => probabilityOf(at, index) ?? Number.NaN,
    cotangent: (at) => probabilityCotangent(at, index),
  };
}
