import { qualifiedName } from './model/graph.js';
import type { Model } from './model/types.js';
import { operatorOf } from './operators/index.js';

/** Whether a model rounds real numbers to integers on its way: its gradients are then the straight-through estimator's. */
export function isQuantized(model: Model): boolean {
  return model.graph.nodes.some((node) => operatorOf(qualifiedName(node))?.quantizes);
}
