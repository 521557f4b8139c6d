import type { Mask } from '../../types.js';
import { maskTerm } from '../kinds/segmentation.js';
import { classIndex } from './class.js';
import { requireKind } from './kind.js';
import type { TermKind } from './term.js';

/** The logits of a class over places of the picture. */
export const mask: TermKind<{ readonly mask: Mask; readonly class?: string | number }> = {
  terms: async ({ mask: places, class: named }, { scores, view }) => {
    requireKind(scores, 'segmentation', 'mask');
    return [maskTerm(places, named === undefined ? undefined : await classIndex(named, scores), scores, view)];
  },
};
