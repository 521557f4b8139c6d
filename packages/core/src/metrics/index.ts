export { averageDrop, averageIncrease, drop, shownOnly } from './average-drop.js';
export { baselines, centreMap, randomMap } from './baselines.js';
export { type Summary, summarize } from './bootstrap.js';
export { classDiscrimination, discrimination } from './class-discrimination.js';
export { complexity, entropy } from './complexity.js';
export { deletion } from './deletion.js';
export { energyInside, energyPointing } from './energy-pointing.js';
export {
  type EvaluateOptions,
  type Evaluation,
  type Explained,
  evaluate,
  type Left,
  type Measurement,
  type Shared,
} from './evaluate.js';
export { evidence, signedEvidence } from './evidence.js';
export { imputed } from './impute.js';
export { infidelity, infidelityOf } from './infidelity.js';
export { insertion } from './insertion.js';
export { insideOutside, insideOutsideRatio } from './inside-outside.js';
export { mapLikeness } from './likeness.js';
export { boxOf, boxOverlap, localisationError, misplaced } from './localisation-error.js';
export { type Area, type Box, boxAround, type Mask, maskOf } from './mask.js';
export type { Measured, Metric, MetricContext, MetricNeed, RandomOrder } from './metric.js';
export { occlusionCorrelation } from './occlusion-correlation.js';
export { pointingGame, pointingGameGrown, pointsInside } from './pointing-game.js';
export { uniform } from './random.js';
export { type Randomization, randomizations } from './randomizations.js';
export { learnedWeights, randomizeWeights } from './randomize-weights.js';
export { rankCorrelation } from './rank-correlation.js';
export { road } from './road.js';
export { sanityCascading, sanityIndependent } from './sanity-metrics.js';
export { segmentationIou, weakSegmentation } from './segmentation-iou.js';
export { above, largestSegment, overlap } from './segments.js';
export { sensitivity } from './sensitivity.js';
export { gini, sparseness } from './sparseness.js';
export { areaUnder } from './step-curve.js';
export { findMetric, metrics } from './table.js';
