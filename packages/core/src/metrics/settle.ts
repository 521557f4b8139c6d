import type { Target } from '../types.js';

/** The top class is that of the model and picture as they are: randomised models and changed pictures are asked about the same. */
export function settle(target: Target, top: number): Target {
  if (typeof target !== 'object') return target;
  if ('top' in target) return top;
  if ('not' in target) return { not: settle(target.not, top) };
  if ('probability' in target) return { probability: settle(target.probability, top) };
  if ('versus' in target) {
    const [a, b] = target.versus;
    return { versus: [settle(a, top), settle(b, top)] };
  }
  return target;
}
