import { SaywhyError } from './errors.js';
import { hasTensor, type Model } from './model/types.js';
import { modules } from './modules.js';
import { nearest } from './nearest.js';

/**
 * The name of the tensor that a text means: a tensor's own name, else the result of a PyTorch module by its path, else the only module whose path
 * ends so.
 * @throws SaywhyError `unknown-tensor`, with near matches; `ambiguous-tensor`
 */
export function resolveTensor(model: Model, text: string): string {
  const { graph } = model;
  if (hasTensor(graph, text)) return text;
  const paths = modules(model);
  const exact = paths.get(text);
  if (exact) return exact;
  const ending = [...paths.keys()].filter((path) => path.endsWith(`.${text}`));
  if (ending.length === 1) return paths.get(ending[0]!)!;
  if (ending.length > 1)
    throw new SaywhyError(
      'ambiguous-tensor',
      `"${text}" could be any of ${ending.slice(0, 8).join(', ')}. Give more of the path.`,
    );
  const known = [...paths.keys(), ...graph.inputs.map(({ name }) => name), ...graph.producers.keys()];
  const near = nearest(text, known);
  throw new SaywhyError(
    'unknown-tensor',
    `The model has no layer or tensor "${text}".${near.length > 0 ? ` Did you mean ${near.map((name) => `"${name}"`).join(' or ')}?` : ''} \`saywhy inspect\` lists what it has.`,
  );
}
