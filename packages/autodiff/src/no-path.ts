// What is said where no gradient can be given.

import { SaywhyError } from './errors.js';
import { isFloating } from './model/types.js';
import type { Tensor } from './operators/record.js';
import { ancestors, dependents, inputsOf, type Passes } from './reach.js';
import type { Step } from './view.js';

/** How many tensors, and operators, a message names. */
const MAX_NAMED = 5;

export function checkReal({ name, type }: Tensor): void {
  if (type !== 'other' && !isFloating(type))
    throw new SaywhyError(
      'not-differentiable',
      `"${name}" holds ${type}, not real numbers. Choose a floating-point tensor.`,
    );
}

export function noRule(scores: string, refused: readonly string[]): SaywhyError {
  return new SaywhyError(
    'no-rule',
    `The gradient of "${scores}" passes through operators that cannot be differentiated:\n  ${refused.join('\n  ')}\nExplain a layer after them, or use a method without gradients (occlusion, eigen-cam).`,
  );
}

/** Some targets that no gradient flows to: for want of any way, or for the operators that every way leads through. */
export function notDifferentiable(
  steps: readonly Step[],
  blocked: readonly string[],
  scores: string,
  passes: Passes,
): SaywhyError {
  const anyway = () => true;
  const needed = ancestors(steps, [scores], anyway);
  const reasons = blocked.slice(0, MAX_NAMED).map((target) => {
    if (!needed.has(target)) return `"${target}" (not at all)`;
    const reached = dependents(steps, [target], anyway);
    const walls = steps.filter(
      (step) =>
        step.outputs.some((name) => needed.has(name)) &&
        inputsOf(step).some((index) => reached.has(step.inputs[index]!) && !passes(step, index)),
    );
    const titles = walls.slice(0, MAX_NAMED).map(({ title }) => title);
    return `"${target}" (only through operators without a derivative: ${titles.join(', ')})`;
  });
  return new SaywhyError(
    'not-differentiable',
    `"${scores}" does not depend smoothly on ${reasons.join(', ')}. Choose a tensor that it does depend on.`,
  );
}
