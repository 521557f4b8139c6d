// Every metric, in the order in which they are listed. The command line, the docs and the tests read this table.
import { SaywhyError } from '../errors.js';
import { nearest } from '../nearest.js';
import { averageDrop, averageIncrease } from './average-drop.js';
import { classDiscrimination } from './class-discrimination.js';
import { complexity } from './complexity.js';
import { deletion } from './deletion.js';
import { energyPointing } from './energy-pointing.js';
import { infidelity } from './infidelity.js';
import { insertion } from './insertion.js';
import { insideOutsideRatio } from './inside-outside.js';
import { localisationError } from './localisation-error.js';
import type { Metric } from './metric.js';
import { occlusionCorrelation } from './occlusion-correlation.js';
import { pointingGame, pointingGameGrown } from './pointing-game.js';
import { road } from './road.js';
import { sanityCascading, sanityIndependent } from './sanity-metrics.js';
import { weakSegmentation } from './segmentation-iou.js';
import { sensitivity } from './sensitivity.js';
import { sparseness } from './sparseness.js';

export const metrics: readonly Metric[] = [
  insertion,
  deletion,
  averageDrop,
  averageIncrease,
  road,
  occlusionCorrelation,
  infidelity,
  pointingGame,
  pointingGameGrown,
  energyPointing,
  localisationError,
  insideOutsideRatio,
  weakSegmentation,
  classDiscrimination,
  sensitivity,
  complexity,
  sparseness,
  sanityCascading,
  sanityIndependent,
];

/** @throws SaywhyError `unknown-metric`, with near matches */
export function findMetric(metric: string | Metric): Metric {
  if (typeof metric !== 'string') return metric;
  const found = metrics.find(({ name }) => name === metric.toLowerCase());
  if (found) return found;
  const names = metrics.map(({ name }) => name);
  const near = nearest(metric, names);
  throw new SaywhyError(
    'unknown-metric',
    `Unknown metric "${metric}".${near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ''} There are: ${names.join(', ')}.`,
  );
}
