// From methods, layers and targets to what has to be computed.
import { deconvnet, guidedBackpropagation, type Model, type Rules } from '@saywhy/autodiff';
import { SaywhyError } from '../errors.js';
import type { Features } from '../layers/features.js';
import { findLayer } from '../layers/lookup.js';
import { findMethod } from '../methods/index.js';
import type { Method, RulesName } from '../methods/method.js';
import type { GradientRequest } from '../sessions/parts.js';
import type { ExplainOptions, LayerInfo, Target } from '../types.js';

export interface PlannedMap {
  readonly method: Method;
  /** Undefined for a method that looks at the input alone. */
  readonly layer: LayerInfo | undefined;
  readonly rulesName: string;
}

export interface ExplainPlan {
  /** One for each combination of method and layer; each is made for every target. */
  readonly maps: readonly PlannedMap[];
  readonly targets: readonly Target[];
  readonly activations: readonly string[];
  readonly requests: readonly GradientRequest[];
}

const tables: ReadonlyMap<string, Rules> = new Map<RulesName, Rules>([
  ['guided-backpropagation', guidedBackpropagation],
  ['deconvnet', deconvnet],
]);

/** Names for tables of rules, the same for the same table. */
export class RulesNames {
  readonly #names = new Map<Rules, string>();

  of(rules: Method['rules']): string {
    if (!rules || typeof rules === 'string') return rules ?? '';
    const known = this.#names.get(rules);
    if (known !== undefined) return known;
    const name = `rules${this.#names.size + 1}`;
    this.#names.set(rules, name);
    return name;
  }
}

/** @throws SaywhyError `unknown-method`, `invalid-argument` for an empty list, and what `findLayer` throws */
export function planExplanation(
  options: ExplainOptions,
  model: Model,
  features: Features,
  picture: string,
  names: RulesNames,
): ExplainPlan {
  const methods = listOf(options.method, 'method', 'grad-cam').map(findMethod);
  const layers = listOf(options.layer, 'layer', 'auto');
  const targets = listOf<Target>(options.target, 'target', { top: 1 });
  const maps = methods.flatMap((method): PlannedMap[] => {
    const rulesName = names.of(method.rules);
    const { needs } = method;
    if (!needs.some((need) => need === 'activations' || need === 'gradients' || need === 'head'))
      return [{ method, layer: undefined, rulesName }];
    return layers.map((text) => ({
      method,
      layer: findLayer(model, features, text, needs.includes('gradients')),
      rulesName,
    }));
  });
  const wanted = new Map<string, { rules: Rules | undefined; wrt: Set<string> }>();
  const want = (rules: Method['rules'], tensor: string) => {
    const name = names.of(rules);
    const request = wanted.get(name) ?? { rules: tableOf(rules), wrt: new Set<string>() };
    request.wrt.add(tensor);
    wanted.set(name, request);
  };
  for (const { method, layer } of maps) {
    if (layer && method.needs.includes('gradients')) want(undefined, layer.tensor);
    if (method.needs.includes('input-gradients')) want(method.rules, picture);
  }
  const activations = maps.flatMap(({ layer }) => (layer ? [layer.tensor] : []));
  return {
    maps,
    targets,
    activations: [...new Set(activations)],
    requests: [...wanted].map(([rulesName, { rules, wrt }]) => ({ rulesName, rules, wrt: [...wrt] })),
  };
}

/** @throws SaywhyError `invalid-method` */
function tableOf(rules: Method['rules']): Rules | undefined {
  if (typeof rules !== 'string') return rules;
  const table = tables.get(rules);
  if (table) return table;
  throw new SaywhyError(
    'invalid-method',
    `Unknown rules "${rules}". There are: ${[...tables.keys()].join(', ')}; or give a table of your own.`,
  );
}

function listOf<T>(value: T | readonly T[] | undefined, what: string, otherwise: T): readonly T[] {
  const list: readonly T[] = value === undefined ? [otherwise] : Array.isArray(value) ? value : [value as T];
  if (list.length === 0)
    throw new SaywhyError('invalid-argument', `\`${what}\` is an empty list: leave it out, or name one.`);
  return list;
}
