import { SaywhyError } from '../../errors.js';
import type { ScoreFunction } from '../../types.js';
import type { Scores } from '../scores.js';
import type { Term } from './term.js';

/** A caller's own function of the scores. */
export function functionTerm(target: ScoreFunction): Term {
  const call = async ({ data, shape }: Scores) => {
    const { value, gradient } = await target({ data: data.slice(), shape });
    if (typeof value !== 'number' || gradient?.length !== data.length)
      throw new SaywhyError(
        'invalid-target',
        `A target function returns { value, gradient } with a gradient for each of the ${data.length} scores; this one gave ${gradient?.length ?? 'none'}.`,
      );
    return { value, gradient: Float32Array.from(gradient) };
  };
  return {
    text: target.name || 'function',
    value: async (at) => (await call(at)).value,
    cotangent: async (at) => (await call(at)).gradient,
  };
}
