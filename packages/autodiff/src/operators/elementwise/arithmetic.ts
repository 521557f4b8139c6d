import type { Dimension } from '../../model/types.js';
import { sharedBy } from '../limits.js';
import { type Backward, operators, type Tensor } from '../record.js';
import { broadcast, numbersOf, productOf, quotientOf, same } from '../shapes.js';
import { mapBroadcast } from '../tensors/elements.js';

type Call = { readonly inputs: readonly (Tensor | undefined)[] };

/** The elements of a function of known ones, broadcast, taken from the left over every input. */
function elementwise(f: (a: Dimension, b: Dimension, isInteger: boolean) => Dimension) {
  return ({ inputs }: Call): Dimension[] | undefined => {
    const isInteger = inputs[0]?.type.includes('int') ?? false;
    return mapBroadcast(inputs, (...elements) => elements.reduce((a, b) => exact(f(a, b, isInteger), isInteger)));
  };
}

/** A function of two numbers; of a size that only the run knows, nothing is known. */
function numeric(a: Dimension, b: Dimension, f: (a: number, b: number) => number): Dimension {
  return typeof a === 'number' && typeof b === 'number' ? f(a, b) : '?';
}

/** '?' for a number that JavaScript does not hold as the runtime does: beyond 2^53, or not finite. */
function exact(value: Dimension, isInteger: boolean): Dimension {
  const held = typeof value === 'string' || (isInteger ? Number.isSafeInteger(value) : Number.isFinite(value));
  return held ? value : '?';
}

/** Whether an element can be a factor of a size: an integer from 0, or a symbol. */
function isSize(element: Dimension): boolean {
  return typeof element === 'string' || (Number.isInteger(element) && element >= 0);
}

/** Integers divide towards zero, as ONNX says. */
function quotient(a: Dimension, b: Dimension, isInteger: boolean): Dimension {
  if (typeof a === 'number' && typeof b === 'number') return isInteger ? Math.trunc(a / b) : a / b;
  return isSize(a) && isSize(b) ? quotientOf([a], [b]) : '?';
}

function product(a: Dimension, b: Dimension): Dimension {
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  return isSize(a) && isSize(b) ? productOf([a, b]) : '?';
}

/** The larger or smaller; of one size that only the run knows twice, itself. */
function chosen(f: (a: number, b: number) => number) {
  return elementwise((a, b) => (a === b ? a : numeric(a, b, f)));
}

/** The derivative of a power at its base. Small constant exponents, which is what exporters write, need no Pow: it is the slowest elementwise operator. */
function ofBase({ X, Y, g, y, b }: Backward<'Pow'>): Tensor {
  const values = numbersOf(Y);
  const exponent = values?.length === 1 ? values[0] : undefined;
  if (exponent === 1) return g;
  if (exponent === 2) return b.mul(g, b.mul(X, 2));
  if (exponent === 3) return b.mul(g, b.mul(b.mul(X, X), 3));
  if (exponent === 0.5) return b.div(g, b.mul(y, 2));
  if (exponent === -1) return b.neg(b.mul(g, b.mul(y, y)));
  const power = b.cast(Y, X.type);
  // Where the exponent is 0, so is the derivative: an exponent of 0 rather than -1 keeps 0 * 0^-1 from being NaN.
  const lowered = b.add(b.sub(power, 1), b.indicator(b.equal(power, 0), power));
  return b.mul(g, b.mul(b.pow(X, lowered), power));
}

/** The derivative of a power at its exponent, y ln x; at a base of 0 the logarithm is taken of 1, so that it is 0, unless y is infinite there. */
function ofExponent({ X, Y, g, y, b }: Backward<'Pow'>): Tensor {
  const isFlat = b.and(b.equal(X, 0), b.not(b.less(Y, 0)));
  const base = b.add(X, b.indicator(isFlat, X));
  return b.cast(b.mul(g, b.mul(y, b.log(base))), Y.type);
}

