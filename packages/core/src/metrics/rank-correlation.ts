/**
 * Spearman's rank correlation, from -1 to 1; equal values share the mean of their ranks. NaN where one side is constant, as in SciPy.
 * Spearman, The Proof and Measurement of Association between Two Things, 1904.
 */
export function rankCorrelation(a: Float32Array, b: Float32Array): number {
  const [x, y] = [centredRanks(a), centredRanks(b)];
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    xy += x[i]! * y[i]!;
    xx += x[i]! * x[i]!;
    yy += y[i]! * y[i]!;
  }
  return xy / Math.sqrt(xx * yy);
}

/** Ranks from 0 on, less their mean. */
function centredRanks(values: Float32Array): Float64Array {
  const sorted = values.slice().sort();
  const ranks = new Map<number, number>();
  for (let start = 0; start < sorted.length; ) {
    let end = start + 1;
    while (end < sorted.length && sorted[end] === sorted[start]) end++;
    ranks.set(sorted[start]!, (start + end - 1) / 2);
    start = end;
  }
  return Float64Array.from(values, (value) => ranks.get(value)! - (values.length - 1) / 2);
}
