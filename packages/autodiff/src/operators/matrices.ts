import { operators } from './record.js';
import { broadcastShapes } from './shapes.js';

/** Products of matrices. */
export const matrices = operators({
  Gemm: {
    shape: ({ A, B, attributes: { transA, transB } }) =>
      A.shape && B.shape && [A.shape[transA ? 1 : 0]!, B.shape[transB ? 0 : 1]!],
    grad: {
      A: ({ g, B, attributes: { alpha, transA, transB }, b }) =>
        transA
          ? b.emit('Gemm', [B, g], { alpha, transA: transB ? 1 : 0, transB: 1 })
          : b.emit('Gemm', [g, B], { alpha, transA: 0, transB: transB ? 0 : 1 }),
    },
  },
  MatMul: {
    shape: ({ A, B }) => {
      if (!A.shape || !B.shape || A.shape.length < 2 || B.shape.length < 2) return undefined;
      return [...broadcastShapes(A.shape.slice(0, -2), B.shape.slice(0, -2)), A.shape.at(-2)!, B.shape.at(-1)!];
    },
  },
});
