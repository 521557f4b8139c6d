import type { Prediction } from '../types.js';
import { readerOf } from './kinds/reader.js';
import { classPredictions, type Scores } from './scores.js';
import type { View } from './view.js';

/** What a model says of a picture: the n first classes, by score; of a segmentation by their share of the places; of a detection boxes; of an embedding nothing. */
export async function predictionsOf(scores: Scores, n: number, view: View): Promise<readonly Prediction[]> {
  const reader = await readerOf(scores);
  return reader ? reader.predictions(scores, n, view) : classPredictions(scores, n);
}
