import { inlineControl } from './inline/control.js';
import { inlineFunctions } from './inline/functions.js';
import { separateScopes } from './inline/scopes.js';
import { inlineSequences } from './inline/sequences.js';
import type { Model } from './model/types.js';

/** Conditions that hang on one another are settled one after the other; no exporter writes so long a chain. */
const MAX_ROUNDS = 16;

/**
 * The same model with as little as possible inside its nodes: functions, branches whose condition is known, short loops whose length is, and sequences of known
 * tensors are written out. The same tensors: only those that were inside get new names.
 * @throws SaywhyError `invalid-model` for functions that call themselves; `model-too-large` where there is too much in them
 */
export function inlineGraphs(model: Model): Model {
  let result = separateScopes(inlineFunctions(model));
  for (let round = 0; round < MAX_ROUNDS; round++) {
    // What was written out may settle the condition of a later If.
    const next = inlineSequences(inlineControl(result));
    if (next === result) break;
    result = next;
  }
  return result;
}
