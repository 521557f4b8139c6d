// Targets of scores that no picture is known of.
import type { Target } from '@saywhy/core';
import * as core from '../../packages/core/src/targets/resolve.js';
import type { Scores } from '../../packages/core/src/targets/scores.js';
import type { View } from '../../packages/core/src/targets/view.js';

/** A model's input that is the whole picture, 10 pixels high and 20 wide. */
export const view: View = { picture: [10, 20], region: { x: 0, y: 0, width: 20, height: 10 }, input: [10, 20] };

export const resolveTarget = (target: Target, scores: Scores, at: View = view): Promise<core.ResolvedTarget[]> =>
  core.resolveTarget(target, scores, at);
