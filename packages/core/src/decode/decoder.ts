// What a search for a caption asks of a model.

/** Tells what may come next. Ids are those of the caption so far, with the mark that it begins with. */
export interface Decoder {
  /** The logits of the next token. */
  next(ids: readonly number[]): Promise<Float32Array>;
  /** The logits after each of the ids. */
  all(ids: readonly number[]): Promise<readonly Float32Array[]>;
}

/** In double precision, which sums of many need. */
export function logSoftmax(logits: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(logits);
  const largest = values.reduce((max, value) => Math.max(max, value), Number.NEGATIVE_INFINITY);
  const total = largest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0));
  return values.map((value) => value - total);
}
