import { insertion } from './insertion.js';
import type { Metric } from './metric.js';
import { walk } from './step-curve.js';

/** From the picture to zeros, which are the mean colour after the usual normalization. */
export const deletion: Metric = {
  ...insertion,
  name: 'deletion',
  title: 'Deletion',
  what: "The area under the target's probability while pixels of the picture become 0 in 16 steps, the map's strongest first.",
  better: 'lower',
  measure: (context) => walk(context, context.input, new Float32Array(context.input.data.length)),
};
