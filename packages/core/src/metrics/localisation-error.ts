import type { Floats } from '../methods/method.js';
import { type Box, boxAround, checkFrame, type Mask } from './mask.js';
import type { Metric } from './metric.js';
import { above, largestSegment } from './segments.js';

/** Of the map's maximum, as in the paper. */
const SHARE = 0.15;

/** The box around the largest segment of what is at least 15 % of the map's maximum, in cells; undefined for a map of zeros. */
export function boxOf(map: Floats, share = SHARE): Box | undefined {
  return boxAround(largestSegment(above(map, share)));
}

/** Intersection over union of two boxes. */
export function boxOverlap(a: Box, b: Box): number {
  const area = ([left, top, right, bottom]: Box) => Math.max(0, right - left) * Math.max(0, bottom - top);
  const both = area([Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])]);
  return both / (area(a) + area(b) - both);
}

/** Whether the map's box overlaps the mask's by less than a half: ILSVRC's localisation error. */
export function misplaced(map: Floats, mask: Mask): boolean {
  checkFrame(map, mask);
  const [found, wanted] = [boxOf(map), boxAround(mask)];
  return !found || !wanted || boxOverlap(found, wanted) < 0.5;
}

export const localisationError: Metric = {
  name: 'localisation-error',
  title: 'Localisation error',
  what: "How often the box around the largest segment above 15 % of the map's maximum overlaps the object's box by less than a half.",
  paper: {
    title: 'Selvaraju et al., Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization, 2017',
    url: 'https://arxiv.org/abs/1610.02391',
  },
  needs: ['mask'],
  better: 'lower',
  summary: 'mean',
  measure: ({ map, mask }) => ({ value: Number(misplaced(map, mask)) }),
};
