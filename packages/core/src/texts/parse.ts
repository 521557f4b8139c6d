// A tokenizer's description comes from a file that is not trusted.
import { SaywhyError } from '../errors.js';
import { nearest } from '../nearest.js';
import type { WordTokenizer } from '../types.js';

const keys: readonly (keyof WordTokenizer)[] = [
  'input',
  'vocabulary',
  'lowercase',
  'length',
  'padding',
  'pad',
  'unknown',
  'begin',
  'end',
  'maximum',
];

/** No text is longer; a larger number is a mistake, or an attack on memory. */
const LONGEST = 8192;

/**
 * Reads a tokenizer from JSON.
 * @throws SaywhyError `invalid-tokenizer`; the message starts with the path of what is wrong and quotes it
 */
export function parseTokenizer(json: unknown): WordTokenizer {
  if (!isRecord(json)) throw invalid('tokenizer', json, `is an object with: ${keys.join(', ')}`);
  for (const key of Object.keys(json))
    if (!(keys as readonly string[]).includes(key)) {
      const near = nearest(key, keys)[0];
      throw invalid(`tokenizer.${key}`, undefined, `is not known${near ? `: did you mean ${near}?` : ''}`);
    }
  const { input, vocabulary, lowercase, padding } = json;
  if (!isRecord(vocabulary) || Object.keys(vocabulary).length === 0)
    throw invalid('tokenizer.vocabulary', vocabulary, 'is an object of words and their ids: { "what": 1 }');
  for (const [word, value] of Object.entries(vocabulary)) whole(value, `tokenizer.vocabulary["${word}"]`, 0);
  if (input !== undefined && typeof input !== 'string') throw invalid('tokenizer.input', input, "is an input's name");
  if (lowercase !== undefined && typeof lowercase !== 'boolean')
    throw invalid('tokenizer.lowercase', lowercase, 'is true or false');
  if (padding !== undefined && padding !== 'left' && padding !== 'right')
    throw invalid('tokenizer.padding', padding, 'is "left" or "right"');
  const number = (key: keyof WordTokenizer, least: number, most = Number.MAX_SAFE_INTEGER) =>
    json[key] === undefined ? {} : { [key]: whole(json[key], `tokenizer.${key}`, least, most) };
  const length = number('length', 1, LONGEST);
  if ('length' in length && json.pad === undefined)
    throw invalid('tokenizer.pad', undefined, 'is needed where `length` is: the id that fills a shorter text');
  return {
    ...(input !== undefined && { input }),
    vocabulary: vocabulary as Record<string, number>,
    ...(lowercase !== undefined && { lowercase }),
    ...length,
    ...(padding !== undefined && { padding }),
    ...number('pad', 0),
    ...number('unknown', 0),
    ...number('begin', 0),
    ...number('end', 0),
    ...number('maximum', 1, LONGEST),
  };
}

function whole(value: unknown, path: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`;
  throw invalid(path, value, `is a whole number ${range}`);
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function invalid(path: string, value: unknown, rule: string): SaywhyError {
  const quoted = value === undefined ? '' : ` It is ${JSON.stringify(value).slice(0, 120)}.`;
  return new SaywhyError('invalid-tokenizer', `${path} ${rule}${rule.endsWith('?') ? '' : '.'}${quoted}`);
}
