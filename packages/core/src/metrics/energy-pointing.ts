import type { Floats } from '../methods/method.js';
import { checkFrame, type Mask } from './mask.js';
import type { Metric } from './metric.js';

/** The share of the map's sum that lies inside the mask; 0 for a map of zeros. */
export function energyInside(map: Floats, mask: Mask): number {
  checkFrame(map, mask);
  let [inside, all] = [0, 0];
  for (let i = 0; i < map.data.length; i++) {
    all += map.data[i]!;
    if (mask.data[i]) inside += map.data[i]!;
  }
  return all > 0 ? inside / all : 0;
}

export const energyPointing: Metric = {
  name: 'energy-pointing',
  title: 'Energy inside',
  what: "The share of the map's sum that lies on the object.",
  paper: {
    title: 'Wang et al., Score-CAM: Score-Weighted Visual Explanations for Convolutional Neural Networks, 2020',
    url: 'https://arxiv.org/abs/1910.01279',
  },
  needs: ['mask'],
  better: 'higher',
  summary: 'mean',
  measure: ({ map, mask }) => ({ value: energyInside(map, mask) }),
};
