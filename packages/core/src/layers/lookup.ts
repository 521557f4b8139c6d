import { type Model, modules, resolveTensor } from '@saywhy/autodiff';
import { SaywhyError } from '../errors.js';
import type { LayerInfo } from '../types.js';
import type { Features } from './features.js';

/**
 * The layer that a text means: `auto`, a tensor, a module's path or the end of one.
 * @throws SaywhyError `unknown-tensor` with near matches, `no-layer`, `not-a-layer`
 */
export function findLayer(model: Model, features: Features, text: string, needsGradient: boolean): LayerInfo {
  if (text === 'auto') {
    const auto = needsGradient ? features.auto : (features.auto ?? features.last);
    if (auto) return auto;
    throw new SaywhyError(
      'no-layer',
      'The model has no feature map that a gradient reaches. Use a method without gradients: occlusion works on every model, eigen-cam on every layer.',
    );
  }
  const named = [...features.byTensor.values()].find(({ name }) => name === text);
  const tensor = named?.tensor ?? resolveTensor(model, text);
  const found = named ?? features.byTensor.get(tensor);
  // Several modules may end in one tensor: it is called as it was asked for.
  const layer = found && modules(model).get(text) === tensor ? { ...found, name: text, module: text } : found;
  if (layer && (!needsGradient || features.differentiable.has(tensor))) return layer;
  if (layer)
    throw new SaywhyError(
      'not-differentiable',
      `Operators without a derivative lie between "${text}" and the scores.${features.auto ? ` The last layer that has a gradient is "${features.auto.name}".` : ''} Methods without gradients (eigen-cam, occlusion) work on any layer.`,
    );
  throw new SaywhyError(
    'not-a-layer',
    `"${text}" is no feature map that the scores depend on.${features.auto ? ` The last one is "${features.auto.name}";` : ''} \`saywhy inspect\` lists those that can be explained.`,
  );
}
