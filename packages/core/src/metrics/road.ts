import type { Floats } from '../methods/method.js';
import { imputed } from './impute.js';
import type { Metric } from './metric.js';
import { strongestFirst } from './order.js';
import { normal } from './random.js';

/** Shares of the places that are removed. */
export const SHARES = [0.25, 0.5, 0.75];

/** What is added to imputed values, so that their smoothness does not tell the model where they are. */
const NOISE = 0.01;

/** 1 at the first places of an order: as many as lie at or above the percentile. */
export function removedPlaces(order: Uint32Array, share: number): Uint8Array {
  const kept = Math.ceil((1 - share) * (order.length - 1) - 1e-9);
  const removed = new Uint8Array(order.length);
  for (const place of order.subarray(0, order.length - kept)) removed[place] = 1;
  return removed;
}

/** Without what was removed: imputed, with noise. */
export function withoutPlaces(input: Floats, removed: Uint8Array, seed: number, noise = NOISE): Float32Array {
  const filled = imputed(input, removed);
  const next = normal(seed);
  return filled.map((value, i) => (removed[i % removed.length] ? value + noise * next() : value));
}

/**
 * (least relevant first - most relevant first) / 2 over the shares: above 0 where removing what the map points at costs more than removing the rest. Both orders
 * are of the same map, so that ties at 0 do not count for either.
 */
export const road: Metric = {
  name: 'road',
  title: 'ROAD',
  what: "Half the difference of the target's probability between removing 25, 50 and 75 % of the pixels from the map's weakest on and from its strongest on; removed pixels are imputed from their neighbours, with noise.",
  paper: {
    title: 'Rong et al., A Consistent and Efficient Evaluation Strategy for Attribution Methods, 2022',
    url: 'https://arxiv.org/abs/2202.00449',
  },
  needs: ['runs'],
  better: 'higher',
  summary: 'mean',
  async measure({ map, input, probabilities, seed }) {
    const strongest = strongestFirst(map.data, seed);
    const orders = [strongest.slice().reverse(), strongest];
    const found = await probabilities(2 * SHARES.length, (index) => {
      const order = orders[Math.floor(index / SHARES.length)]!;
      return withoutPlaces(input, removedPlaces(order, SHARES[index % SHARES.length]!), seed + index);
    });
    const curve = SHARES.map((_, i) => (found[i]! - found[SHARES.length + i]!) / 2);
    return { value: curve.reduce((sum, value) => sum + value, 0) / curve.length, curve };
  },
};
