import { SaywhyError } from './errors.js';
import { elementCount, makeInitializer, readTensor } from './model/tensor-data.js';
import type { Initializer, Model } from './model/types.js';

/** Gives new elements for a weight (as many as it had, row by row), or undefined to leave it as it is. */
export type Replacement = (weight: Initializer, read: () => number[]) => readonly number[] | undefined;

/**
 * The same model with other weights: for checks that a method looks at the model at all. Replace the weights before `differentiate`, not after: what it adds
 * may hold what followed from small constants, such as the slope of a PRelu.
 * @throws SaywhyError `invalid-argument` where the number of elements differs; `external-data-missing`, `unsupported-type` where a weight is read that cannot be
 */
export function replaceWeights(model: Model, replacement: Replacement): Model {
  const initializers = new Map<string, Initializer>();
  for (const [name, weight] of model.graph.initializers) {
    const values = replacement(weight, () => readTensor(weight.proto, model.external));
    const count = elementCount(weight.shape);
    if (values && values.length !== count)
      throw new SaywhyError(
        'invalid-argument',
        `The weight "${name}" has ${count} elements; its replacement has ${values.length}.`,
      );
    initializers.set(name, values ? makeInitializer(name, weight.type, weight.shape, values) : weight);
  }
  return { ...model, graph: { ...model.graph, initializers } };
}
