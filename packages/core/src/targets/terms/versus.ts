import { SaywhyError } from '../../errors.js';
import type { Target } from '../../types.js';
import type { Resolving, Term, TermKind } from './term.js';

/** What speaks for one rather than another. */
export const versus: TermKind<{ readonly versus: readonly [Target, Target] }> = {
  terms: async ({ versus: pair }, at) => {
    if (!Array.isArray(pair) || pair.length !== 2)
      throw new SaywhyError(
        'invalid-target',
        `\`versus\` compares two targets: [a, b]; this is ${JSON.stringify(pair)}.`,
      );
    return [difference(await oneTerm(pair[0], at), await oneTerm(pair[1], at))];
  },
};

function difference(a: Term, b: Term): Term {
  return {
    text: `${a.text} vs ${b.text}`,
    value: async (at) => (await a.value(at)) - (await b.value(at)),
    cotangent: async (at) => {
      const other = await b.cotangent(at);
      return (await a.cotangent(at)).map((x, i) => x - other[i]!);
    },
  };
}

async function oneTerm(target: Target, at: Resolving): Promise<Term> {
  const [term, ...others] = await at.terms(target);
  if (term && others.length === 0) return term;
  throw new SaywhyError('invalid-target', 'Each side of `versus` is one class, not several.');
}
