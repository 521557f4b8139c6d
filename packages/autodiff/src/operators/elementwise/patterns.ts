// Several nodes that are one function. They are recognised in the walk's view only: the forward graph stays as it is, for the runtime to fuse.
import type { Node } from '../../model/types.js';
import type { AnyBackward, AnyOperator, AnyRule, Tensor } from '../record.js';
import { numbersOf, same } from '../shapes.js';
import { geluSlope, hardSwishSlope, tanhGeluSlope } from './activations.js';
import { anyConstant, as, constant, type Expression, either, type InferredGraph, of, variable } from './expression.js';
import { oneMinus } from './ramp.js';

export interface Pattern {
  readonly name: string;
  /** How the last node's output is computed; the tensors that it names are the inputs of the step. */
  readonly expression: Expression;
  readonly formals: readonly string[];
  readonly operator: AnyOperator;
}

/** A pattern and the tensors that a use of it reads, and makes on the way to its result. */
export interface Use {
  readonly pattern: Pattern;
  readonly inputs: readonly string[];
  readonly inner: readonly string[];
}

const X = variable('X');

/** An activation whose gradient is that of X times a slope made of the pattern's tensors, in the order of its formal names. */
function activation(
  name: string,
  expression: Expression,
  formals: readonly string[],
  slope: (call: AnyBackward, ...inputs: Tensor[]) => Tensor,
): Pattern {
  const rule: AnyRule = (call) => call.b.mul(call.g, slope(call, ...(call.inputs as readonly Tensor[])));
  return { name, expression, formals, operator: { shape: same, activation: true, grad: { X: rule } } };
}

/** x * sigmoid(x), which PyTorch calls SiLU: from y = x s, dy/dx = s + y (1 - s), in fewer passes over memory than the product rule. */
const silu = activation('Silu', of('Mul', [X, as('S', of('Sigmoid', [X]))]), ['X', 'S'], ({ y, b }, _, s) =>
  b.add(s!, b.mul(y, oneMinus(b, s!))),
);

/** x * sigmoid(a x), a = 1.702 in CLIP: s + a y (1 - s). */
const quickGelu = activation(
  'QuickGelu',
  of('Mul', [X, as('S', of('Sigmoid', [of('Mul', [X, anyConstant('A')])]))]),
  ['X', 'S', 'A'],
  ({ y, b }, _, s, a) => b.add(s!, b.mul(b.mul(y, oneMinus(b, s!)), numbersOf(a)![0]!)),
);

const isStandard = ({ attributes: { alpha = 0.2, beta = 0.5 } }: Node) =>
  Math.abs((alpha as number) - 1 / 6) < 1e-6 && beta === 0.5;

/** x * HardSigmoid(x): hard-swish below opset 14. */
const hardSwish = activation(
  'HardSwishProduct',
  of('Mul', [X, as('H', of('HardSigmoid', [X], isStandard))]),
  ['X', 'H'],
  ({ b }, x, h) => hardSwishSlope(b, x!, h!),
);

/** x (1 + f) / 2, in the orders in which exporters write it. */
function halfOfProduct(f: Expression): Expression {
  const shifted = of('Add', [f, constant(1)]);
  const half = constant(0.5);
  return either(
    of('Mul', [of('Mul', [X, shifted]), half]),
    of('Mul', [X, of('Mul', [shifted, half])]),
    of('Mul', [of('Mul', [X, half]), shifted]),
  );
}

const overRootTwo = either(of('Div', [X, constant(Math.SQRT2)]), of('Mul', [X, constant(Math.SQRT1_2)]));

/** GELU by erf, below opset 20. From x alone: reading more would save more tensors, and keep the runtime from fusing the forward. */
const gelu = activation('ErfGelu', halfOfProduct(of('Erf', [overRootTwo])), ['X'], ({ b }, x) => geluSlope(b, x!));

const cube = either(of('Pow', [X, constant(3)]), of('Mul', [X, of('Mul', [X, X])]));
const inner = of('Mul', [of('Add', [X, of('Mul', [cube, constant(0.044715)])]), constant(Math.sqrt(2 / Math.PI))]);

/** GELU by tanh, below opset 20. */
const tanhGelu = activation('TanhGelu', halfOfProduct(of('Tanh', [inner])), ['X'], ({ b }, x) => tanhGeluSlope(b, x!));

export const patterns: readonly Pattern[] = [silu, quickGelu, hardSwish, gelu, tanhGelu];

/** The pattern that a node ends, if any. */
export function patternAt(node: Node, around: InferredGraph): Use | undefined {
  const output = node.outputs[0];
  if (node.opType !== 'Mul' || node.domain !== '' || !output) return undefined;
  for (const pattern of patterns) {
    const match = pattern.expression(output, around, { named: {}, inner: [] });
    if (match)
      return {
        pattern,
        inputs: pattern.formals.map((name) => match.named[name]!),
        inner: match.inner.filter((name) => name !== output),
      };
  }
  return undefined;
}
