import { ancestorNodes, extract } from './extract.js';
import { type Model, requiredInputs } from './model/types.js';

/** A differentiated model in two parts that run one after the other. */
export interface Partition {
  /** Gives the model's own outputs, and `saved`. */
  readonly forward: Model;
  /** From the cotangents and `saved` to the gradients. */
  readonly backward: Model;
  /** The tensors that pass from the one to the other. */
  readonly saved: readonly string[];
}

/**
 * Splits a differentiated model. The forward part is what the outputs that are no gradients need; all else is the backward part (masks and flipped
 * weights do not depend on the cotangent, but belong there). What depends on no input is in both rather than saved.
 *
 * @param gradients the outputs that the backward part shall give
 */
export function partition(model: Model, gradients: readonly string[]): Partition {
  const { graph } = model;
  const wanted = new Set(gradients);
  const own = graph.outputs.map(({ name }) => name).filter((name) => !wanted.has(name));
  const forward = new Set(ancestorNodes(graph, own).nodes);
  const inputs = new Set(requiredInputs(graph).map(({ name }) => name));
  const forwardInputs = new Set([...forward].flatMap((node) => node.inputs.filter((name) => inputs.has(name))));

  const variable = new Set(inputs);
  for (const node of graph.nodes)
    if (node.inputs.some((name) => variable.has(name))) for (const name of node.outputs) variable.add(name);

  const saved = new Set<string>();
  for (const node of ancestorNodes(graph, gradients).nodes)
    if (!forward.has(node))
      for (const name of node.inputs) {
        const producer = graph.producers.get(name);
        if (variable.has(name) && (producer ? forward.has(producer) : forwardInputs.has(name))) saved.add(name);
      }
  const cotangents = [...inputs].filter((name) => !forwardInputs.has(name));
  const crossing = [...saved];
  const made = crossing.filter((name) => graph.producers.has(name));
  return {
    forward: extract(model, { inputs: [...forwardInputs], outputs: [...new Set([...own, ...made])] }),
    backward: extract(model, { inputs: [...crossing, ...cotangents], outputs: gradients }),
    saved: crossing,
  };
}
