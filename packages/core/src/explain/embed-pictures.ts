// Pictures that a target compares with: the same model embeds them first.
import { throwIfAborted } from '../abort.js';
import type { Picture } from '../images/picture.js';
import { withCompared } from '../targets/compared.js';
import type { Target, TensorInput } from '../types.js';
import type { Core } from './core.js';

/** The targets, with a vector for each picture in them. */
export async function embedPictures(
  core: Core,
  targets: readonly Target[],
  signal: AbortSignal | undefined,
): Promise<readonly Target[]> {
  const embed = async (compared: Picture | TensorInput) => {
    if (!isInput(compared)) return compared;
    const fed = core.feed(compared);
    const nothing = { activations: [], requests: [], targets: [], before: () => throwIfAborted(signal) };
    const { scores } = await core.runner.run({ ...nothing, feeds: fed.feeds, view: fed.view });
    return scores.data;
  };
  const result: Target[] = [];
  for (const target of targets) result.push(await withCompared(target, embed));
  return result;
}

/** What is not, the target itself refuses. */
function isInput(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'data' in value && ('width' in value || 'shape' in value);
}
