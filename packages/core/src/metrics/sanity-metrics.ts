import type { Metric, RandomOrder } from './metric.js';

const paper = {
  title: 'Adebayo et al., Sanity Checks for Saliency Maps, 2018',
  url: 'https://arxiv.org/abs/1810.03292',
};

function check(order: RandomOrder, what: string): Metric {
  return {
    name: `sanity-${order}`,
    title: `Sanity check, ${order}`,
    what,
    paper,
    needs: ['randomized'],
    better: 'lower',
    summary: 'mean',
    async measure({ likeness }) {
      const curve = await likeness(order);
      // A map turned inside out still shows the same places.
      return { value: curve.reduce((sum, value) => sum + Math.abs(value), 0) / curve.length, curve };
    },
  };
}

export const sanityCascading = check(
  'cascading',
  'How alike the map stays (rank correlation of magnitudes) when the weights are shuffled from the scores on towards the picture, a fifth of the layers more at each of 5 stages; the mean of the stages, whatever the sign.',
);

export const sanityIndependent = check(
  'independent',
  'The same, when only one fifth of the layers is shuffled at each stage and the others stay as they were learned.',
);
