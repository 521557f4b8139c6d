import type { ExplanationMap } from '../types.js';
import { rankCorrelation } from './rank-correlation.js';

/** Spearman's rank correlation of the magnitudes of two maps' `raw`, from -1 to 1; NaN where one of them is constant. */
export function mapLikeness(a: ExplanationMap, b: ExplanationMap): number {
  return rankCorrelation(a.raw.data.map(Math.abs), b.raw.data.map(Math.abs));
}
