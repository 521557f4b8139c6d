// Targets that are made of others: whoever goes through a target goes into these.
import type { Target } from '../types.js';

const wrappers = ['not', 'probability', 'logProbability'] as const;

/** What a target is made of; nothing, where it is not made of others. */
export function innerTargets<P>(target: Target<P>): readonly Target<P>[] {
  // A word of a caption tells its own probability.
  if (typeof target !== 'object' || target === null || 'token' in target) return [];
  for (const key of wrappers) if (key in target) return [(target as Record<string, Target<P>>)[key]!];
  return 'versus' in target && Array.isArray(target.versus) ? (target.versus as readonly Target<P>[]) : [];
}

/** The same kind of target, made of others; one that is made of none stays as it is. */
export function withInner<P>(target: Target<P>, inner: readonly Target<P>[]): Target<P> {
  if (inner.length === 0) return target;
  const wrapper = wrappers.find((key) => key in (target as object));
  return (wrapper ? { [wrapper]: inner[0] } : { versus: inner }) as Target<P>;
}
