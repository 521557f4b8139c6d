import { SaywhyError } from '../../errors.js';
import type { Target } from '../../types.js';
import { labelOf, logitOf, type Scores } from '../scores.js';
import { classIndex } from './class.js';
import { requireKind } from './kind.js';
import type { Term, TermKind } from './term.js';

type Value = Extract<Target, { readonly value: unknown }>;

/** What raises a value of a regression, lowers it, or brings it near a number: less the distance to it. */
export const value: TermKind<Value> = {
  terms: async ({ value: way, of }, { scores }) => {
    requireKind(scores, 'regression', 'value');
    const index = await indexOf(of, scores);
    const name = scores.data.length > 1 ? `:${labelOf(scores, index) ?? index}` : '';
    if (way === 'up' || way === 'down') return [term(`value:${way}${name}`, index, way === 'up' ? 1 : -1)];
    const near = way?.near;
    if (typeof near === 'number' && Number.isFinite(near)) return [nearTerm(`value:near ${near}${name}`, index, near)];
    throw new SaywhyError(
      'invalid-target',
      `\`value\` is 'up', 'down' or { near: a number }, not ${JSON.stringify(way)}.`,
    );
  },
};

async function indexOf(of: string | number | undefined, scores: Scores): Promise<number> {
  if (of !== undefined) return classIndex(of, scores);
  if (scores.data.length === 1) return 0;
  throw new SaywhyError(
    'invalid-target',
    `The model gives ${scores.data.length} values: say which with \`of\`, a label or an index.`,
  );
}

function term(text: string, index: number, sign: number): Term {
  return {
    text,
    index,
    value: (at) => sign * logitOf(at, index),
    cotangent: ({ data }) => data.map((_, i) => (i === index ? sign : 0)),
  };
}

function nearTerm(text: string, index: number, near: number): Term {
  return {
    text,
    index,
    value: (at) => -Math.abs(logitOf(at, index) - near),
    cotangent: ({ data }) => data.map((x, i) => (i === index ? Math.sign(near - x) : 0)),
  };
}
