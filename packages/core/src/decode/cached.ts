// Decoding with a key-value cache, by the names that Hugging Face's exporters give: what `present.*` gives is fed as `past_key_values.*` with the next token.
import type { Floats } from '../methods/method.js';
import type { Decoder } from './decoder.js';

export type Past = Readonly<Record<string, Floats>>;

export interface Step {
  /** [1, T, words], of the tokens that were fed. */
  readonly scores: Floats;
  /** By the names of the inputs. */
  readonly past: Past;
}

/** The output that holds what a `past_key_values.*` input takes at the next step. */
export const presentOf = (past: string): string => past.replace(/^past_key_values/, 'present');

/** @param read feeds tokens that follow on `length` others, whose keys and values are in `past` */
export function cachedDecoder(
  read: (ids: readonly number[], past: Past | undefined, length: number) => Promise<Step>,
): Decoder {
  /** Keys and values of captions so far: of those that may be gone on with, and of those that were. */
  let older = new Map<string, Past>();
  let newer = new Map<string, Past>();
  let length = 0;
  return {
    async next(ids) {
      if (ids.length !== length) [older, newer, length] = [newer, new Map(), ids.length];
      const known = ids.length > 1 ? older.get(ids.slice(0, -1).join()) : undefined;
      const { scores, past } = known ? await read(ids.slice(-1), known, ids.length - 1) : await read(ids, undefined, 0);
      newer.set(ids.join(), past);
      return lastRow(scores);
    },
    async all(ids) {
      const { scores } = await read(ids, undefined, 0);
      const words = scores.shape.at(-1)!;
      return ids.map((_, i) => scores.data.subarray(i * words, (i + 1) * words));
    },
  };
}

const lastRow = ({ data, shape }: Floats): Float32Array => data.subarray(data.length - shape.at(-1)!);
