// What is linear along one axis: a matrix, and the way back through it.
import type { Builder } from '../../builder/builder.js';
import type { Tensor } from '../record.js';
import { sizeAt } from './placing.js';

/**
 * Takes an axis of the cotangent back through its matrix: from the right for the last axis, from the left for any other.
 *
 * @param X what the cotangent's axis is of: it gives the rank, and the size that the axis had before
 * @param matrix [size of the axis now, size before]
 */
export function throughMatrix(b: Builder, g: Tensor, X: Tensor, axis: number, matrix: Tensor): Tensor {
  const trailing = X.shape!.length - axis - 1;
  if (trailing === 0) return b.matmul(g, matrix);
  const left = b.transpose(matrix, [1, 0]);
  if (trailing === 1) return b.matmul(left, g);
  const product = b.matmul(left, b.reshape(g, [...new Array(axis + 1).fill(0), -1]));
  const sizes = X.shape!.map((_, at) => sizeAt(b, at === axis ? X : g, at));
  return b.reshape(product, b.concat(sizes, 0));
}
