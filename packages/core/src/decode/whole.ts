// Decoding without a cache: the model reads all that was said at each step.
import type { Floats } from '../methods/method.js';
import type { Decoder } from './decoder.js';

/** What a model gives for a caption so far: scores [1, T, words] after each token, or [1, words] after the last. */
export interface Reading {
  readonly scores: Floats;
  /** Which of the T places is that of the first id, where the text was filled up on its left. */
  readonly first: number;
}

export function wholeDecoder(read: (ids: readonly number[]) => Promise<Reading>): Decoder {
  const rowsOf = async (ids: readonly number[]) => rows(await read(ids), ids.length);
  return {
    next: async (ids) => (await rowsOf(ids)).at(-1)!,
    async all(ids) {
      const found = await rowsOf(ids);
      if (found.length === ids.length) return found;
      const each: Float32Array[] = [];
      for (let length = 1; length < ids.length; length++) each.push((await rowsOf(ids.slice(0, length))).at(-1)!);
      return [...each, ...found];
    },
  };
}

function rows({ scores: { data, shape }, first }: Reading, count: number): Float32Array[] {
  const words = shape.at(-1)!;
  if (shape.length < 3) return [data];
  return Array.from({ length: count }, (_, i) => data.subarray((first + i) * words, (first + i + 1) * words));
}
