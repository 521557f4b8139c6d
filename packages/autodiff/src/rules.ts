// Gradient rules that differ from the derivative on purpose: small tables, not other engines.
import type { Rules } from './differentiate.js';
import { registry } from './operators/index.js';
import { patterns } from './operators/patterns.js';
import type { AnyBackward, AnyOperator, AnyRule, Tensor } from './operators/record.js';
import { numbersOf } from './operators/shapes.js';

type Call = AnyBackward;

/** Whether a use of Clip is PyTorch's ReLU6: a clip from 0 to a constant. */
function clipsFromZero({ inputs }: Call): boolean {
  return numbersOf(inputs[1])?.[0] === 0 && numbersOf(inputs[2])?.[0] !== undefined;
}

function positiveOnly({ g, b }: Call): Tensor {
  return b.keep(g, b.greater(g, 0));
}

const activations: [string, AnyOperator][] = [
  ...[...registry].filter(([, operator]) => operator.activation),
  ...patterns.map(({ name, operator }) => [name, operator] as [string, AnyOperator]),
];

/**
 * Guided backpropagation (Springenberg et al., 2014): at a ReLU or ReLU6 only what is positive passes back, g * (0 < y [< 6]) * (g > 0). The method is
 * defined for these; every other activation passes its own derivative of the positive part.
 */
export const guidedBackpropagation: Rules = Object.fromEntries(
  activations.map(([name, { grad }]) => [
    name,
    Object.fromEntries(
      Object.entries(grad as Readonly<Record<string, AnyRule>>).map(([formal, rule]) => [
        formal,
        (call: Call) =>
          name === 'Clip' && !clipsFromZero(call) ? rule(call) : rule({ ...call, g: positiveOnly(call) }),
      ]),
    ),
  ]),
);

/** Deconvnet (Zeiler and Fergus, 2014): at a ReLU or ReLU6 the positive part of what comes back passes, whatever the forward run saw. */
export const deconvnet: Rules = {
  Relu: { X: positiveOnly },
  Clip: {
    input: (call) =>
      clipsFromZero(call)
        ? positiveOnly(call)
        : (registry.get('Clip')!.grad as Readonly<Record<string, AnyRule>>).input!(call),
  },
};
