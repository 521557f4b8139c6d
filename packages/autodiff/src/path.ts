// Which nodes lie between what gradients are wanted of and the scores, and what is said where there is no way.

import type { Rules } from './differentiate.js';
import { explained, SaywhyError } from './errors.js';
import { type AttributeValue, isFloating, isStandIn, type Model } from './model/types.js';
import { impossibleAxis } from './operators/limits.js';
import type { AnyRule, Tensor } from './operators/record.js';
import { withoutRule } from './schema/contrib.js';
import { missingInput } from './schema/read.js';
import { inferTensors } from './shapes/infer.js';
import { type Inside, insidesOf, whyClosed } from './subgraphs/calls.js';
import { callOf, type Step, view } from './view.js';

/** An input of a step whose cotangent is wanted, and the rule that gives it. */
interface Wanted {
  readonly index: number;
  /** 'whole': the cotangents of all wanted inputs are made together. */
  readonly rule: AnyRule | 'whole';
}

/** Steps in topological order, each with the inputs that lead to a target. */
export type Path = readonly { readonly step: Step; readonly wanted: readonly Wanted[] }[];

type Lookup = (name: string) => Tensor;

const MAX_ATTRIBUTE = 2 ** 16;

/** How many tensors, and operators, a message names. */
const MAX_NAMED = 5;

/** What is looked up on the way. */
interface Context {
  readonly opset: number;
  readonly rules: Rules;
  readonly tensor: Lookup;
}

/** What a step does to the gradient of one of its inputs: a rule passes it on, 'none' stops it, 'missing' is an operator without a rule. */
function ruleOf(step: Step, index: number, context: Context): Wanted['rule'] | 'none' | 'missing' {
  const name = step.inputs[index]!;
  const { type } = context.tensor(name);
  if (type !== 'other' && !isFloating(type)) return 'none';
  const formal = step.formal(index);
  const override = context.rules[step.opType]?.[formal];
  if (override) return override;
  const { operator } = step;
  if (operator?.holdsGraphs && whyMissing(step, context)) return 'missing';
  if (operator?.holdsGraphs) return waysInto(step, context).has(name) ? 'whole' : 'none';
  if (operator?.lower) return 'whole';
  if (!operator?.grad) return 'missing';
  if (operator.grad === 'none') return 'none';
  return (operator.grad as Readonly<Record<string, AnyRule>>)[formal] ?? 'none';
}

/** Why a step has no rule, where more is known than that. */
function whyMissing(step: Step, { tensor, opset }: Context): string | undefined {
  const { opType, operator } = step;
  if (operator?.holdsGraphs) return whyClosed(opType, callOf(step, tensor, opset));
  return operator?.refused ?? withoutRule(opType);
}

function passes(context: Context) {
  return (step: Step, index: number) => ruleOf(step, index, context) !== 'none';
}

const known = new WeakMap<Context, Map<Step, ReadonlySet<string>>>();

/** What a node with graphs reads and its results depend on smoothly, as far as the operators in its graphs say. */
function waysInto(step: Step, context: Context): ReadonlySet<string> {
  const found = known.get(context) ?? new Map<Step, ReadonlySet<string>>();
  known.set(context, found);
  const before = found.get(step);
  if (before) return before;
  const names = graphsOf(step, context).flatMap(({ model, given }) => {
    const needed = ancestors(view(model), resultsOf(model), passes(within(model, context)));
    return [...given].flatMap(([inside, outside]) => (needed.has(inside) ? [outside] : []));
  });
  found.set(step, new Set(names));
  return new Set(names);
}

function graphsOf(step: Step, { tensor, opset }: Context): readonly Inside[] {
  return explained(step.title, () => insidesOf(step.opType, callOf(step, tensor, opset)));
}

function within(model: Model, { rules, opset }: Context): Context {
  return { rules, opset, tensor: lookupIn(model) };
}

function resultsOf(model: Model): string[] {
  return model.graph.outputs.map(({ name }) => name);
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
  const known = lookupIn(model);
  for (const name of [scores, ...targets]) checkReal(known(name));
  const context = { opset: opsetOf(model), rules, tensor: standInsAsReal(steps, known) };
  const active = dependents(steps, targets, passes(context));
  const needed = ancestors(steps, [scores], onWay(active, context));
  const blocked = targets.filter((target) => !needed.has(target));
  if (blocked.length > 0) throw notDifferentiable(steps, blocked, scores, passes(context));
  return checked(planned(steps, active, needed, context), scores);
}

