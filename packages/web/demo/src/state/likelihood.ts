import type { Prediction, ScoreKind } from '@saywhy/core';

/** The probability of a class whose logit is known, from one whose both are: exact, since a softmax keeps differences of logits. */
export function likelihood(logit: number, known: Prediction | undefined, kind: ScoreKind): number | undefined {
  if (known?.probability === undefined) return undefined;
  // The model's own scores may be probabilities already.
  if (known.logit === known.probability) return logit;
  return kind === 'softmax' ? known.probability * Math.exp(logit - known.logit) : 1 / (1 + Math.exp(-logit));
}
