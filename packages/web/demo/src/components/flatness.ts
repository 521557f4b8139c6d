import type { ModelInfo, Prediction } from '@saywhy/core';

/** Whether a classifier is about as unsure as one that knows nothing: its first answer is hardly likelier than chance. */
export function flatness(predictions: readonly Prediction[], model: ModelInfo | undefined): boolean {
  const classes = model?.labels?.length ?? Number(model?.scores.shape.at(-1));
  const first = predictions[0]?.probability;
  if (!(classes >= 10) || first === undefined || model?.scores.kind !== 'softmax') return false;
  return first < Math.min(0.08, 5 / classes);
}
