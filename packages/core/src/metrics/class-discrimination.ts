import type { Floats } from '../methods/method.js';
import { checkFrame, type Mask } from './mask.js';
import type { Metric } from './metric.js';

/**
 * The map's mean on its own object against its mean on another one: own / (own + other). 1 where the other is left alone, 1/2 where the map does not tell them
 * apart (a map of zeros too), 0 where it shows the other.
 */
export function discrimination(map: Floats, own: Mask, other: Mask): number {
  const [a, b] = [meanOn(map, own), meanOn(map, other)];
  return a + b > 0 ? a / (a + b) : 0.5;
}

function meanOn(map: Floats, mask: Mask): number {
  checkFrame(map, mask);
  let [sum, count] = [0, 0];
  for (let i = 0; i < map.data.length; i++)
    if (mask.data[i]) {
      sum += map.data[i]!;
      count++;
    }
  return count > 0 ? sum / count : 0;
}

export const classDiscrimination: Metric = {
  name: 'class-discrimination',
  title: 'Class discrimination',
  what: "In pictures of two objects, the map's mean on its own over the sum of its means on both: a half does not tell them apart.",
  paper: {
    title: 'Selvaraju et al., Grad-CAM: Why did you say that?, 2016',
    url: 'https://arxiv.org/abs/1611.07450',
  },
  needs: ['mask', 'others'],
  better: 'higher',
  summary: 'mean',
  measure: ({ map, mask, others }) => ({ value: discrimination(map, mask, others) }),
};
