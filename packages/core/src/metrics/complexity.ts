import type { Floats } from '../methods/method.js';
import type { Metric } from './metric.js';

/** The entropy of the map as a distribution over its places, in nats; that of an even one for a map of zeros. */
export function entropy({ data }: Floats): number {
  let total = 0;
  for (const value of data) total += value;
  if (!(total > 0)) return Math.log(data.length);
  let sum = 0;
  for (const value of data) if (value > 0) sum -= (value / total) * Math.log(value / total);
  return sum;
}

export const complexity: Metric = {
  name: 'complexity',
  title: 'Complexity',
  what: 'The entropy of the map over the entropy of an even one: 0 for a single place, 1 where all places are alike.',
  paper: {
    title: 'Bhatt et al., Evaluating and Aggregating Feature-based Model Explanations, 2020',
    url: 'https://arxiv.org/abs/2005.00631',
  },
  needs: [],
  better: 'lower',
  summary: 'mean',
  measure: ({ map }) => ({ value: entropy(map) / Math.log(map.data.length) }),
};