/**
 * The path through the steps of a lowering, or of a graph inside a node, from some of its tensors to some of its results. Targets that no way leads from are
 * not on it.
 * @param title for messages
 * @throws SaywhyError `no-rule`
 */
export function pathWithin(
  steps: readonly Step[],
  targets: Iterable<string>,
  results: Iterable<string>,
  context: Context,
  title: string,
): Path {
  const active = dependents(steps, targets, passes(context));
  const needed = ancestors(steps, results, onWay(active, context));
  return checked(planned(steps, active, needed, context), title);
}

function onWay(active: ReadonlySet<string>, context: Context) {
  return (step: Step, index: number) => active.has(step.inputs[index]!) && passes(context)(step, index);
}

interface Plan {
  readonly path: Path;
  /** Steps on the way that have no rule, and why. */
  readonly refused: readonly string[];
}

/** The steps that are needed, with the rules of their active inputs. */
function planned(
  steps: readonly Step[],
  active: ReadonlySet<string>,
  needed: ReadonlySet<string>,
  context: Context,
): Plan {
  const path: { step: Step; wanted: Wanted[] }[] = [];
  const refused: string[] = [];
  for (const step of steps.filter(({ outputs }) => outputs.some((name) => needed.has(name)))) {
    const all = inputsOf(step)
      .filter((index) => active.has(step.inputs[index]!))
      .map((index) => ({ index, rule: ruleOf(step, index, context) }));
    const wanted = all.filter((input): input is Wanted => input.rule !== 'none' && input.rule !== 'missing');
    const reason = all.some(({ rule }) => rule === 'missing')
      ? (whyMissing(step, context) ?? 'no rule')
      : wanted.length > 0 && unsupported(step, context);
    if (reason) refused.push(`${step.title}: ${reason}`);
    if (wanted.length > 0) path.push({ step, wanted });
  }
  return { path, refused };
}

function checked({ path, refused }: Plan, scores: string): Path {
  if (refused.length > 0) throw noRule(scores, refused);
  return path;
}

/**
 * Every floating-point tensor whose gradient `differentiate` can give: those that the scores depend on, and only through operators that have a
 * derivative and a rule, or that have no derivative.
 */
export function differentiableTensors(model: Model, scores: string, rules: Rules = {}): Set<string> {
  const known = lookupIn(model);
  const { type } = known(scores);
  if (type !== 'other' && !isFloating(type)) return new Set();
  const steps = view(model);
  const context = { opset: opsetOf(model), rules, tensor: standInsAsReal(steps, known) };
  const needed = new Set([scores]);
  const refused = new Set<string>();
  for (const step of steps.reverse()) {
    const outputs = step.outputs.filter((name) => needed.has(name));
    if (outputs.length === 0) continue;
    const inputs = inputsOf(step)
      .map((index) => ({ name: step.inputs[index]!, rule: ruleOf(step, index, context) }))
      .filter(({ rule }) => rule !== 'none');
    const isRefused =
      outputs.some((name) => refused.has(name)) ||
      inputs.some(({ rule }) => rule === 'missing') ||
      (inputs.length > 0 && unsupported(step, context) !== undefined);
    for (const { name } of inputs) {
      needed.add(name);
      if (isRefused) refused.add(name);
    }
  }
  return new Set([...needed].filter((name) => !refused.has(name) && isFloating(known(name).type)));
}

/** A lookup in which integers that stand for real numbers, made by QuantizeLinear and its kind or from such, count as real. */
function standInsAsReal(steps: readonly Step[], tensor: Lookup): Lookup {
  const found = new Set<string>();
  for (const { operator, inputs, outputs } of steps)
    if (operator?.quantizes || inputs.some((name) => found.has(name)))
      for (const name of outputs) if (isStandIn(tensor(name).type)) found.add(name);
  return (name) => (found.has(name) ? { ...tensor(name), type: 'float32' } : tensor(name));
}

function lookupIn(model: Model): Lookup {
  const tensors = inferTensors(model);
  return (name) => tensors.get(name) ?? { name, type: 'other' };
}

