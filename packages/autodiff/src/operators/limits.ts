import { SaywhyError } from '../errors.js';
import type { Attributes } from '../model/types.js';

/** What a file claims of a size costs nothing; a list of as many numbers does. */
const MAX_COUNT = 2 ** 24;

/**
 * The number of elements of a list that a rule makes.
 * @throws SaywhyError `model-too-large` beyond 2^24, `invalid-model` for what is no number of elements
 */
export function listable(count: number): number {
  if (Number.isInteger(count) && count >= 0 && count <= MAX_COUNT) return count;
  if (!(count > MAX_COUNT)) throw new SaywhyError('invalid-model', `A size comes to ${count}, which no list has.`);
  throw new SaywhyError(
    'model-too-large',
    `The gradient would need a list of ${count} numbers; ${MAX_COUNT} is the limit. Use smaller inputs, or explain a layer after it.`,
  );
}

/** More axes than any tensor has: rules make lists as long as a tensor has axes. */
export const MAX_RANK = 64;

const AXES = ['axis', 'axes', 'batch_axis', 'time_axis', 'batch_dims'];

/** The attribute that names an axis which no tensor has. */
export function impossibleAxis(attributes: Attributes): string | undefined {
  return AXES.find((name) => {
    const value = attributes[name];
    const axes = Array.isArray(value) ? value : [value];
    return axes.some((axis) => typeof axis === 'number' && Math.abs(axis) > MAX_RANK);
  });
}

/** What the rules of all inputs of one call need, made by the first: an operator may have thousands of inputs. */
export function sharedBy<T>(inputs: object, found: WeakMap<object, T>, make: () => T): T {
  const before = found.get(inputs);
  if (before !== undefined) return before;
  const made = make();
  found.set(inputs, made);
  return made;
}

/** 0, 1, 2, ... */
export function indices(count: number): number[] {
  return Array.from({ length: listable(count) }, (_, index) => index);
}
