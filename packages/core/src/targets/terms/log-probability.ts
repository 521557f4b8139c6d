import { SaywhyError } from '../../errors.js';
import type { Target } from '../../types.js';
import { logitCotangent, logitOf, type Scores } from '../scores.js';
import { said } from './said.js';
import type { Resolving, Term, TermKind } from './term.js';

/** The logarithm of a probability. Its gradient vanishes, as the probability's does, where the model is sure. */
export const logProbability: TermKind<{ readonly logProbability: Target }> = {
  terms: async ({ logProbability: target }, at) =>
    Promise.all((await at.terms(target)).map((term) => logProbabilityTerm(term, at))),
};

async function logProbabilityTerm({ index, text, plain, likelihood }: Term, at: Resolving): Promise<Term> {
  const { kind, normalized } = at.scores;
  const found = likelihood ?? (plain && index !== undefined ? await ofClass(index, at) : undefined);
  if (!found || kind === 'regression' || normalized)
    throw new SaywhyError(
      'invalid-target',
      `\`logProbability\` is of one class, a word or a caption, by its logits; not of "${text}".`,
    );
  return {
    text: `log-probability:${text}`,
    ...(index !== undefined && { index }),
    value: (scores) => found.value(scores),
    cotangent: (scores) => found.cotangent(scores),
  };
}

async function ofClass(index: number, at: Resolving): Promise<Term['likelihood']> {
  if (at.scores.kind === 'softmax')
    return (await said.terms({ said: [{ id: index, row: 0 }], text: '' }, at))[0]!.likelihood;
  return {
    value: (scores: Scores) => -softplus(-logitOf(scores, index)),
    cotangent: (scores: Scores) => {
      const rest = 1 / (1 + Math.exp(logitOf(scores, index)));
      return logitCotangent(scores, index).map((sign) => sign * rest);
    },
  };
}

const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
