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

/** Ranks from 0 on, less their mean. A value's place is found by halving: a table of all values of a gradient would be several times slower. */
function centredRanks(values: Float32Array): Float64Array {
  const sorted = values.slice().sort();
  /** The mean rank of equal values, where their run begins. */
  const ranks = new Float64Array(sorted.length);
  for (let start = 0; start < sorted.length; ) {
    let end = start + 1;
    while (end < sorted.length && sorted[end] === sorted[start]) end++;
    ranks[start] = (start + end - values.length) / 2;
    start = end;
  }
  return Float64Array.from(values, (value) => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return ranks[low]!;
  });
}
