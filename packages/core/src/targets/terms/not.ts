import type { Target } from '../../types.js';
import type { Term, TermKind } from './term.js';

/** What speaks against a class: the paper's counterfactual explanation. */
export const not: TermKind<{ readonly not: Target }> = {
  isFixed: ({ not: target }, isFixed) => isFixed(target),
  terms: async ({ not: target }, at) => (await at.terms(target)).map(negative),
};

function negative(term: Term): Term {
  return {
    ...(term.index !== undefined && { index: term.index }),
    text: `not:${term.text}`,
    value: async (at) => -(await term.value(at)),
    cotangent: async (at) => (await term.cotangent(at)).map((x) => -x),
  };
}
