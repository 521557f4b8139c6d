// What steps are looked at with. Integers that QuantizeLinear and its kind make stand for real numbers, and are seen as such here: gradients pass them.
import type { GraphProto } from 'onnx-buf';
import type { Rules } from './differentiate.js';
import { standardDomain } from './model/encode.js';
import { qualifiedName } from './model/graph.js';
import { asReal, isFloating, isStandIn, type Model, opsetOf } from './model/types.js';
import { operatorOf } from './operators/index.js';
import { type Lookup, lookupIn } from './shapes/infer.js';
import { heldGraphs } from './subgraphs/graph-model.js';
import { type Step, view } from './view.js';

/** What a step is looked at with: what is known of the tensors around it, the rules asked for, and the opset. */
export interface Surroundings {
  readonly opset: number;
  readonly rules: Rules;
  readonly tensor: Lookup;
}

/** Those of a model's steps. */
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
  const inner = heldGraphs({ attributes });
  return operator?.quantizes === true || inner.some(within);
}

/** Those of the steps of a graph inside a node. @param bindings what its inputs are outside */
export function surroundingsWithin(
  model: Model,
  bindings: ReadonlyMap<string, string>,
  around: Surroundings,
): Surroundings {
  const own = lookupIn(model);
  const isReal = (name: string) =>
    isStandIn(own(name).type) && isFloating(around.tensor(bindings.get(name) ?? name).type);
  const inputs = model.graph.inputs.flatMap(({ name }) => (isReal(name) ? [name] : []));
  return { ...around, tensor: standInsAsReal(view(model), own, inputs) };
}
