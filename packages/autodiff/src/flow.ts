// Where gradients flow: which inputs of a step they pass to, and by which rule; and what is reached so.

import type { GraphProto } from 'onnx-buf';
import type { Rules } from './differentiate.js';
import { explained } from './errors.js';
import { standardDomain } from './model/encode.js';
import { qualifiedName } from './model/graph.js';
import { asReal, isFloating, isStandIn, type Model } from './model/types.js';
import { operatorOf } from './operators/index.js';
import type { AnyRule, Tensor } from './operators/record.js';
import { whyMissing } from './refusals.js';
import { inferTensors } from './shapes/infer.js';
import { type Inside, insidesOf } from './subgraphs/calls.js';
import { graphOf } from './subgraphs/graph-model.js';
import { callOf, type Step, view } from './view.js';

/** An input of a step whose cotangent is wanted, and the rule that gives it. */
export interface Wanted {
  readonly index: number;
  /** 'whole': the cotangents of all wanted inputs are made together. */
  readonly rule: AnyRule | 'whole';
}

type Lookup = (name: string) => Tensor;

/** What a step is looked at with: what is known of the tensors around it, the rules asked for, and the opset. */
export interface Surroundings {
  readonly opset: number;
  readonly rules: Rules;
  readonly tensor: Lookup;
}

/** Whether a gradient passes a step to one of its inputs. */
export type Passes = (step: Step, index: number) => boolean;

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
  if (operator?.holdsGraphs) return waysInto(step, around).has(name) ? 'whole' : 'none';
  if (operator?.lower) return 'whole';
  if (!operator?.grad) return 'missing';
  if (operator.grad === 'none') return 'none';
  return (operator.grad as Readonly<Record<string, AnyRule>>)[formal] ?? 'none';
}

export function passes(around: Surroundings) {
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
  const names = graphsOf(step, around).flatMap(({ model, given }) => {
    const needed = ancestors(view(model), resultsOf(model), passes(within(model, given, around)));
    return [...given].flatMap(([inside, outside]) => (needed.has(inside) ? [outside] : []));
  });
  found.set(step, new Set(names));
  return new Set(names);
}

export function graphsOf(step: Step, { tensor, opset }: Surroundings): readonly Inside[] {
  return explained(step.title, () => insidesOf(step.opType, callOf(step, tensor, opset)));
}

/** What surrounds the steps of a graph inside a node. @param given its inputs, by what they are outside */
export function within(model: Model, given: ReadonlyMap<string, string>, around: Surroundings): Surroundings {
  const own = lookupIn(model);
  const isReal = (name: string) => isStandIn(own(name).type) && isFloating(around.tensor(given.get(name) ?? name).type);
  const inputs = model.graph.inputs.flatMap(({ name }) => (isReal(name) ? [name] : []));
  return { ...around, tensor: standInsAsReal(view(model), own, inputs) };
}

export function resultsOf(model: Model): string[] {
  return model.graph.outputs.map(({ name }) => name);
}

export function inputsOf(step: Step): number[] {
  return step.inputs.flatMap((name, index) => (name === '' ? [] : [index]));
}

/** Tensors that depend on some others, themselves included. */
export function dependents(steps: readonly Step[], names: Iterable<string>, passes: Passes): Set<string> {
  const found = new Set(names);
  for (const step of steps)
    if (inputsOf(step).some((index) => found.has(step.inputs[index]!) && passes(step, index)))
      for (const name of step.outputs) if (name) found.add(name);
  return found;
}

/** Tensors that some depend on, themselves included. */
export function ancestors(steps: readonly Step[], names: Iterable<string>, passes: Passes): Set<string> {
  const found = new Set(names);
  for (const step of [...steps].reverse())
    if (step.outputs.some((output) => found.has(output)))
      for (const index of inputsOf(step)) if (passes(step, index)) found.add(step.inputs[index]!);
  return found;
}

/** What surrounds the steps of a model. Integers that stand for real numbers, made by QuantizeLinear and its kind or from such, count as real. */
export function surroundings(model: Model, steps: readonly Step[], rules: Rules): Surroundings {
  return { opset: opsetOf(model), rules, tensor: standInsAsReal(steps, lookupIn(model)) };
}

/** @param real stand-ins that the steps begin with */
export function standInsAsReal(steps: readonly Step[], tensor: Lookup, real: Iterable<string> = []): Lookup {
  const found = new Set(real);
  for (const step of steps)
    if (step.inputs.some((name) => found.has(name)) || quantizes(step))
      for (const name of step.outputs) if (isStandIn(tensor(name).type)) found.add(name);
  return (name) => (found.has(name) ? asReal(tensor(name)) : tensor(name));
}

/** Whether a step, or one in a graph of it, makes integers that stand for real numbers. */
function quantizes({ operator, attributes }: Step): boolean {
  const within = (graph: GraphProto): boolean =>
    graph.node.some(
      (node) =>
        operatorOf(qualifiedName({ ...node, domain: standardDomain(node.domain) }))?.quantizes ||
        node.attribute.some(({ g }) => g && within(g)),
    );
  const inner = operator?.holdsGraphs ? Object.values(attributes).flatMap((value) => graphOf(value) ?? []) : [];
  return operator?.quantizes === true || inner.some(within);
}

export function lookupIn(model: Model): Lookup {
  const tensors = inferTensors(model);
  return (name) => tensors.get(name) ?? { name, type: 'other' };
}

function opsetOf(model: Model): number {
  return model.opset.get('') ?? 0;
}
