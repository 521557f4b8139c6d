import type { Prediction, ScoreKind } from '@saywhy/core';
import type { Answer } from './ask.js';
import { askedIndex } from './question.js';

/** The probability of a class whose logit is known, from one whose both are: exact, since a softmax keeps differences of logits. */
export function likelihood(logit: number, known: Prediction | undefined, kind: ScoreKind): number | undefined {
  if (known?.probability === undefined) return undefined;
  // The model's own scores may be probabilities already.
  if (known.logit === known.probability) return logit;
  return kind === 'softmax' ? known.probability * Math.exp(logit - known.logit) : 1 / (1 + Math.exp(-logit));
}

/** What the model gives the class in question, also where that is not among the first. */
export function askedPrediction({ explanation: { predictions }, question, map }: Answer): Prediction | undefined {
  const wanted = askedIndex(question.choice, predictions);
  const found = predictions.find(({ index }) => index === wanted);
  const { index, label, value } = map.target;
  if (found || index === undefined) return found;
  const logit = question.evidence === 'against' ? -value : value;
  const probability = likelihood(logit, predictions[0], question.explainer.model.scores.kind);
  return { index, logit, ...(label !== undefined && { label }), ...(probability !== undefined && { probability }) };
}
