import type { Dimension } from '../model/types.js';
import { operators, type Tensor } from './record.js';
import { broadcast, same } from './shapes.js';

/** Elements of a function of two small tensors, broadcast; dimensions that are not known stay unknown. */
function pairwise(f: (a: number, b: number) => number) {
  return ({ inputs }: { readonly inputs: readonly (Tensor | undefined)[] }): Dimension[] | undefined => {
    const [a, b] = [inputs[0]?.value, inputs[1]?.value];
    if (!a || !b || (a.length !== b.length && a.length !== 1 && b.length !== 1)) return undefined;
    return Array.from({ length: a.length === 0 || b.length === 0 ? 0 : Math.max(a.length, b.length) }, (_, index) => {
      const [x, y] = [a.length === 1 ? a[0]! : a[index]!, b.length === 1 ? b[0]! : b[index]!];
      return typeof x === 'number' && typeof y === 'number' ? f(x, y) : '?';
    });
  };
}

/** Integers divide towards zero, as ONNX says. */
function quotient(call: { readonly inputs: readonly (Tensor | undefined)[] }): Dimension[] | undefined {
  const isInteger = call.inputs[0]?.type.includes('int');
  return pairwise((a, b) => (isInteger ? Math.trunc(a / b) : a / b))(call);
}

/** Arithmetic and the elementary functions: elementwise, operands broadcast. */
export const arithmetic = operators({
  Add: { shape: broadcast, value: pairwise((a, b) => a + b), grad: { A: ({ g }) => g, B: ({ g }) => g } },
  Sub: { shape: broadcast, value: pairwise((a, b) => a - b), grad: { A: ({ g }) => g, B: ({ g, b }) => b.neg(g) } },
  Mul: {
    shape: broadcast,
    value: pairwise((a, b) => a * b),
    grad: { A: ({ g, B, b }) => b.mul(g, B), B: ({ g, A, b }) => b.mul(g, A) },
  },
  Div: {
    shape: broadcast,
    value: quotient,
    grad: { A: ({ g, B, b }) => b.div(g, B), B: ({ g, B, y, b }) => b.neg(b.mul(b.div(g, B), y)) },
  },
  Neg: {
    shape: same,
    value: ({ X }) => X.value?.map((element) => (typeof element === 'number' ? -element : '?')),
    grad: { X: ({ g, b }) => b.neg(g) },
  },
  Exp: { shape: same, grad: { input: ({ g, y, b }) => b.mul(g, y) } },
  Log: { shape: same, grad: { input: ({ g, input, b }) => b.div(g, input) } },
  Sqrt: { shape: same, grad: { X: ({ g, y, b }) => b.div(g, b.mul(y, 2)) } },
});
