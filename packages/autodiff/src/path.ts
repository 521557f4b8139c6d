// Which nodes lie between what gradients are wanted of and the scores, and what is said where there is no way.

import type { Rules } from './differentiate.js';
import { SaywhyError } from './errors.js';
import { isFloating, type Model, type Node } from './model/types.js';
import type { AnyRule, Tensor } from './operators/record.js';
import { inferTensors } from './shapes/infer.js';
import { callOf, nodeStep, type Step, view } from './view.js';

/** An input of a step whose cotangent is wanted, and the rule that gives it. */
interface Wanted {
  readonly index: number;
  readonly rule: AnyRule | 'lower';
}

/** Steps in topological order, each with the inputs that lead to a target. */
export type Path = readonly { readonly step: Step; readonly wanted: readonly Wanted[] }[];

type Lookup = (name: string) => Tensor;

/** What a step does to the gradient of one of its inputs: a rule passes it on, 'none' stops it, 'missing' is an operator without a rule. */
function ruleOf(step: Step, index: number, rules: Rules, tensor: Lookup): Wanted['rule'] | 'none' | 'missing' {
  const { type } = tensor(step.inputs[index]!);
  if (type !== 'other' && !isFloating(type)) return 'none';
  const { operator } = step;
  if (!operator) return 'missing';
  if (operator.grad === 'none') return 'none';
  const formal = step.formal(index);
  const override = rules[step.opType]?.[formal];
  if (override) return override;
  if (operator.lower) return 'lower';
  return (operator.grad as Readonly<Record<string, AnyRule>> | undefined)?.[formal] ?? 'none';
}

function inputsOf(step: Step): number[] {
  return step.inputs.flatMap((name, index) => (name === '' ? [] : [index]));
}

/**
 * The steps between the targets and the scores.
 * @throws SaywhyError `no-rule`, `not-differentiable`
 */
export function findPath(
  model: Model,
  steps: readonly Step[],
  targets: readonly string[],
  scores: string,
  rules: Rules,
): Path {
  const tensors = inferTensors(model);
  const tensor: Lookup = (name) => tensors.get(name) ?? { name, type: 'other' };
  const passes = (step: Step, index: number) => ruleOf(step, index, rules, tensor) !== 'none';
  const active = dependents(steps, targets, passes);
  const needed = ancestors(steps, scores, (step, index) => active.has(step.inputs[index]!) && passes(step, index));
  const onPath = steps.filter((step) => step.outputs.some((name) => needed.has(name)));

  const blocked = targets.filter((target) => !needed.has(target));
  if (blocked.length > 0) throw notDifferentiable(steps, blocked, scores, tensor, rules);
  const path = onPath
    .map((step) => ({
      step,
      wanted: inputsOf(step).flatMap((index) => {
        const rule = active.has(step.inputs[index]!) ? ruleOf(step, index, rules, tensor) : 'none';
        return rule === 'none' ? [] : [{ index, rule }];
      }),
    }))
    .filter(({ wanted }) => wanted.length > 0);
  const refused = path.flatMap(({ step, wanted }) => {
    if (wanted.some(({ rule }) => rule === 'missing')) return [`${step.title}: no rule`];
    const reason = step.operator?.unsupported?.(callOf(step, tensor, model.opset.get('') ?? 0));
    return reason ? [`${step.title}: ${reason}`] : [];
  });
  if (refused.length > 0)
    throw new SaywhyError(
      'no-rule',
      `The gradient of "${scores}" passes through operators that cannot be differentiated:\n  ${refused.join('\n  ')}\nExplain a layer after them, or use a method without gradients (occlusion, eigen-cam).`,
    );
  return path as Path;
}

/** The path through nodes that a lowering emitted, all of which have rules. */
export function pathThrough(nodes: readonly Node[], targets: readonly string[], tensor: Lookup): Path {
  const steps = nodes.map(nodeStep);
  const active = dependents(steps, targets, (step, index) => ruleOf(step, index, {}, tensor) !== 'none');
  return steps.map((step) => ({
    step,
    wanted: inputsOf(step).flatMap((index) => {
      const rule = active.has(step.inputs[index]!) ? ruleOf(step, index, {}, tensor) : 'none';
      return rule === 'none' || rule === 'missing' ? [] : [{ index, rule }];
    }),
  }));
}

/** Every floating-point tensor whose gradient `differentiate` can give: those that the scores depend on through operators with rules. */
export function differentiableTensors(model: Model, scores: string, rules: Rules = {}): Set<string> {
  const tensors = inferTensors(model);
  const tensor: Lookup = (name) => tensors.get(name) ?? { name, type: 'other' };
  const opset = model.opset.get('') ?? 0;
  const found = ancestors(view(model), scores, (step, index) => {
    const rule = ruleOf(step, index, rules, tensor);
    return rule !== 'none' && rule !== 'missing' && !step.operator?.unsupported?.(callOf(step, tensor, opset));
  });
  return new Set([...found].filter((name) => isFloating(tensor(name).type)));
}

/** Tensors that depend on some others, themselves included. */
function dependents(
  steps: readonly Step[],
  names: readonly string[],
  passes: (step: Step, index: number) => boolean,
): Set<string> {
  const found = new Set(names);
  for (const step of steps)
    if (inputsOf(step).some((index) => found.has(step.inputs[index]!) && passes(step, index)))
      for (const name of step.outputs) if (name) found.add(name);
  return found;
}

/** Tensors that one depends on, itself included. */
function ancestors(steps: readonly Step[], name: string, passes: (step: Step, index: number) => boolean): Set<string> {
  const found = new Set([name]);
  for (const step of [...steps].reverse())
    if (step.outputs.some((output) => found.has(output)))
      for (const index of inputsOf(step)) if (passes(step, index)) found.add(step.inputs[index]!);
  return found;
}

function notDifferentiable(
  steps: readonly Step[],
  blocked: readonly string[],
  scores: string,
  tensor: Lookup,
  rules: Rules,
): SaywhyError {
  const anyway = () => true;
  const reached = dependents(steps, blocked, anyway);
  const needed = ancestors(steps, scores, anyway);
  const walls = steps.filter(
    (step) =>
      step.outputs.some((name) => needed.has(name)) &&
      inputsOf(step).some((index) => reached.has(step.inputs[index]!) && ruleOf(step, index, rules, tensor) === 'none'),
  );
  const names = blocked.map((name) => `"${name}"`).join(', ');
  const reason = reached.has(scores)
    ? `only through operators without a derivative: ${walls
        .slice(0, 5)
        .map(({ title }) => title)
        .join(', ')}`
    : 'not at all';
  return new SaywhyError(
    'not-differentiable',
    `"${scores}" depends on ${names} ${reason}. Choose a tensor that it depends on smoothly.`,
  );
}
