import { SaywhyError } from '../../errors.js';
import type { Target } from '../../types.js';
import { probabilityCotangent, probabilityOf, type Scores } from '../scores.js';
import type { Term, TermKind } from './term.js';

/** A class's probability rather than its logit. */
export const probability: TermKind<{ readonly probability: Target }> = {
  terms: async ({ probability: target }, at) => (await at.terms(target)).map(probabilityTerm),
};

function probabilityTerm({ index, text, plain, likelihood }: Term): Term {
  if (likelihood) {
    const value = async (at: Scores) => Math.exp(await likelihood.value(at));
    const cotangent = async (at: Scores) => {
      const p = await value(at);
      return (await likelihood.cotangent(at)).map((x) => p * x);
    };
    return { text: `probability:${text}`, ...(index !== undefined && { index }), value, cotangent };
  }
  if (index === undefined || !plain)
    throw new SaywhyError('invalid-target', `\`probability\` is of one class, not of "${text}".`);
  return {
    text: `probability:${text}`,
    index,
    value: (at) => probabilityOf(at, index) ?? Number.NaN,
    cotangent: (at) => probabilityCotangent(at, index),
  };
}
