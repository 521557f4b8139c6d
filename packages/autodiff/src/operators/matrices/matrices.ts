import type { Builder } from '../../builder/builder.js';
import type { Shape } from '../../model/types.js';
import { type Backward, operators, type Tensor } from '../record.js';
import { broadcastShapes, unknownRank } from '../shapes.js';

type Product = Backward<'MatMul'>;

/** alpha op(A) op(B). Below opset 11 Gemm has no product without a third term. */
function gemm(b: Builder, A: Tensor, transA: number, B: Tensor, transB: number, alpha = 1): Tensor {
  const nothing = b.opset < 11 ? b.scalar(0, A) : undefined;
  return b.emit('Gemm', [A, B, nothing], { alpha, transA, transB });
}

function isVector(x: Tensor): boolean {
  return x.shape!.length === 1;
}

function isMatrix(x: Tensor): boolean {
  return x.shape!.length === 2;
}

function productShape(A: Shape, B: Shape): Shape {
  const batch = broadcastShapes(A.slice(0, -2), B.slice(0, -2));
  return [...batch, ...(A.length > 1 ? [A.at(-2)!] : []), ...(B.length > 1 ? [B.at(-1)!] : [])];
}

/** The last two axes swapped. */
export function transposed(b: Builder, x: Tensor): Tensor {
  const axes = x.shape!.map((_, axis) => axis);
  return b.transpose(x, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
}

/** Every axis but the last of `rank` folded into rows. */
function rows(b: Builder, x: Tensor, rank: number): Tensor {
  return rank === 2 ? x : b.reshape(x, b.concat([b.integers([-1]), b.sizes(x, [rank - 1])], 0));
}

/** The cotangent as a column behind (or a row before) the axes of a product with a vector. */
function withAxis({ A, B, g, b }: Product, kind: 'row' | 'column'): Tensor {
  const rank = (isVector(A) ? B : A).shape!.length - 1;
  return b.unsqueeze(g, [kind === 'column' ? rank : rank - 1]);
}

/** A product with a column, as a vector. */
function timesColumn(b: Builder, matrix: Tensor, column: Tensor): Tensor {
  return b.squeeze(b.matmul(matrix, column), [matrix.shape!.length - 1]);
}

function ofLeft(call: Product): Tensor {
  const { A, B, g, b } = call;
  if (isVector(A) && isVector(B)) return b.mul(g, B);
  if (isVector(A)) return timesColumn(b, B, withAxis(call, 'column'));
  if (isVector(B)) return b.mul(withAxis(call, 'column'), B);
  return isMatrix(A) && isMatrix(B) ? gemm(b, g, 0, B, 1) : b.matmul(g, transposed(b, B));
}

function ofRight(call: Product): Tensor {
  const { A, B, g, b } = call;
  if (isVector(A) && isVector(B)) return b.mul(g, A);
  if (isVector(A)) return b.mul(b.unsqueeze(A, [1]), withAxis(call, 'row'));
  if (isVector(B)) return timesColumn(b, transposed(b, A), withAxis(call, 'column'));
  if (!isMatrix(B)) return b.matmul(transposed(b, A), g);
  const rank = A.shape!.length;
  return gemm(b, rows(b, A, rank), 1, rows(b, g, rank), 0);
}

/** Products of matrices. */
export const matrices = operators({
  Gemm: {
    shape: ({ A, B, attributes: { transA, transB } }) =>
      A.shape && B.shape && [A.shape[transA ? 1 : 0] ?? '?', B.shape[transB ? 0 : 1] ?? '?'],
    grad: {
      A: ({ g, B, attributes: { alpha, transA, transB }, b }) =>
        transA ? gemm(b, B, transB, g, 1, alpha) : gemm(b, g, 0, B, transB ? 0 : 1, alpha),
      B: ({ g, A, attributes: { alpha, transA, transB }, b }) =>
        transB ? gemm(b, g, 1, A, transA, alpha) : gemm(b, A, transA ? 0 : 1, g, 0, alpha),
      C: ({ g, attributes: { beta }, b }) => b.mul(g, beta),
    },
  },
  MatMul: {
    shape: ({ A, B }) => A.shape && B.shape && productShape(A.shape, B.shape),
    unsupported: ({ A, B }) => unknownRank(A, B),
    grad: { A: ofLeft, B: ofRight },
  },
});
