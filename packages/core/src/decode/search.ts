// Beam search (greedy with a beam of one): the captions that are most probable so far, gone on with word by word.
import { type Decoder, logSoftmax } from './decoder.js';

export interface SearchOptions {
  /** What every caption begins with. */
  readonly start: readonly number[];
  /** The id that ends one. */
  readonly end: number | undefined;
  readonly beam: number;
  /** How many tokens at most; where a caption is that long, it is not asked whether it ends there. */
  readonly maxLength: number;
  /** Called before each run of the model; throws where the caller no longer wants it. */
  readonly before: (step: number) => void;
}

export interface Said {
  readonly id: number;
  readonly logit: number;
  readonly logProbability: number;
}

export interface Found {
  readonly tokens: readonly Said[];
  readonly ended: boolean;
  /** Of the tokens and, where there is one, the end. */
  readonly score: number;
}

/**
 * The most probable caption that the beam comes by. Scores are sums of log-probabilities, without a reward for length, so that no caption that goes on can
 * overtake one that has ended above it.
 */
export async function search(decoder: Decoder, options: SearchOptions): Promise<Found> {
  const { start, end, beam, maxLength, before } = options;
  let beams: readonly Found[] = [{ tokens: [], ended: false, score: 0 }];
  for (let length = 0; length < maxLength && !beams[0]!.ended; length++) {
    const candidates: Found[] = [];
    for (const one of beams) {
      if (one.ended) {
        candidates.push(one);
        continue;
      }
      before(length);
      const logits = await decoder.next([...start, ...one.tokens.map(({ id }) => id)]);
      const log = logSoftmax(logits);
      for (const id of highest(log, beam)) {
        const score = one.score + log[id]!;
        const said = { id, logit: logits[id]!, logProbability: log[id]! };
        candidates.push(
          id === end ? { ...one, ended: true, score } : { tokens: [...one.tokens, said], ended: false, score },
        );
      }
    }
    // Stable: of equal ones the first.
    beams = candidates.sort((a, b) => b.score - a.score).slice(0, beam);
  }
  return beams[0]!;
}

/** The places of the n largest, largest first; of equal ones the first. */
function highest(values: Float64Array, n: number): number[] {
  const order = Array.from(values.keys());
  return order.sort((a, b) => values[b]! - values[a]! || a - b).slice(0, n);
}
