// Why a step cannot be differentiated.

import type { AttributeValue } from './model/types.js';
import { impossibleAxis } from './operators/limits.js';
import { withoutRule } from './schema/contrib.js';
import { missingInput } from './schema/read.js';
import { whyClosed } from './subgraphs/calls.js';
import type { Surroundings } from './surroundings.js';
import { callOf, type Step } from './view.js';

const MAX_ATTRIBUTE = 2 ** 16;

/** Why a step has no rule, where more is known than that. */
export function whyMissing(step: Step, { tensor, opset }: Surroundings): string | undefined {
  const { opType, operator } = step;
  if (operator?.holdsGraphs) return whyClosed(opType, callOf(step, tensor, opset));
  return operator?.refused ?? withoutRule(opType);
}

/** Why a step cannot be differentiated although its operator can: as it is written, whatever the graphs in it hold. */
export function whyUnsupported(step: Step, around: Surroundings): string | undefined {
  const call = callOf(step, around.tensor, around.opset);
  const missing = missingInput(step.opType, call.inputs);
  if (missing) return `its input "${missing}" is missing`;
  const axis = impossibleAxis(call.attributes);
  if (axis) return `its attribute "${axis}" (${call.attributes[axis]}) names no axis that a tensor has`;
  const large = Object.entries(call.attributes).find(([, value]) => isLargeList(value));
  if (large) return `its attribute "${large[0]}" holds more than ${MAX_ATTRIBUTE}`;
  return step.operator?.unsupported?.(call);
}

/** Rules unroll strides, kernels and the like: none of a real model is so large. */
function isLargeList(value: AttributeValue): boolean {
  return (
    Array.isArray(value) && value.some((element) => typeof element === 'number' && Math.abs(element) > MAX_ATTRIBUTE)
  );
}
