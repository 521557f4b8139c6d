// Pictures that targets compare with: adapters load them, and the model embeds them.
import type { Target, TensorInput, Vector } from '../types.js';
import { innerTargets, withInner } from './inner.js';

/** Whether it is an embedding as numbers; bytes are those of a picture's file. */
export function isVector(compared: unknown): compared is Vector {
  return Array.isArray(compared) || (ArrayBuffer.isView(compared) && !(compared instanceof Uint8Array));
}

/** The target with what `make` gives in the place of each picture or tensor that it compares with, however deep; one after the other. */
export async function withCompared<P, Q>(
  target: Target<P>,
  make: (compared: P | TensorInput) => Promise<Q | TensorInput | Vector>,
): Promise<Target<Q>> {
  if (typeof target === 'object' && target !== null && 'similarTo' in target) {
    const { similarTo } = target;
    return { similarTo: isVector(similarTo) ? similarTo : await make(similarTo) };
  }
  const inner: Target<Q>[] = [];
  for (const one of innerTargets(target)) inner.push(await withCompared(one, make));
  return withInner<P | Q>(target, inner) as Target<Q>;
}
