// How much of the answer is left where only what the map shows is left: the two are of one run.
import type { Floats } from '../methods/method.js';
import type { Metric, MetricContext } from './metric.js';

const paper = {
  title:
    'Chattopadhay et al., Grad-CAM++: Generalized Gradient-based Visual Explanations for Deep Convolutional Networks, 2018',
  url: 'https://arxiv.org/abs/1710.11063',
};

/** The model's input, each channel of it times the map. */
export function shownOnly({ data }: Floats, map: Floats): Float32Array {
  return data.map((value, i) => value * map.data[i % map.data.length]!);
}

/** The share of the probability that is lost; a gain is no loss. */
export function drop(before: number, after: number): number {
  return Math.max(0, before - after) / before;
}

/** The probability of the picture as it is, and of what the map shows of it. */
async function beforeAndAfter({ input, map, shared, probabilities }: MetricContext): Promise<[number, number]> {
  const [before] = await shared('probability', () => probabilities(1, () => input.data));
  const [after] = await probabilities(1, () => shownOnly(input, map));
  return [before!, after!];
}

export const averageDrop: Metric = {
  name: 'average-drop',
  title: 'Average drop',
  what: "The share of the target's probability that is lost when the model's input is multiplied by the map.",
  paper,
  needs: ['runs'],
  better: 'lower',
  summary: 'mean',
  measure: async (context) => ({ value: drop(...(await beforeAndAfter(context))) }),
};

export const averageIncrease: Metric = {
  ...averageDrop,
  name: 'average-increase',
  title: 'Increase in confidence',
  what: "How often the target's probability rises when the model's input is multiplied by the map.",
  better: 'higher',
  measure: async (context) => {
    const [before, after] = await beforeAndAfter(context);
    return { value: Number(after > before) };
  },
};
