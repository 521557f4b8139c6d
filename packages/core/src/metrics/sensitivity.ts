import type { Metric } from './metric.js';
import { hash, uniform } from './random.js';

/** Of the input's range: how far each number of it is moved at most. */
const RADIUS = 0.02;
const SAMPLES = 4;

/** Each number moved by at most the radius either way, all amounts alike. */
export function moved(values: Float32Array, radius: number, seed: number): Float32Array {
  const next = uniform(seed);
  return values.map((value) => value + radius * (2 * next() - 1));
}

/** The norm of the change over the norm of the map; 0 where neither map has anything, infinite where only the first has nothing. */
export function change(before: Float32Array, after: Float32Array): number {
  let [difference, size] = [0, 0];
  for (let i = 0; i < before.length; i++) {
    difference += (after[i]! - before[i]!) ** 2;
    size += before[i]! ** 2;
  }
  return difference === 0 ? 0 : Math.sqrt(difference / size);
}

export const sensitivity: Metric = {
  name: 'sensitivity',
  title: 'Max-sensitivity',
  what: "The largest change of the map, in relation to its norm, when every number of the model's input is moved at random by at most 2 % of the input's range, of 4 trials.",
  paper: {
    title: 'Yeh et al., On the (In)fidelity and Sensitivity of Explanations, 2019',
    url: 'https://arxiv.org/abs/1901.09392',
  },
  needs: ['explanations'],
  better: 'lower',
  summary: 'median',
  async measure({ signed, input, mapOf, seed }) {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const value of input.data) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    const curve: number[] = [];
    for (let i = 0; i < SAMPLES; i++) {
      const name = `moved ${i}`;
      const other = await mapOf(name, () => moved(input.data, RADIUS * (high - low), seed ^ hash(name)));
      curve.push(change(signed.data, other.data));
    }
    return { value: Math.max(...curve), curve };
  },
};
