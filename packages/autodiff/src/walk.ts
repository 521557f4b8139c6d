import { Accumulator } from './accumulator.js';
import type { Builder } from './builder/builder.js';
import type { Rules } from './differentiate.js';
import { explained } from './errors.js';
import { asReal, isStandIn } from './model/types.js';
import type { StepBackward, Tensor } from './operators/record.js';
import { type Path, pathWithin } from './path.js';
import { type Cotangents, throughGraphs } from './subgraphs/gradients.js';
import { standInsAsReal } from './surroundings.js';
import { callOf, nodeStep, type Step, view } from './view.js';

/** What stays the same on the way: rules that replace an operator's own, and what the names of new nodes begin with. */
interface Walk {
  readonly rules: Rules;
  readonly scope: string;
}

/** The reverse walk: each step on the path, last first, hands the cotangents of its outputs to those of its inputs that lead to a target. */
export function reverse(b: Builder, path: Path, cotangents: Accumulator, walk: Walk): void {
  for (const { step, wanted } of [...path].reverse()) {
    const ofOutputs = step.outputs.map((name) => cotangents.get(name));
    const g = ofOutputs.find((cotangent) => cotangent !== undefined);
    if (!g) continue;
    b.enter(`${walk.scope}${step.name}/`);
    // One input cannot be broadcast, so that nothing has to be summed back; but the constants inside a function of several nodes can stretch it.
    const isAlone = step.inputs.length === 1 && step.inner.length === 0;
    explained(step.title, () => {
      // Integers that a gradient passes through stand for real numbers (see QuantizeLinear), and are seen as such.
      const ways = [
        ...wanted.map(({ index }) => step.inputs[index]),
        ...step.outputs.filter((_, index) => ofOutputs[index]),
      ];
      const seen = (name: string) =>
        ways.includes(name) && !step.operator?.holdsGraphs ? b.real(name) : b.tensor(name);
      const call = callOf(step, seen, b.opset);
      const outputs = step.outputs.map(seen);
      const backward = { ...call, b, g, cotangents: ofOutputs, y: outputs[0]!, outputs };
      const together = new Set<string>();
      for (const { index, rule } of wanted) {
        const name = step.inputs[index]!;
        if (rule === 'through') together.add(name);
        else if (isAlone) cotangents.addUnstretched(name, rule({ ...backward, index }));
        else cotangents.add(name, rule({ ...backward, index }));
      }
      for (const [name, part] of throughParts(step, backward, [...together], seen, walk.rules))
        cotangents.addUnstretched(name, part);
    });
  }
}

/** The cotangents of what an operator reads that is no single function: the same walk is taken through what it is made of. */
function throughParts(
  step: Step,
  backward: StepBackward,
  targets: readonly string[],
  seen: (name: string) => Tensor,
  rules: Rules,
): Cotangents {
  if (targets.length === 0) return [];
  if (step.operator?.lower) return throughLowering(step, backward, targets, seen, rules);
  return throughGraphs(step.opType, backward, targets, (inner, seeds, wrt) => {
    const steps = view(inner.model);
    return walkBetween(inner, steps, seeds, wrt, rules, step.outputs[0]!).map(([, cotangent]) => cotangent);
  });
}

/**
 * The way through a composite operator, whose lowering is emitted. What the lowering gives is the operator's own output: a rule that reads it reads that, and
 * nothing is computed twice for it.
 */
function throughLowering(
  step: Step,
  backward: StepBackward,
  targets: readonly string[],
  seen: (name: string) => Tensor,
  rules: Rules,
): Cotangents {
  const { b } = backward;
  const made = step.operator!.lower!(backward);
  const outputs = 'name' in made ? [made] : made;
  const nodes = b.nodesBetween(
    step.inputs.map((name) => seen(name).name),
    outputs,
  );
  const own = new Map<string, string>();
  for (const name of nodes.flatMap((node) => node.outputs)) {
    const position = outputs.findIndex((output) => output?.name === name);
    if (step.outputs[position]) own.set(name, step.outputs[position]);
  }
  const named = (name: string) => own.get(name) ?? name;
  const seeds = outputs.flatMap((output, position): Cotangents => {
    const g = backward.cotangents[position];
    return output && g ? [[named(output.name), g]] : [];
  });
  const steps = nodes.map((node) =>
    nodeStep({ ...node, inputs: node.inputs.map(named), outputs: node.outputs.map(named) }),
  );
  const seenTargets = targets.map((name) => seen(name).name);
  const found = walkBetween(b, steps, seeds, seenTargets, rules, step.outputs[0]!);
  return targets.map((name, index) => [name, found[index]![1]]);
}

/** The same walk through some steps, from the cotangents of their results to those of the targets: zeros where no way leads to one. */
function walkBetween(
  b: Builder,
  steps: readonly Step[],
  seeds: Cotangents,
  targets: readonly string[],
  rules: Rules,
  title: string,
): Cotangents {
  const cotangents = new Accumulator(b);
  for (const [name, cotangent] of seeds) cotangents.addUnstretched(name, cotangent);
  const results = seeds.map(([name]) => name);
  const tensor = (name: string) => b.tensor(name);
  const real = targets.filter((name) => isStandIn(tensor(name).type));
  const around = { rules, opset: b.opset, tensor: standInsAsReal(steps, tensor, real) };
  // The nodes of a lowering have their place in their names already, and those of a graph in its builder.
  reverse(b, pathWithin(steps, targets, results, around, title), cotangents, { rules, scope: '' });
  return targets.map((name) => [name, cotangents.get(name) ?? b.zerosLike(asReal(b.tensor(name)))]);
}
