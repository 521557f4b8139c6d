// Gradient rules that differ from the derivative on purpose: small tables, not other engines.
import type { Rules } from './differentiate.js';
import { SaywhyError } from './errors.js';
import { inlineGraphs } from './inline.js';
import { type Model, opsetOf } from './model/types.js';
import { boundOf } from './operators/elementwise/clip.js';
import { patterns } from './operators/elementwise/patterns.js';
import { above, between } from './operators/elementwise/ramp.js';
import { registry } from './operators/index.js';
import type { AnyBackward, AnyCall, AnyOperator, AnyRule, Tensor } from './operators/record.js';
import { namesOfInputs } from './schema/read.js';
import { lookupIn } from './shapes/infer.js';
import { callOf, view } from './view.js';

/**
 * A rule by a name that the operator's inputs do not have would never be used.
 * @throws SaywhyError `invalid-argument` with the names that there are
 */
export function checkRules(rules: Rules): void {
  for (const [opType, table] of Object.entries(rules)) {
    const formals = patterns.find(({ name }) => name === opType)?.formals ?? namesOfInputs(opType);
    const unknown = formals && Object.keys(table).find((formal) => !formals.includes(formal));
    if (unknown !== undefined)
      throw new SaywhyError(
        'invalid-argument',
        `\`rules\` has a rule for the input "${unknown}" of ${opType}, whose inputs are called ${formals!.join(', ')}.`,
      );
  }
}

/** What the literature's methods change: ReLU and ReLU6, which are Relu and Clip from 0; other activation functions; and what is none. */
type Kind = 'relu' | 'other' | 'none';

/** A Clip is a ReLU from 0 on, another activation (hardtanh) between two other constants, and else a bound put on something computed. */
function kindOfClip({ inputs }: AnyCall): Kind {
  const [low, high] = [boundOf(inputs[1]), boundOf(inputs[2])];
  if (low === 0 && (high === undefined || (typeof high === 'number' && high > 0))) return 'relu';
  return typeof low === 'number' && typeof high === 'number' ? 'other' : 'none';
}

function kindOf(opType: string, call: AnyCall): Kind {
  return opType === 'Relu' ? 'relu' : opType === 'Clip' ? kindOfClip(call) : 'other';
}

const activations = new Map<string, AnyOperator>([
  ...[...registry].filter(([, { activation }]) => activation),
  ...patterns.map(({ name, operator }) => [name, operator] as const),
]);

/** A table that changes the gradient of the data at every activation; that of slopes and bounds is left as it is. */
function atActivations(change: (call: AnyBackward, kind: Kind, derivative: AnyRule) => Tensor): Rules {
  return Object.fromEntries(
    [...activations].map(([opType, { grad }]) => {
      const [[formal, derivative]] = Object.entries(grad!) as [[string, AnyRule]];
      return [opType, { [formal]: (call: AnyBackward) => change(call, kindOf(opType, call), derivative) }];
    }),
  );
}

/** What is positive of the cotangent. */
function positivePart({ g, b }: AnyBackward): Tensor {
  return b.emit('Relu', [g]);
}

/** 1 where a ReLU or ReLU6 passed its input on: 0 < y, and below the upper bound. */
function passed({ y, inputs, b }: AnyBackward): Tensor {
  const high = boundOf(inputs[2]);
  return typeof high === 'number' ? between(b, y, 0, high) : above(b, y, 0);
}

/**
 * Guided backpropagation (Springenberg et al., 2014): at a ReLU or ReLU6 only what is positive passes back, g * (0 < y [< 6]) * (g > 0). The method is
 * defined for these; every other activation passes its own derivative of the positive part (`activationsOf` says which those are).
 */
export const guidedBackpropagation: Rules = atActivations((call, kind, derivative) => {
  if (kind === 'none') return derivative(call);
  const g = positivePart(call);
  return kind === 'relu' ? call.b.mul(g, passed(call)) : derivative({ ...call, g });
});

/** Deconvnet (Zeiler and Fergus, 2014): at a ReLU or ReLU6 the positive part of what comes back passes, whatever the forward run saw. */
export const deconvnet: Rules = atActivations((call, kind, derivative) =>
  kind === 'relu' ? positivePart(call) : derivative(call),
);

/**
 * The activation functions of a model other than ReLU and ReLU6, by the names of their operators, or of the function that several nodes are (`Silu`):
 * those that guided backpropagation and deconvnet were not defined for.
 */
export function activationsBeyondRelu(source: Model): string[] {
  const model = inlineGraphs(source);
  const tensor = lookupIn(model);
  const steps = view(model);
  // The sigmoid inside x * sigmoid(x) is a part of that function.
  const parts = new Set(steps.flatMap(({ inner }) => inner));
  const found = steps.filter((step) => {
    if (!activations.has(step.opType) || parts.has(step.outputs[0]!)) return false;
    const call = callOf(step, tensor, opsetOf(model));
    return kindOf(step.opType, call) === 'other';
  });
  return [...new Set(found.map(({ opType }) => opType))].sort();
}
