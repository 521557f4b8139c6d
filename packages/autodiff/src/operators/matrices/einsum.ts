import type { Builder } from '../../builder/builder.js';
import type { Dimension, Shape } from '../../model/types.js';
import { type Backward, operators, type Tensor } from '../record.js';
import { broadcastShapes } from '../shapes.js';
import { range, sizeAt } from '../tensors/placing.js';

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

interface Call {
  readonly inputs: readonly (Tensor | undefined)[];
  readonly attributes: { readonly equation: string | undefined };
}

/** An equation with a letter for every axis of every operand, the ellipsis's axes too. */
interface Equation {
  readonly terms: readonly string[];
  readonly result: string;
}

/** Letters that stand once in all the terms, in the order of the alphabet: what an equation without an arrow gives. */
function implied(terms: readonly string[]): string {
  const all = terms.join('').replaceAll('.', '');
  return [...all]
    .filter((letter) => all.indexOf(letter) === all.lastIndexOf(letter))
    .sort()
    .join('');
}

/** The equation of a call; undefined where a rank is not known, or there are not enough letters. */
function equationOf({ inputs, attributes }: Call): Equation | undefined {
  const text = (attributes.equation ?? '').replaceAll(' ', '');
  const [left = '', right] = text.split('->');
  const terms = left.split(',');
  const hidden = terms.map((term, index) => {
    const rank = inputs[index]?.shape?.length;
    return term.includes('...') && rank !== undefined ? rank - (term.length - 3) : rank === undefined ? -1 : 0;
  });
  const count = Math.max(...hidden);
  const free = [...LETTERS].filter((letter) => !text.includes(letter));
  if (terms.length !== inputs.length || hidden.some((axes) => axes < 0) || count > free.length) return undefined;
  // An ellipsis's axes are counted from its end, as broadcasting does.
  const ellipsis = free.slice(0, count).join('');
  const result = right ?? (left.includes('...') ? '...' : '') + implied(terms);
  const written = terms.map((term, index) => term.replace('...', ellipsis.slice(count - hidden[index]!)));
  const fits = written.every((term, index) => term.length === inputs[index]!.shape!.length);
  return fits ? { terms: written, result: result.replace('...', ellipsis) } : undefined;
}

/** The size of each letter: an operand may have 1 where another has more. */
function sizesOf({ terms }: Equation, inputs: Call['inputs']): ReadonlyMap<string, Dimension> {
  const sizes = new Map<string, Dimension>();
  terms.forEach((term, index) => {
    [...term].forEach((letter, axis) => {
      sizes.set(letter, broadcastShapes([sizes.get(letter) ?? 1], [inputs[index]?.shape?.[axis] ?? '?'])[0]!);
    });
  });
  return sizes;
}

function unique(term: string): string[] {
  return [...new Set(term)];
}

/** The sum of products of tensors; those without axes are factors. */
function contraction(b: Builder, tensors: readonly Tensor[], terms: readonly string[], result: string): Tensor {
  const factors = tensors.filter((_, index) => terms[index] === '');
  const [operands, letters] = [tensors, terms].map((list) => list.filter((_, index) => terms[index] !== '')) as [
    Tensor[],
    string[],
  ];
  const isThere = operands.length === 1 && letters[0] === result;
  const product = isThere
    ? operands[0]!
    : operands.length > 0 && b.emit('Einsum', operands, { equation: `${letters.join(',')}->${result}` });
  const all = product ? [product, ...factors] : factors;
  return all.reduce((total, factor) => b.mul(total, factor));
}

/** 1 where two axes of a tensor have the same position: what a letter that stands twice in a term picks. */
function diagonal(b: Builder, x: Tensor, first: number, second: number): Tensor {
  const along = (axis: number) => {
    const others = x.shape!.map((_, at) => at).filter((at) => at !== axis);
    return b.unsqueeze(range(b, sizeAt(b, x, axis)), others);
  };
  return b.indicator(b.equal(along(first), along(second)), x);
}

function isExpanded(x: Tensor, shape: Shape): boolean {
  return x.shape?.length === shape.length && shape.every((size, axis) => size === x.shape![axis]);
}

/**
 * The cotangent of an operand is the equation with the result in its place. A letter of its own alone was summed over: it is spread; one that it has
 * twice gives a diagonal.
 */
function ofOperand(call: Backward<'Einsum'>): Tensor {
  const { inputs, index, g, b } = call;
  const { terms, result } = equationOf(call)!;
  const operand = inputs[index]!;
  const term = terms[index]!;
  const others = terms.map((_, at) => at).filter((at) => at !== index);
  const given = result + others.map((at) => terms[at]).join('');
  const kept = unique(term).filter((letter) => given.includes(letter));
  const product = contraction(
    b,
    [g, ...others.map((at) => inputs[at]!)],
    [result, ...others.map((at) => terms[at]!)],
    kept.join(''),
  );
  const first = (axis: number) => term.indexOf(term[axis]!);
  const axes = [...term].map((_, axis) => axis);
  const aligned = b.unsqueeze(
    product,
    axes.filter((axis) => first(axis) !== axis || !kept.includes(term[axis]!)),
  );
  const onDiagonals = axes
    .filter((axis) => first(axis) !== axis)
    .reduce((x, axis) => b.mul(x, diagonal(b, operand, first(axis), axis)), aligned);
  return isExpanded(onDiagonals, operand.shape!) ? onDiagonals : b.expand(onDiagonals, b.shape(operand));
}

/** Sums of products by letters for axes (Einstein's convention). */
export const einsum = operators({
  Einsum: {
    shape: (call) => {
      const equation = equationOf(call);
      const sizes = equation && sizesOf(equation, call.inputs);
      return sizes && [...equation!.result].map((letter) => sizes.get(letter) ?? '?');
    },
    unsupported: (call) =>
      equationOf(call) ? undefined : 'the rank of an operand is not known, or its equation does not fit its operands',
    grad: { Inputs: ofOperand },
  },
});
