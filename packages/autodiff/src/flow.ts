// Where gradients flow: which inputs of a step they pass to, and by which rule.
import { explained } from './errors.js';
import { isFloating } from './model/types.js';
import type { AnyRule } from './operators/record.js';
import { ancestors, type Passes, resultsOf } from './reach.js';
import { whyMissing } from './refusals.js';
import { type Inside, insidesOf } from './subgraphs/calls.js';
import { type Surroundings, surroundingsWithin } from './surroundings.js';
import { callOf, type Step, view } from './view.js';

/** An input of a step whose cotangent is wanted, and the rule that gives it. */
export interface Wanted {
  readonly index: number;
  /** 'through': no rule gives it alone; the walk goes through what the operator is made of, for all wanted inputs together. */
  readonly rule: AnyRule | 'through';
}

/** What a step does to the gradient of one of its inputs: a rule passes it on, 'none' stops it, 'missing' is an operator without a rule. */
export function ruleOf(step: Step, index: number, around: Surroundings): Wanted['rule'] | 'none' | 'missing' {
  const name = step.inputs[index]!;
  const { type } = around.tensor(name);
  if (type !== 'other' && !isFloating(type)) return 'none';
  const formal = step.formal(index);
  const override = around.rules[step.opType]?.[formal];
  if (override) return override;
  const { operator } = step;
  if (operator?.holdsGraphs && whyMissing(step, around)) return 'missing';
  if (operator?.holdsGraphs) return waysInto(step, around).has(name) ? 'through' : 'none';
  if (operator?.lower) return 'through';
  if (!operator?.grad) return 'missing';
  if (operator.grad === 'none') return 'none';
  return (operator.grad as Readonly<Record<string, AnyRule>>)[formal] ?? 'none';
}

export function passesIn(around: Surroundings): Passes {
  return (step: Step, index: number) => ruleOf(step, index, around) !== 'none';
}

/** What was found for the nodes with graphs, so that each is walked through once. */
const waysFound = new WeakMap<Surroundings, Map<Step, ReadonlySet<string>>>();

/** What a node with graphs reads and its results depend on smoothly, as far as the operators in its graphs say. */
function waysInto(step: Step, around: Surroundings): ReadonlySet<string> {
  const found = waysFound.get(around) ?? new Map<Step, ReadonlySet<string>>();
  waysFound.set(around, found);
  const before = found.get(step);
  if (before) return before;
  const names = graphsOf(step, around).flatMap(({ model, bindings }) => {
    const needed = ancestors(view(model), resultsOf(model), passesIn(surroundingsWithin(model, bindings, around)));
    return [...bindings].flatMap(([inside, outside]) => (needed.has(inside) ? [outside] : []));
  });
  found.set(step, new Set(names));
  return new Set(names);
}

export function graphsOf(step: Step, { tensor, opset }: Surroundings): readonly Inside[] {
  return explained(step.title, () => insidesOf(step.opType, callOf(step, tensor, opset)));
}
