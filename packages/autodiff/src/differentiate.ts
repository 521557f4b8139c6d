import { Accumulator } from './accumulator.js';
import { Builder } from './builder/builder.js';
import { SaywhyError } from './errors.js';
import { inlineGraphs } from './inline.js';
import { resolveTensor } from './lookup.js';
import { type Model, opsetOf } from './model/types.js';
import type { AnyRule } from './operators/record.js';
import { findPath } from './path.js';
import { checkRules } from './rules.js';
import { withoutRuntimeNames } from './runtime-names.js';
import { addTopClass } from './top-class.js';
import { view } from './view.js';
import { reverse } from './walk.js';

/** Gradient rules that replace an operator's own: for each operator, by formal input. */
export type Rules = { readonly [opType: string]: { readonly [formal: string]: AnyRule } };

/** The oldest standard operator set whose operators broadcast as rules expect. */
const OLDEST_OPSET = 7;

export interface DifferentiateOptions {
  /** The scores: a tensor's name, or a PyTorch module path. */
  readonly of: string;
  /** What the gradients are with respect to: names of tensors (graph inputs are tensors), or module paths. */
  readonly wrt: readonly string[];
  /** Rules that replace an operator's own, as guided backpropagation does. */
  readonly rules?: Rules;
  /** Put before the names of the new inputs and outputs, for derivatives of derivatives. */
  readonly prefix?: string;
  /**
   * For a class that is known only when the model has run: one more input, `top/<of>` [1] in the scores' type. So many times the highest score's own
   * cotangent (1 there, 0 elsewhere) is added to the one that is fed.
   */
  readonly top?: boolean;
}

/**
 * Adds the gradient to a model, as standard ONNX operators: a Model with one more input, `cotangent/<of>` (the derivative of whatever is explained
 * with respect to the scores; same shape and type as they), and for each tensor T of `wrt` an output `gradient/<T>` in T's type and shape.
 *
 * @throws SaywhyError `unknown-tensor`; `no-rule`, which lists every operator on the way that has none; `not-differentiable` for a tensor that the
 *   scores do not depend on, or only through operators without a derivative; `duplicate-name`; `opset-too-old`; `invalid-argument` for `top` where the
 *   number of classes is not known, and for `rules` of inputs that an operator does not have.
 */
export function differentiate(
  source: Model,
  { of, wrt, rules = {}, prefix = '', top = false }: DifferentiateOptions,
): Model {
  checkOpset(source);
  checkRules(rules);
  const model = withoutRuntimeNames(inlineGraphs(source));
  const scores = resolveTensor(model, of);
  const targets = [...new Set(wrt.map((name) => resolveTensor(model, name)))];
  const path = findPath(model, view(model, targets), targets, scores, rules);
  const b = new Builder(model);
  const cotangents = new Accumulator(b);
  const { type, shape } = b.tensor(scores);
  const given = b.input(`${prefix}cotangent/${scores}`, { type, shape });
  const whole = () => addTopClass(b, given, b.tensor(scores), b.input(`${prefix}top/${scores}`, { type, shape: [1] }));
  cotangents.addUnstretched(scores, top ? whole() : given);
  reverse(b, path, cotangents, { rules, scope: `${prefix}backward/` });
  for (const target of targets) b.output(`${prefix}gradient/${target}`, cotangents.get(target)!, b.tensor(target));
  return b.build();
}

function checkOpset(model: Model): void {
  const version = opsetOf(model);
  if (version < OLDEST_OPSET)
    throw new SaywhyError(
      'opset-too-old',
      `The model is written for opset ${version}; gradients need ${OLDEST_OPSET} or newer. Convert it with onnx.version_converter, or export it again (opset 17 is a good choice).`,
    );
}