function opsetOf(model: Model): number {
  return model.opset.get('') ?? 0;
}

/** Why a step cannot be differentiated although its operator can. */
function unsupported(step: Step, context: Context): string | undefined {
  return explained(step.title, () => {
    const call = callOf(step, context.tensor, context.opset);
    const missing = missingInput(step.opType, call.inputs);
    if (missing) return `its input "${missing}" is missing`;
    const axis = impossibleAxis(call.attributes);
    if (axis) return `its attribute "${axis}" (${call.attributes[axis]}) names no axis that a tensor has`;
    const large = Object.entries(call.attributes).find(([, value]) => isLargeList(value));
    if (large) return `its attribute "${large[0]}" holds more than ${MAX_ATTRIBUTE}`;
    return step.operator?.unsupported?.(call) ?? (step.operator?.holdsGraphs && unsupportedInside(step, context));
  });
}

/** Why the graphs of a node cannot be differentiated. */
function unsupportedInside(step: Step, context: Context): string | undefined {
  const reasons = graphsOf(step, context).flatMap(({ model, given }) => {
    const [steps, inner] = [view(model), within(model, context)];
    const active = dependents(steps, given.keys(), passes(inner));
    return planned(steps, active, ancestors(steps, resultsOf(model), onWay(active, inner)), inner).refused;
  });
  return reasons.length > 0 ? `in it, ${reasons.join('; ')}` : undefined;
}

/** Rules unroll strides, kernels and the like: none of a real model is so large. */
function isLargeList(value: AttributeValue): boolean {
  return (
    Array.isArray(value) && value.some((element) => typeof element === 'number' && Math.abs(element) > MAX_ATTRIBUTE)
  );
}

/** Tensors that depend on some others, themselves included. */
function dependents(
  steps: readonly Step[],
  names: Iterable<string>,
  passes: (step: Step, index: number) => boolean,
): Set<string> {
  const found = new Set(names);
  for (const step of steps)
    if (inputsOf(step).some((index) => found.has(step.inputs[index]!) && passes(step, index)))
      for (const name of step.outputs) if (name) found.add(name);
  return found;
}

/** Tensors that some depend on, themselves included. */
function ancestors(
  steps: readonly Step[],
  names: Iterable<string>,
  passes: (step: Step, index: number) => boolean,
): Set<string> {
  const found = new Set(names);
  for (const step of [...steps].reverse())
    if (step.outputs.some((output) => found.has(output)))
      for (const index of inputsOf(step)) if (passes(step, index)) found.add(step.inputs[index]!);
  return found;
}

function checkReal({ name, type }: Tensor): void {
  if (type !== 'other' && !isFloating(type))
    throw new SaywhyError(
      'not-differentiable',
      `"${name}" holds ${type}, not real numbers. Choose a floating-point tensor.`,
    );
}

function noRule(scores: string, refused: readonly string[]): SaywhyError {
  return new SaywhyError(
    'no-rule',
    `The gradient of "${scores}" passes through operators that cannot be differentiated:\n  ${refused.join('\n  ')}\nExplain a layer after them, or use a method without gradients (occlusion, eigen-cam).`,
  );
}

function notDifferentiable(
  steps: readonly Step[],
  blocked: readonly string[],
  scores: string,
  passes: (step: Step, index: number) => boolean,
): SaywhyError {
  const anyway = () => true;
  const needed = ancestors(steps, [scores], anyway);
  const reasons = blocked.slice(0, MAX_NAMED).map((target) => {
    if (!needed.has(target)) return `"${target}" (not at all)`;
    const reached = dependents(steps, [target], anyway);
    const walls = steps.filter(
      (step) =>
        step.outputs.some((name) => needed.has(name)) &&
        inputsOf(step).some((index) => reached.has(step.inputs[index]!) && !passes(step, index)),
    );
    const titles = walls.slice(0, MAX_NAMED).map(({ title }) => title);
    return `"${target}" (only through operators without a derivative: ${titles.join(', ')})`;
  });
  return new SaywhyError(
    'not-differentiable',
    `"${scores}" does not depend smoothly on ${reasons.join(', ')}. Choose a tensor that it does depend on.`,
  );
}
