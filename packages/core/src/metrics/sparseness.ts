import type { Floats } from '../methods/method.js';
import type { Metric } from './metric.js';

/** The Gini index of the map's values: 0 where all are alike (or all 0), nearly 1 where one place has everything. */
export function gini({ data }: Floats): number {
  const sorted = data.slice().sort();
  const n = sorted.length;
  let [weighted, total] = [0, 0];
  for (let i = 0; i < n; i++) {
    weighted += (2 * (i + 1) - n - 1) * sorted[i]!;
    total += sorted[i]!;
  }
  return total > 0 ? weighted / (n * total) : 0;
}

export const sparseness: Metric = {
  name: 'sparseness',
  title: 'Sparseness',
  what: "The Gini index of the map's values: 0 where all places are alike, nearly 1 where a single one has everything.",
  paper: {
    title: 'Chalasani et al., Concise Explanations of Neural Networks using Adversarial Training, 2020',
    url: 'https://arxiv.org/abs/1810.06583',
  },
  needs: [],
  better: 'higher',
  summary: 'mean',
  measure: ({ map }) => ({ value: gini(map) }),
};
