// Texts of a closed vocabulary, word by word.
import { SaywhyError } from '../errors.js';
import { nearest } from '../nearest.js';
import type { Tokenizer, WordTokenizer } from '../types.js';

export function wordTokenizer(spec: WordTokenizer): Tokenizer {
  const { vocabulary, lowercase = false, unknown, begin, end, ...layout } = spec;
  const marks = new Set([spec.pad, unknown, begin, end]);
  const words = new Map(Object.entries(vocabulary).filter(([, id]) => !marks.has(id)));
  const texts = new Map([...words].map(([word, id]) => [id, word]));

  const idsOf = (piece: string, text: string): number[] => {
    const known = words.get(piece);
    if (known !== undefined) return [known];
    if (!letters.test(piece)) return [];
    if (unknown !== undefined) return [unknown];
    throw unknownWord(piece, text, [...words.keys()]);
  };
  return {
    ...layout,
    ...(begin !== undefined && { begin }),
    ...(end !== undefined && { end }),
    encode(text, whole) {
      const read = lowercase ? text.toLowerCase() : text;
      const ids = read
        .split(/\s+/)
        .flatMap((chunk) => (words.has(chunk) ? [chunk] : (chunk.match(pieces) ?? [])))
        .flatMap((piece) => idsOf(piece, text));
      if (ids.length === 0 && whole) throw new SaywhyError('empty-text', `"${text}" holds no word.`);
      if (!whole) return ids;
      return [...(begin === undefined ? [] : [begin]), ...ids, ...(end === undefined ? [] : [end])];
    },
    decode: (ids) => ids.flatMap((id) => (marks.has(id) ? [] : [texts.get(id) ?? `<${id}>`])).join(' '),
  };
}

const letters = /[\p{L}\p{N}]/u;
/** A word, or a single mark of punctuation. */
const pieces = /[\p{L}\p{N}_]+|[^\p{L}\p{N}_]/gu;

function unknownWord(word: string, text: string, known: readonly string[]): SaywhyError {
  const near = nearest(word, known).slice(0, 3);
  const hint =
    near.length > 0
      ? `Did you mean ${near.map((other) => `"${other}"`).join(' or ')}?`
      : `It knows ${known.length}, such as ${known.slice(0, 12).join(', ')}.`;
  return new SaywhyError('unknown-word', `The model does not know the word "${word}" of "${text}". ${hint}`);
}
