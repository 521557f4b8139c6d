// Which steps lie between what gradients are wanted of and the scores.
import type { Rules } from './differentiate.js';
import { explained } from './errors.js';
import { graphsOf, passesIn, ruleOf, type Wanted } from './flow.js';
import type { Model } from './model/types.js';
import { checkReal, noRule, notDifferentiable } from './no-path.js';
import { ancestors, dependents, inputsOf, type Passes, resultsOf } from './reach.js';
import { whyMissing, whyUnsupported } from './refusals.js';
import { lookupIn } from './shapes/infer.js';
import { type Surroundings, surroundings, surroundingsWithin } from './surroundings.js';
import { type Step, view } from './view.js';

/** Steps in topological order, each with the inputs that lead to a target. */
export type Path = readonly { readonly step: Step; readonly wanted: readonly Wanted[] }[];

/**
 * The steps between the targets and the scores.
 * @throws SaywhyError `no-rule`, `not-differentiable`
 */
export function findPath(
  model: Model,
  steps: readonly Step[],
  targets: readonly string[],
  scores: string,
  rules: Rules,
): Path {
  const declared = lookupIn(model);
  for (const name of [scores, ...targets]) checkReal(declared(name));
  const around = surroundings(model, steps, rules);
  const active = dependents(steps, targets, passesIn(around));
  const needed = ancestors(steps, [scores], onWay(active, around));
  const blocked = targets.filter((target) => !needed.has(target));
  if (blocked.length > 0) throw notDifferentiable(steps, blocked, scores, passesIn(around));
  return checked(planned(steps, active, needed, around), scores);
}

/**
 * The path through the steps of a lowering, or of a graph inside a node, from some of its tensors to some of its results. Targets that no way leads from are
 * not on it.
 * @param title for messages
 * @throws SaywhyError `no-rule`
 */
export function pathWithin(
  steps: readonly Step[],
  targets: Iterable<string>,
  results: Iterable<string>,
  around: Surroundings,
  title: string,
): Path {
  const active = dependents(steps, targets, passesIn(around));
  const needed = ancestors(steps, results, onWay(active, around));
  return checked(planned(steps, active, needed, around), title);
}

function onWay(active: ReadonlySet<string>, around: Surroundings): Passes {
  return (step, index) => active.has(step.inputs[index]!) && passesIn(around)(step, index);
}

interface Plan {
  readonly path: Path;
  /** Steps on the way that have no rule, and why. */
  readonly refused: readonly string[];
}

/** The steps that are needed, with the rules of their active inputs. */
function planned(
  steps: readonly Step[],
  active: ReadonlySet<string>,
  needed: ReadonlySet<string>,
  around: Surroundings,
): Plan {
  const path: { step: Step; wanted: Wanted[] }[] = [];
  const refused: string[] = [];
  for (const step of steps.filter(({ outputs }) => outputs.some((name) => needed.has(name)))) {
    const all = inputsOf(step)
      .filter((index) => active.has(step.inputs[index]!))
      .map((index) => ({ index, rule: ruleOf(step, index, around) }));
    const wanted = all.filter((input): input is Wanted => input.rule !== 'none' && input.rule !== 'missing');
    const reason = all.some(({ rule }) => rule === 'missing')
      ? (whyMissing(step, around) ?? 'no rule')
      : wanted.length > 0 && unsupported(step, around);
    if (reason) refused.push(`${step.title}: ${reason}`);
    if (wanted.length > 0) path.push({ step, wanted });
  }
  return { path, refused };
}

function checked({ path, refused }: Plan, scores: string): Path {
  if (refused.length > 0) throw noRule(scores, refused);
  return path;
}

/** Why a step cannot be differentiated although its operator can. */
export function unsupported(step: Step, around: Surroundings): string | undefined {
  return explained(
    step.title,
    () => whyUnsupported(step, around) ?? (step.operator?.holdsGraphs && unsupportedInside(step, around)),
  );
}

/** Why the graphs of a node cannot be differentiated. */
function unsupportedInside(step: Step, around: Surroundings): string | undefined {
  const reasons = graphsOf(step, around).flatMap(({ model, bindings }) => {
    const [steps, inner] = [view(model), surroundingsWithin(model, bindings, around)];
    const type = lookupIn(model);
    const quantized = resultsOf(model).find((name) => inner.tensor(name).type !== type(name).type);
    if (quantized !== undefined) return [`its result "${quantized}" is quantized; dequantize it inside`];
    const active = dependents(steps, bindings.keys(), passesIn(inner));
    return planned(steps, active, ancestors(steps, resultsOf(model), onWay(active, inner)), inner).refused;
  });
  return reasons.length > 0 ? `in it, ${reasons.join('; ')}` : undefined;
}
