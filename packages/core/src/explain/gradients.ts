import { modules, resolveTensor } from '@saywhy/autodiff';
import { throwIfAborted } from '../abort.js';
import { findLayer } from '../layers/lookup.js';
import { gradientKey } from '../sessions/work.js';
import type { ExplainOptions, GradientResult, Input, LayerRef, Target } from '../types.js';
import { type Core, withVectors } from './core.js';

/** Raw gradients, of any tensor that the scores depend on. */
export async function gradients(
  core: Core,
  input: Input,
  { target = { top: 1 }, layer = 'auto', signal }: Pick<ExplainOptions, 'target' | 'layer' | 'signal'>,
): Promise<GradientResult[]> {
  const { description, model } = core;
  const texts = typeof layer === 'string' ? [layer] : layer;
  const tensors = texts.map((text) =>
    text === 'auto' ? findLayer(model, description.features, text, true).tensor : resolveTensor(model, text),
  );
  const asked = Array.isArray(target) ? (target as readonly Target[]) : [target as Target];
  const targets = await withVectors(core, asked, signal);
  const fed = core.feed(input);
  const wrt = [...new Set(tensors)];
  const outcome = await core.runner.run({
    feeds: fed.feeds,
    view: fed.view,
    activations: wrt,
    requests: [{ rulesName: '', wrt }],
    targets,
    before: () => throwIfAborted(signal),
  });
  // The caller's own: the next call may use what this one computed.
  const activations = new Map(
    [...outcome.activations].map(([tensor, { data, shape }]) => [tensor, { data: data.slice(), shape: [...shape] }]),
  );
  const paths = new Map([...modules(model)].map(([path, tensor]) => [tensor, path]));
  return outcome.targets.flatMap(({ info }, index) =>
    wrt.map((tensor) => {
      const activation = activations.get(tensor)!;
      const module = description.features.byTensor.get(tensor)?.module ?? paths.get(tensor);
      const ref: LayerRef = {
        name: module ?? tensor,
        tensor,
        ...(module !== undefined && { module }),
        shape: [...activation.shape],
      };
      return {
        target: info,
        layer: ref,
        activation,
        gradient: outcome.gradients[index]!.get(gradientKey('', tensor))!,
      };
    }),
  );
}
