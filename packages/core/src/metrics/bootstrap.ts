import { uniform } from './random.js';

export interface Summary {
  readonly count: number;
  readonly value: number;
  /** The 95 % confidence interval by bootstrap over the pictures; absent for a single one. */
  readonly interval?: readonly [low: number, high: number];
}

const RESAMPLES = 2000;

/**
 * The mean or median of the pictures' values with its 95 % confidence interval: percentiles of 2,000 resamples with replacement.
 * Efron, Bootstrap Methods: Another Look at the Jackknife, 1979.
 */
export function summarize(values: readonly number[], by: 'mean' | 'median', seed = 0): Summary | undefined {
  if (values.length === 0) return undefined;
  const statistic = by === 'mean' ? mean : median;
  const value = statistic(values);
  if (values.length === 1) return { count: 1, value };
  const next = uniform(seed);
  const draws = Array.from({ length: RESAMPLES }, () =>
    statistic(values.map(() => values[Math.floor(next() * values.length)]!)),
  ).sort((a, b) => a - b);
  const at = (share: number) => draws[Math.round(share * (RESAMPLES - 1))]!;
  return { count: values.length, value, interval: [at(0.025), at(0.975)] };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1]!, sorted[Math.floor(middle)]!];
  return low === high ? low : (low + high) / 2;
}
