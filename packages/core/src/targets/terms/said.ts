// What was said in words: ids, each in its row of scores [1, rows, ids]; of scores [1, ids] there is one row.
import { logSoftmax } from '../../decode/decoder.js';
import { SaywhyError } from '../../errors.js';
import type { Target } from '../../types.js';
import { findLabel } from '../labels.js';
import type { Scores } from '../scores.js';
import type { Resolving, Term, TermKind } from './term.js';

type Said = Extract<Target, { readonly said: unknown }>;
type Place = Said['said'][number];

export const said: TermKind<Said> = {
  terms: ({ said: places, text }, { scores }) => [term(places, text, scores)],
};

/** A word in a row, the last if it is not said which. */
export const token: TermKind<Extract<Target, { readonly token: unknown }>> = {
  terms: ({ token: word, at, id = word }, resolving) => [wordTerm(id, at, resolving)],
};

/** A whole caption, whose first id is that of the first row. */
export const caption: TermKind<Extract<Target, { readonly caption: unknown }>> = {
  terms: ({ caption: ids }, { scores }) => {
    if (!Array.isArray(ids))
      throw new SaywhyError(
        'invalid-target',
        'Nothing says how a caption becomes ids: pass `tokenizer` when you make the explainer, or the ids themselves.',
      );
    return [
      term(
        ids.map((id: number, row) => ({ id, row })),
        wordsOf(ids, scores),
        scores,
      ),
    ];
  },
};

function wordTerm(word: string | number, at: number | undefined, { scores }: Resolving): Term {
  const id = typeof word === 'string' ? findLabel(word, scores.labels) : word;
  return term([{ id, row: at ?? rowsOf(scores) - 1 }], wordsOf([id], scores), scores);
}

const wordsOf = (ids: readonly number[], { labels }: Scores) => ids.map((id) => labels?.[id] ?? String(id)).join(' ');

function term(places: readonly Place[], text: string, scores: Scores): Term {
  check(places, scores);
  return {
    text,
    ...(places.length === 1 && { index: places[0]!.id }),
    value: ({ data }) => places.reduce((sum, { id, row }) => sum + data[row * widthOf(scores) + id]!, 0),
    cotangent: ({ data }) => {
      const cotangent = new Float32Array(data.length);
      for (const { id, row } of places) cotangent[row * widthOf(scores) + id]! += 1;
      return cotangent;
    },
    likelihood: {
      value: (at) => places.reduce((sum, { id, row }) => sum + logSoftmax(rowOf(at, row))[id]!, 0),
      cotangent: (at) => {
        const width = widthOf(at);
        const cotangent = new Float32Array(at.data.length);
        for (const { id, row } of places) {
          logSoftmax(rowOf(at, row)).forEach((log, i) => {
            cotangent[row * width + i]! += (i === id ? 1 : 0) - Math.exp(log);
          });
        }
        return cotangent;
      },
    },
  };
}

const widthOf = ({ shape }: Scores): number => shape.at(-1)!;
const rowsOf = (scores: Scores): number => scores.data.length / widthOf(scores);

function rowOf(scores: Scores, row: number): Float32Array {
  const width = widthOf(scores);
  return scores.data.subarray(row * width, (row + 1) * width);
}

function check(places: readonly Place[], scores: Scores): void {
  const [rows, width] = [rowsOf(scores), widthOf(scores)];
  const within = (value: number, count: number) => Number.isInteger(value) && value >= 0 && value < count;
  const wrong = places.find(({ id, row }) => !within(id, width) || !within(row, rows));
  if (!wrong && places.length > 0 && scores.shape.length <= 3) return;
  throw new SaywhyError(
    'invalid-target',
    wrong
      ? `There is no token ${wrong.id} at place ${wrong.row}: the scores are [${scores.shape}], ${width} tokens at ${rows} places.`
      : `The scores [${scores.shape}] are no words, or none was named.`,
  );
}
