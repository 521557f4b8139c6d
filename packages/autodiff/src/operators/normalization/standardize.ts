// What the normalizations share: a tensor moved to mean 0 and variance 1 over some axes, and the gradient of that.
import type { Builder } from '../../builder/builder.js';
import type { DataType } from '../../model/types.js';
import type { Tensor } from '../record.js';

export interface Standardization {
  readonly axes: readonly number[];
  /** x minus its mean; x itself where the mean is left alone. */
  readonly centered: Tensor;
  /** 1 / sqrt(mean square of `centered` + epsilon), the axes kept as ones. */
  readonly inverse: Tensor;
  readonly keepsMean: boolean;
}

/** The type in which statistics are taken: squares of half precision overflow. */
export function stashType(type: DataType): DataType {
  return type === 'float64' ? type : 'float32';
}

/** The statistics are taken anew rather than read off the forward node: its own are not outputs, or of little use to other providers. */
export function standardize(
  b: Builder,
  x: Tensor,
  axes: readonly number[],
  epsilon: number,
  keepsMean = false,
): Standardization {
  const centered = keepsMean ? x : b.sub(x, b.mean(x, axes));
  const inverse = b.div(1, b.sqrt(b.add(b.mean(b.mul(centered, centered), axes), epsilon)));
  return { axes, centered, inverse, keepsMean };
}

export function standardized(b: Builder, { centered, inverse }: Standardization): Tensor {
  return b.mul(centered, inverse);
}

/** The cotangent of x from that of the standardized tensor h: (h - mean(h) - c mean(h c) inverse^2) inverse, c the centered x. */
export function throughStandardization(
  b: Builder,
  h: Tensor,
  { axes, centered, inverse, keepsMean }: Standardization,
): Tensor {
  const along = b.mul(b.mean(b.mul(h, centered), axes), b.mul(inverse, inverse));
  const rest = b.sub(h, b.mul(centered, along));
  return b.mul(keepsMean ? rest : b.sub(rest, b.mean(h, axes)), inverse);
}
