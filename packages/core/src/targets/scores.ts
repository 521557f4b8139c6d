// What the numbers of the scored output mean: classes, probabilities, predictions.
import { SaywhyError } from '../errors.js';
import type { Floats } from '../methods/method.js';
import type { Detection, Prediction, ScoreKind } from '../types.js';

export interface Scores {
  readonly data: Float32Array;
  readonly shape: readonly number[];
  readonly kind: ScoreKind;
  /** The scores are probabilities already: the model's own softmax or sigmoid is what was asked for. */
  readonly normalized: boolean;
  readonly labels?: readonly string[] | undefined;
  /** One number a class; otherwise (a score for each place, say) only a function of the scores can be explained. */
  readonly listed: boolean;
  /** What else of the same run tells what the scores mean, by tensor: the boxes of a detector. */
  readonly others?: Readonly<Record<string, Floats>> | undefined;
  readonly detection?: Detection | undefined;
  /** Of a segmentation: the model's input has its channels last, so that its scores may have their classes last. */
  readonly channelsLast?: boolean;
}

/**
 * How many classes (of a regression: values) there are. One logit of yes against no is two classes.
 * @throws SaywhyError `unsupported-scores` where they are not a list of classes
 */
export function classCount({ data, shape, kind, listed }: Scores): number {
  if (!listed)
    throw new SaywhyError(
      'unsupported-scores',
      `The scores came back as [${shape}], which is no list of classes. Explain a function of them: (scores) => ({ value, gradient }); or name another tensor with \`scores\`.`,
    );
  return kind === 'binary' ? 2 : data.length;
}

export function labelOf({ labels }: Scores, index: number): string | undefined {
  return labels?.[index];
}

/** The score of a class; of a binary model, class 1 is its logit and class 0 the negative. */
export function logitOf({ data, kind, normalized }: Scores, index: number): number {
  if (kind !== 'binary') return data[index]!;
  if (normalized) return index === 1 ? data[0]! : 1 - data[0]!;
  return index === 1 ? data[0]! : -data[0]!;
}

/** The derivative of `logitOf` with respect to the scores. */
export function logitCotangent({ data, kind }: Scores, index: number): Float32Array {
  const cotangent = new Float32Array(data.length);
  if (kind === 'binary') cotangent[0] = index === 1 ? 1 : -1;
  else cotangent[index] = 1;
  return cotangent;
}

/**
 * The probability of a class; undefined for a regression.
 * @param total `logSumExp` of the scores, which one who asks of several classes has at hand
 */
export function probabilityOf(scores: Scores, index: number, total?: number): number | undefined {
  if (scores.kind === 'regression') return undefined;
  const logit = logitOf(scores, index);
  if (scores.normalized) return logit;
  if (scores.kind === 'softmax') return Math.exp(logit - (total ?? logSumExp(scores.data)));
  return sigmoid(logit);
}

/** The derivative of `probabilityOf` with respect to the scores. */
export function probabilityCotangent(scores: Scores, index: number): Float32Array {
  if (scores.normalized) return logitCotangent(scores, index);
  const total = logSumExp(scores.data);
  const p = probabilityOf(scores, index, total);
  if (p === undefined)
    throw new SaywhyError(
      'invalid-target',
      'A regression has no probabilities. Explain the value: give its index as the target.',
    );
  if (scores.kind !== 'softmax') return logitCotangent(scores, index).map((sign) => sign * p * (1 - p));
  return scores.data.map((logit, i) => p * ((i === index ? 1 : 0) - Math.exp(logit - total)));
}

/** The indices of the n highest classes, highest first; of equal ones the first. */
export function topIndices(scores: Scores, n: number): number[] {
  const best: number[] = [];
  const count = classCount(scores);
  for (let index = 0; index < count; index++) {
    const logit = logitOf(scores, index);
    if (best.length === n && logit <= logitOf(scores, best[n - 1]!)) continue;
    let place = best.length;
    while (place > 0 && logit > logitOf(scores, best[place - 1]!)) place--;
    best.splice(place, 0, index);
    if (best.length > n) best.pop();
  }
  return best;
}

/** The n best classes; none where the scores are not a list of classes. */
export function classPredictions(scores: Scores, n: number): Prediction[] {
  if (!scores.listed) return [];
  const total = logSumExp(scores.data);
  return topIndices(scores, Math.min(n, classCount(scores))).map((index) => {
    const label = labelOf(scores, index);
    const probability = probabilityOf(scores, index, total);
    return {
      index,
      ...(label !== undefined && { label }),
      logit: logitOf(scores, index),
      ...(probability !== undefined && { probability }),
    };
  });
}

function sigmoid(x: number): number {
  return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
}

function logSumExp(values: Float32Array): number {
  let max = Number.NEGATIVE_INFINITY;
  for (const value of values) if (value > max) max = value;
  let sum = 0;
  for (const value of values) sum += Math.exp(value - max);
  return max + Math.log(sum);
}