/** The cotangent of the operand that is chosen: tied operands share it. */
function ofChosen({ inputs, index, g, y, b }: Backward<'Max' | 'Min'>): Tensor {
  if (inputs.length === 1) return g;
  const { masks, total } = sharedBy(inputs, ties, () => {
    const masks = inputs.map((input) => b.indicator(b.equal(input!, y), y));
    return { masks, total: masks.reduce((sum, mask) => b.add(sum, mask)) };
  });
  return b.mul(g, b.div(masks[index]!, total));
}

const ties = new WeakMap<object, { readonly masks: readonly Tensor[]; readonly total: Tensor }>();

const TIES = 'operands that tie share the cotangent equally (torch.maximum, torch.minimum)';

function eachElement(f: (a: Dimension) => Dimension) {
  return ({ X }: { readonly X: Tensor }) => X.value?.map(f);
}

/** Arithmetic and the elementary functions: elementwise, operands broadcast. */
export const arithmetic = operators({
  Add: {
    shape: broadcast,
    value: elementwise((a, b) => (a === 0 ? b : b === 0 ? a : numeric(a, b, (x, y) => x + y))),
    grad: { A: ({ g }) => g, B: ({ g }) => g },
  },
  Sub: {
    shape: broadcast,
    value: elementwise((a, b) => (b === 0 ? a : a === b && a !== '?' ? 0 : numeric(a, b, (x, y) => x - y))),
    grad: { A: ({ g }) => g, B: ({ g, b }) => b.neg(g) },
  },
  Mul: {
    shape: broadcast,
    value: elementwise(product),
    grad: { A: ({ g, B, b }) => b.mul(g, B), B: ({ g, A, b }) => b.mul(g, A) },
  },
  Div: {
    shape: broadcast,
    value: elementwise(quotient),
    grad: { A: ({ g, B, b }) => b.div(g, B), B: ({ g, B, y, b }) => b.neg(b.mul(b.div(g, B), y)) },
  },
  Pow: {
    shape: broadcast,
    kink: 'base: 0 where the exponent is 0; exponent: 0 where the base is 0 and the exponent is not negative',
    grad: { X: ofBase, Y: ofExponent },
  },
  Neg: {
    shape: same,
    value: eachElement((a) => (typeof a === 'number' ? -a : '?')),
    grad: { X: ({ g, b }) => b.neg(g) },
  },
  Abs: {
    shape: same,
    value: eachElement((a) => (typeof a === 'number' ? Math.abs(a) : a)),
    kink: '0 at 0',
    grad: { X: ({ g, X, b }) => b.mul(g, b.sign(X)) },
  },
  Exp: { shape: same, grad: { input: ({ g, y, b }) => b.mul(g, y) } },
  Log: { shape: same, grad: { input: ({ g, input, b }) => b.div(g, input) } },
  Sqrt: { shape: same, grad: { X: ({ g, y, b }) => b.div(g, b.mul(y, 2)) } },
  Reciprocal: { shape: same, grad: { X: ({ g, y, b }) => b.neg(b.mul(g, b.mul(y, y))) } },
  Erf: {
    shape: same,
    grad: {
      input: ({ g, input, b }) => b.mul(g, b.mul(b.exp(b.neg(b.mul(input, input))), 2 / Math.sqrt(Math.PI))),
    },
  },
  Sin: { shape: same, grad: { input: ({ g, input, b }) => b.mul(g, b.emit('Cos', [input])) } },
  Cos: { shape: same, grad: { input: ({ g, input, b }) => b.neg(b.mul(g, b.emit('Sin', [input]))) } },
  Sum: { shape: broadcast, grad: { data_0: ({ g }) => g } },
  Mean: { shape: broadcast, grad: { data_0: ({ g, inputs, b }) => b.div(g, inputs.length) } },
  Max: {
    shape: broadcast,
    value: chosen(Math.max),
    kink: TIES,
    grad: { data_0: ofChosen },
  },
  Min: {
    shape: broadcast,
    value: chosen(Math.min),
    kink: TIES,
    grad: { data_0: ofChosen },
  },
});
