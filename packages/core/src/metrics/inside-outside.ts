import type { Floats } from '../methods/method.js';
import { checkFrame, type Mask } from './mask.js';
import type { Metric } from './metric.js';

/** The map's mean inside the mask over its mean outside: infinite where all of it is inside, 0 where nothing is. */
export function insideOutside(map: Floats, mask: Mask): number {
  checkFrame(map, mask);
  let [inside, outside, count] = [0, 0, 0];
  for (let i = 0; i < map.data.length; i++)
    if (mask.data[i]) {
      inside += map.data[i]!;
      count++;
    } else outside += map.data[i]!;
  if (inside === 0) return 0;
  return inside / count / (outside / (map.data.length - count));
}

export const insideOutsideRatio: Metric = {
  name: 'inside-outside',
  title: 'Inside/outside ratio',
  what: "The map's mean on the object over its mean elsewhere; 1 is no better than chance.",
  paper: {
    title: 'Selvaraju et al., Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization, 2017',
    url: 'https://arxiv.org/abs/1610.02391',
  },
  needs: ['mask'],
  better: 'higher',
  summary: 'median',
  measure: ({ map, mask }) => ({ value: insideOutside(map, mask) }),
};
