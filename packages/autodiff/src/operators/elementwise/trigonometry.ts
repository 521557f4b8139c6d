// Circular and hyperbolic functions, and their inverses; Sin and Cos, whose derivatives each other's rules emit, and Tanh, an activation, are elsewhere.
import type { Builder } from '../../builder/builder.js';
import { type Backward, type Operator, operators, type Tensor } from '../record.js';
import { same } from '../shapes.js';

type Elementary = 'Acos' | 'Acosh' | 'Asin' | 'Asinh' | 'Atan' | 'Atanh' | 'Cosh' | 'Sinh' | 'Tan';

/** An elementwise function whose cotangent is made of g, the input and the output. */
function elementary(
  grad: (b: Builder, g: Tensor, x: Tensor, y: Tensor) => Tensor,
  kink?: string,
): Operator<Elementary> {
  const input = ({ g, input, y, b }: Backward<Elementary>) => grad(b, g, input, y);
  return { shape: same, ...(kink && { kink }), grad: { input } };
}

const square = (b: Builder, x: Tensor) => b.mul(x, x);
const AT_THE_ENDS = 'infinite at -1 and 1';

export const trigonometry = operators({
  Acos: elementary((b, g, x) => b.neg(b.div(g, b.sqrt(b.sub(1, square(b, x))))), AT_THE_ENDS),
  Asin: elementary((b, g, x) => b.div(g, b.sqrt(b.sub(1, square(b, x)))), AT_THE_ENDS),
  Atan: elementary((b, g, x) => b.div(g, b.add(square(b, x), 1))),
  Tan: elementary((b, g, _, y) => b.mul(g, b.add(square(b, y), 1))),
  Cosh: elementary((b, g, x) => b.mul(g, b.emit('Sinh', [x]))),
  Sinh: elementary((b, g, x) => b.mul(g, b.emit('Cosh', [x]))),
  Acosh: elementary((b, g, x) => b.div(g, b.sqrt(b.sub(square(b, x), 1))), 'infinite at 1'),
  Asinh: elementary((b, g, x) => b.div(g, b.sqrt(b.add(square(b, x), 1)))),
  Atanh: elementary((b, g, x) => b.div(g, b.sub(1, square(b, x))), AT_THE_ENDS),
});
