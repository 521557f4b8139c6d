import { checkForwardDerivative } from './forward-derivative.js';
import { checkGradients, type GradientCase } from './gradient-check.js';

export type Case = Omit<GradientCase, 'opset'>;

/** Differences of what only moves and sums elements are exact but for float32's rounding. */
const tolerance = 2e-4;

/** A test at each opset: the gradient of an operator that is linear in its input, and the gradient of that gradient. */
export function check(title: string, opsets: readonly number[], of: Case | ((opset: number) => Case)): void {
  for (const opset of opsets)
    it(`${title}, opset ${opset}`, async () => {
      const test = { tolerance, ...(typeof of === 'function' ? of(opset) : of), opset };
      await checkGradients(test);
      await checkForwardDerivative(test);
    });
}
