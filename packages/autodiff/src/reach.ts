// What is reached through steps: from some tensors forwards, or from some backwards.
import type { Model } from './model/types.js';
import type { Step } from './view.js';

/** Whether a gradient passes a step to one of its inputs. */
export type Passes = (step: Step, index: number) => boolean;

export function inputsOf(step: Step): number[] {
  return step.inputs.flatMap((name, index) => (name === '' ? [] : [index]));
}

/** Tensors that depend on some others, themselves included. */
export function dependents(steps: readonly Step[], names: Iterable<string>, passes: Passes): Set<string> {
  const found = new Set(names);
  for (const step of steps)
    if (inputsOf(step).some((index) => found.has(step.inputs[index]!) && passes(step, index)))
      for (const name of step.outputs) if (name) found.add(name);
  return found;
}

/** Tensors that some depend on, themselves included. */
export function ancestors(steps: readonly Step[], names: Iterable<string>, passes: Passes): Set<string> {
  const found = new Set(names);
  for (const step of [...steps].reverse())
    if (step.outputs.some((output) => found.has(output)))
      for (const index of inputsOf(step)) if (passes(step, index)) found.add(step.inputs[index]!);
  return found;
}

export function resultsOf(model: Model): string[] {
  return model.graph.outputs.map(({ name }) => name);
}
