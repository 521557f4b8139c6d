import type { Floats } from '../methods/method.js';
import { checkFrame, type Mask } from './mask.js';
import type { Metric } from './metric.js';
import { above, overlap } from './segments.js';

/** Of the map's maximum: where Zhou et al. cut CAM for segments. */
const SHARE = 0.2;

/** Intersection over union of the mask and of what is at least a fifth of the map's maximum. */
export function segmentationIou(map: Floats, mask: Mask, share = SHARE): number {
  checkFrame(map, mask);
  return overlap(above(map, share), mask);
}

export const weakSegmentation: Metric = {
  name: 'segmentation-iou',
  title: 'Weak segmentation IoU',
  what: "Intersection over union of the object and of what is at least a fifth of the map's maximum.",
  paper: {
    title: 'Zhou et al., Learning Deep Features for Discriminative Localization, 2016',
    url: 'https://arxiv.org/abs/1512.04150',
  },
  needs: ['mask'],
  better: 'higher',
  summary: 'mean',
  measure: ({ map, mask }) => ({ value: segmentationIou(map, mask) }),
};
