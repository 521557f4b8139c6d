import type { Rectangle } from '../../images/raster.js';
import { boxTerm } from '../kinds/detection.js';
import { classIndex } from './class.js';
import { requireKind } from './kind.js';
import { checkRectangle } from './region.js';
import type { TermKind } from './term.js';

/** The score of the candidate that fits a box of the picture best. */
export const box: TermKind<{ readonly box: Rectangle; readonly class?: string | number }> = {
  terms: async ({ box: place, class: named }, { scores, view }) => {
    requireKind(scores, 'detection', 'box');
    const index = named === undefined ? undefined : await classIndex(named, scores);
    return [boxTerm(checkRectangle(place, 'box'), index, scores, view)];
  },
};
