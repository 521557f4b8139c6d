// Pictures that a target compares with: the same model embeds them first.
import { throwIfAborted } from '../abort.js';
import { innerTargets, withInner } from '../targets/inner.js';
import type { Input, Target } from '../types.js';
import type { Core } from './core.js';

/** The targets, with a vector for each picture in them. */
export async function embedPictures(
  core: Core,
  targets: readonly Target[],
  signal: AbortSignal | undefined,
): Promise<readonly Target[]> {
  const result: Target[] = [];
  for (const target of targets) result.push(await embedded(core, target, signal));
  return result;
}

async function embedded(core: Core, target: Target, signal: AbortSignal | undefined): Promise<Target> {
  const compares = typeof target === 'object' && target !== null && 'similarTo' in target;
  if (!compares) return withInner(target, await embedPictures(core, innerTargets(target), signal));
  if (!isInput(target.similarTo)) return target;
  const fed = core.feed(target.similarTo);
  const nothing = { activations: [], requests: [], targets: [], before: () => throwIfAborted(signal) };
  const { scores } = await core.runner.run({ ...nothing, feeds: fed.feeds, view: fed.view });
  return { similarTo: scores.data };
}

function isInput(value: object): value is Exclude<Input, Readonly<Record<string, unknown>>> {
  return 'data' in value && ('width' in value || 'shape' in value);
}
