import type { Prediction } from '../../types.js';
import type { Scores } from '../scores.js';
import type { Term } from '../terms/term.js';
import type { View } from '../view.js';

/** What is read from scores that are no list of classes. */
export interface KindReader {
  /** How many classes there are; infinitely many where nothing says it. */
  classes(scores: Scores): number;
  /** What the model says, the most important first. */
  predictions(scores: Scores, n: number, view: View): readonly Prediction[];
  /** The same as targets. */
  top(scores: Scores, n: number, view: View): readonly Term[];
  /** What a class by its label or index is, where the model sees it best. */
  classTerm(index: number, scores: Scores, view: View): Term;
}

/** Those of a kind: loaded when they are first needed, since most models only have classes. */
export async function readerOf({ kind }: Scores): Promise<KindReader | undefined> {
  if (kind === 'segmentation') return (await import('./segmentation.js')).segmentation;
  if (kind === 'detection') return (await import('./detection.js')).detection;
  if (kind === 'embedding') return (await import('./embedding.js')).embedding;
  return undefined;
}
