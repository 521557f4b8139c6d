import { blurred } from './blur.js';
import type { Metric } from './metric.js';
import { walk } from './step-curve.js';

/** From the blurred picture to the picture. */
export const insertion: Metric = {
  name: 'insertion',
  title: 'Insertion',
  what: "The area under the target's probability while the blurred picture gets its pixels back in 16 steps, the map's strongest first.",
  paper: {
    title: 'Petsiuk et al., RISE: Randomized Input Sampling for Explanation of Black-box Models, 2018',
    url: 'https://arxiv.org/abs/1806.07421',
  },
  needs: ['runs'],
  better: 'higher',
  summary: 'mean',
  async measure(context) {
    const { input } = context;
    const data = await context.shared('blurred', async () => blurred(input));
    return walk(context, { data, shape: input.shape }, input.data);
  },
};
