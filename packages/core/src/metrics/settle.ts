import { innerTargets, withInner } from '../targets/inner.js';
import type { Target } from '../types.js';

/** The top class is that of the model and picture as they are: randomised models and changed pictures are asked about the same. */
export function settle(target: Target, top: number): Target {
  if (typeof target === 'object' && target !== null && 'top' in target) return top;
  return withInner(
    target,
    innerTargets(target).map((inner) => settle(inner, top)),
  );
}
