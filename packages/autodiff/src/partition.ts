import { extract } from './extract.js';
import { ancestorNodes, uses } from './model/graph.js';
import { type Graph, type Model, type Node, requiredInputs } from './model/types.js';

/** A differentiated model in two parts that run one after the other. */
export interface Partition {
  /** Gives the model's own outputs, and `saved`. */
  readonly forward: Model;
  /** From the cotangents and `saved` to the gradients. */
  readonly backward: Model;
  /** The tensors that pass from the one to the other: outputs of the forward part, or inputs of the model that both need. */
  readonly saved: readonly string[];
}

/** Operators that give something else each time, so that a copy would not agree with its original. */
const random = /^(Random|Bernoulli$|Multinomial$)/;

/**
 * Splits a differentiated model. The forward part is what the outputs that are no gradients need; all else is the backward part (masks and flipped
 * weights do not depend on the cotangent, but belong there). What depends on no input is in both rather than saved.
 *
 * @param gradients the outputs that the backward part shall give
 * @throws SaywhyError `unknown-tensor`; `unsupported-type` where a tensor that passes from one part to the other has an unknown type
 */
export function partition(model: Model, gradients: readonly string[]): Partition {
  const { graph } = model;
  const wanted = new Set(gradients);
  const own = graph.outputs.map(({ name }) => name).filter((name) => !wanted.has(name));
  const forward = new Set(ancestorNodes(graph.nodes, own).nodes);
  const inputs = new Set(requiredInputs(graph).map(({ name }) => name));
  const ofForward = new Set([...own, ...[...forward].flatMap(uses)].filter((name) => inputs.has(name)));

  const variable = variableTensors(graph, inputs);
  const saved = new Set<string>();
  for (const node of ancestorNodes(graph.nodes, gradients).nodes)
    if (!forward.has(node))
      for (const name of uses(node)) {
        const producer = graph.producers.get(name);
        if (variable.has(name) && (producer ? forward.has(producer) : ofForward.has(name))) saved.add(name);
      }
  const cotangents = [...inputs].filter((name) => !ofForward.has(name));
  const made = [...saved].filter((name) => graph.producers.has(name));
  return {
    forward: extract(model, { inputs: [...ofForward], outputs: [...new Set([...own, ...made])] }),
    backward: extract(model, { inputs: [...saved, ...cotangents], outputs: gradients }),
    saved: [...saved],
  };
}

/** The tensors that are not the same in every run. */
function variableTensors(graph: Graph, inputs: Iterable<string>): Set<string> {
  const variable = new Set(inputs);
  const isVariable = (node: Node) =>
    node.domain !== '' || random.test(node.opType) || uses(node).some((name) => variable.has(name));
  for (const node of graph.nodes) if (isVariable(node)) for (const name of node.outputs) variable.add(name);
  return variable;
}
