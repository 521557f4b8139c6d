import type { Rules } from './differentiate.js';
import { ruleOf } from './flow.js';
import { inlineGraphs } from './inline.js';
import { isFloating, type Model } from './model/types.js';
import { unsupported } from './path.js';
import { inputsOf } from './reach.js';
import { lookupIn } from './shapes/infer.js';
import { surroundings } from './surroundings.js';
import { view } from './view.js';

/**
 * Every floating-point tensor whose gradient `differentiate` can give: those that the scores depend on, and only through operators that have a
 * derivative and a rule, or that have no derivative.
 */
export function differentiableTensors(source: Model, scores: string, rules: Rules = {}): Set<string> {
  const model = inlineGraphs(source);
  const tensor = lookupIn(model);
  const { type } = tensor(scores);
  if (type !== 'other' && !isFloating(type)) return new Set();
  const steps = view(model);
  const around = surroundings(model, steps, rules);
  const needed = new Set([scores]);
  const refused = new Set<string>();
  for (const step of steps.reverse()) {
    const outputs = step.outputs.filter((name) => needed.has(name));
    if (outputs.length === 0) continue;
    const inputs = inputsOf(step)
      .map((index) => ({ name: step.inputs[index]!, rule: ruleOf(step, index, around) }))
      .filter(({ rule }) => rule !== 'none');
    const isRefused =
      outputs.some((name) => refused.has(name)) ||
      inputs.some(({ rule }) => rule === 'missing') ||
      (inputs.length > 0 && unsupported(step, around) !== undefined);
    for (const { name } of inputs) {
      needed.add(name);
      if (isRefused) refused.add(name);
    }
  }
  return new Set([...needed].filter((name) => !refused.has(name) && isFloating(tensor(name).type)));
}
