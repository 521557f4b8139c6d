import type { Builder } from '../../builder/builder.js';
import { type Backward, operators, type Tensor } from '../record.js';

/** The minors of an n x n matrix are n^2 matrices almost as large. */
const LARGEST = 32;

/** The number of rows of the matrices of a tensor. */
function order({ shape }: Tensor): number | undefined {
  const [rows, columns] = [shape?.at(-2), shape?.at(-1)];
  const known = [rows, columns].find((size) => typeof size === 'number');
  return typeof known === 'number' ? known : undefined;
}

/** For each row (or column), the others. */
function others(n: number): number[] {
  const all = Array.from({ length: n }, (_, at) => at);
  return all.flatMap((left) => all.filter((at) => at !== left));
}

/**
 * The derivative of a determinant at each element is its cofactor: the determinant of the matrix without the element's row and column, with the signs of a
 * chessboard. There is no inverse among ONNX's operators, and cofactors hold for singular matrices as well.
 */
function cofactors(b: Builder, X: Tensor, n: number): Tensor {
  const rank = X.shape!.length;
  const [row, column] = [rank - 2, rank - 1];
  const left = b.constant('int64', [n, n - 1], others(n));
  // [..., row left out, other rows, column left out, other columns]
  const parts = b.gather(b.gather(X, left, row), left, rank);
  const batch = Array.from({ length: rank - 2 }, (_, axis) => axis);
  const minors = b.transpose(parts, [...batch, row, column + 1, column, column + 2]);
  const signs = Array.from({ length: n * n }, (_, at) => (((at % n) + Math.floor(at / n)) % 2 === 0 ? 1 : -1));
  return b.mul(b.emit('Det', [minors]), b.filled(signs, [n, n], X));
}

export const determinant = operators({
  Det: {
    shape: ({ X: { shape } }) => shape?.slice(0, -2),
    unsupported: ({ X }) => {
      const n = order(X);
      if (n === undefined) return 'the size of its matrices is not known';
      return n > LARGEST ? `its matrices are ${n} x ${n}; ${LARGEST} x ${LARGEST} is the limit` : undefined;
    },
    grad: {
      X: ({ X, g, b }: Backward<'Det'>) => {
        const n = order(X)!;
        const spread = b.unsqueeze(g, [X.shape!.length - 2, X.shape!.length - 1]);
        return n === 1 ? spread : b.mul(spread, cofactors(b, X, n));
      },
    },
  },
});
