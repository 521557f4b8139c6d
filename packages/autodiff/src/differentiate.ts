import { Accumulator } from './accumulator.js';
import { Builder } from './builder/builder.js';
import { explained, SaywhyError } from './errors.js';
import { inlineBranches } from './inline.js';
import { resolveTensor } from './lookup.js';
import type { Model } from './model/types.js';
import type { AnyBackward, AnyRule, Tensor } from './operators/record.js';
import { findPath, type Path, pathThrough } from './path.js';
import { callOf, type Step, view } from './view.js';

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
  /** Put before the names of the new input and outputs, for derivatives of derivatives. */
  readonly prefix?: string;
}

/**
 * Adds the gradient to a model, as standard ONNX operators: a Model with one more input, `cotangent/<of>` (the derivative of whatever is explained
 * with respect to the scores; same shape and type as they), and for each tensor T of `wrt` an output `gradient/<T>` in T's type and shape.
 *
 * @throws SaywhyError `unknown-tensor`; `no-rule`, which lists every operator on the way that has none; `not-differentiable` for a tensor that the
 *   scores do not depend on, or only through operators without a derivative; `duplicate-name`; `opset-too-old`.
 */
export function differentiate(source: Model, { of, wrt, rules = {}, prefix = '' }: DifferentiateOptions): Model {
  checkOpset(source);
  const model = inlineBranches(source);
  const scores = resolveTensor(model, of);
  const targets = [...new Set(wrt.map((name) => resolveTensor(model, name)))];
  const path = findPath(model, view(model, targets), targets, scores, rules);
  const b = new Builder(model);
  const cotangents = new Accumulator(b);
  const { type, shape } = b.tensor(scores);
  cotangents.addUnstretched(scores, b.input(`${prefix}cotangent/${scores}`, { type, shape }));
  reverse(b, path, cotangents, { rules, scope: `${prefix}backward/` });
  for (const target of targets) b.output(`${prefix}gradient/${target}`, cotangents.get(target)!, b.tensor(target));
  return b.build();
}

function checkOpset({ opset }: Model): void {
  const version = opset.get('') ?? 0;
  if (version < OLDEST_OPSET)
    throw new SaywhyError(
      'opset-too-old',
      `The model is written for opset ${version}; gradients need ${OLDEST_OPSET} or newer. Convert it with onnx.version_converter, or export it again (opset 17 is a good choice).`,
    );
}

/** What stays the same on the way: rules that replace an operator's own, and what the names of new nodes begin with. */
interface Walk {
  readonly rules: Rules;
  readonly scope: string;
}

/** The reverse walk: each step on the path, last first, hands the cotangents of its outputs to those of its inputs that lead to a target. */
function reverse(b: Builder, path: Path, cotangents: Accumulator, walk: Walk): void {
  for (const { step, wanted } of [...path].reverse()) {
    const given = step.outputs.map((name) => cotangents.get(name));
    const g = given.find((cotangent) => cotangent !== undefined);
    if (!g) continue;
    b.enter(`${walk.scope}${step.name}/`);
    // Nothing stretches an only operand, unless a constant inside a function of several nodes does.
    const isAlone = step.inputs.length === 1 && step.inner.length === 0;
    explained(step.title, () => {
      // Integers that a gradient passes through stand for real numbers (see QuantizeLinear), and are seen as such.
      const ways = [
        ...wanted.map(({ index }) => step.inputs[index]),
        ...step.outputs.filter((_, index) => given[index]),
      ];
      const seen = (name: string) => (ways.includes(name) ? b.real(name) : b.tensor(name));
      const call = callOf(step, seen, b.opset);
      const outputs = step.outputs.map(seen);
      const context = { ...call, b, g, cotangents: given, y: outputs[0]!, outputs };
      const lowered = new Set<string>();
      for (const { index, rule } of wanted) {
        const name = step.inputs[index]!;
        if (rule === 'lower') lowered.add(name);
        else if (isAlone) cotangents.addUnstretched(name, rule({ ...context, index }));
        else cotangents.add(name, rule({ ...context, index }));
      }
      for (const [name, cotangent] of throughLowering(context, step, lowered, seen, walk))
        cotangents.addUnstretched(name, cotangent);
    });
  }
}

/**
 * The cotangents of tensors that a composite operator reads: its lowering is emitted, and the same walk taken through it. What the lowering gives is the
 * operator's own output: a rule that reads it reads that, and nothing is computed twice for it.
 */
function throughLowering(
  context: Omit<AnyBackward, 'index'>,
  step: Step,
  targets: ReadonlySet<string>,
  seen: (name: string) => Tensor,
  { rules }: Walk,
): Map<string, Tensor> {
  if (targets.size === 0) return new Map();
  const { b } = context;
  const made = step.operator!.lower!(context);
  const outputs = 'name' in made ? [made] : made;
  const inputs = step.inputs.map((name) => seen(name).name);
  const nodes = b.nodesBetween(inputs, outputs);
  const own = new Map<string, string>();
  for (const name of nodes.flatMap((node) => node.outputs)) {
    const position = outputs.findIndex((output) => output?.name === name);
    if (step.outputs[position]) own.set(name, step.outputs[position]);
  }
  const named = (name: string) => own.get(name) ?? name;
  const inner = new Accumulator(b);
  outputs.forEach((output, position) => {
    const g = context.cotangents[position];
    if (output && g) inner.addUnstretched(named(output.name), g);
  });
  const steps = nodes.map((node) => ({ ...node, inputs: node.inputs.map(named), outputs: node.outputs.map(named) }));
  const seenTargets = new Set([...targets].map((name) => seen(name).name));
  const path = pathThrough(b.model, steps, seenTargets, (name) => b.tensor(name), step.outputs[0]!, rules);
  // The nodes of a lowering have their place in their names already.
  reverse(b, path, inner, { rules, scope: '' });
  return new Map([...targets].map((name) => [name, inner.get(seen(name).name) ?? b.zerosLike(seen(name))]));
}
