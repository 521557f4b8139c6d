// Targets that speak of a caption's words, made definite: which ids, in which rows of the scores.
import { SaywhyError } from '../errors.js';
import { nearest } from '../nearest.js';
import { innerTargets, withInner } from '../targets/inner.js';
import type { Target } from '../types.js';

/** The caption that the model was given to have said, or said itself. */
export interface Spoken {
  readonly ids: readonly number[];
  readonly text: string;
  /** How one id reads. */
  word(id: number): string;
  /** The ids of a text, without marks. */
  read(text: string): readonly number[];
}

interface Place {
  readonly id: number;
  readonly at: number;
}

/**
 * @param rowOf the row of the scores for a word's place in the caption
 * @throws SaywhyError `invalid-target`, `unknown-word`
 */
export function pointed(target: Target, spoken: Spoken, rowOf: (at: number) => number): Target {
  const again = (other: Target) => pointed(other, spoken, rowOf);
  const places = placesOf(target, spoken);
  if (places)
    return { said: places.map(({ id, at }) => ({ id, row: rowOf(at) })), text: textOf(target, places, spoken) };
  return withInner(target, innerTargets(target).map(again));
}

/** The words' places that a target depends on. */
export function placesIn(target: Target, spoken: Spoken): readonly Place[] {
  return placesOf(target, spoken) ?? innerTargets(target).flatMap((inner) => placesIn(inner, spoken));
}

/**
 * The words that a model has to read for the scores that targets ask for. The last one only if they ask for what comes after it: a caption may be as long as the
 * model has places.
 */
export function idsFor(targets: readonly Target[], spoken: Spoken): readonly number[] {
  const { ids } = spoken;
  const isAnywhere = (target: Target): boolean => typeof target === 'function' || innerTargets(target).some(isAnywhere);
  const isAfter = (target: Target) => placesIn(target, spoken).some(({ at }) => at === ids.length);
  return targets.some((target) => isAnywhere(target) || isAfter(target)) ? ids : ids.slice(0, -1);
}

/** The caption that targets give in words or ids of their own. */
export function captionIn(
  targets: readonly Target[],
  read: (text: string) => readonly number[],
): readonly number[] | undefined {
  const own = targets.flatMap(captionsOf).flatMap((caption) => {
    if (caption === true) return [];
    return [typeof caption === 'string' ? read(caption) : caption];
  });
  const [first, ...others] = own;
  if (others.some((other) => other.join() !== first!.join()))
    throw new SaywhyError(
      'invalid-target',
      'One caption at a time: the targets speak of several. Explain each in a call.',
    );
  return first;
}

type CaptionTarget = Extract<Target, { readonly caption: unknown }>['caption'];

function captionsOf(target: Target): CaptionTarget[] {
  const isCaption = typeof target === 'object' && target !== null && 'caption' in target;
  return isCaption ? [target.caption] : innerTargets(target).flatMap(captionsOf);
}

/** Undefined for a target that is of another kind, or made of others. */
function placesOf(target: Target, spoken: Spoken): readonly Place[] | undefined {
  if (typeof target === 'string' || typeof target === 'number') return [placeOf(target, undefined, spoken)];
  if (typeof target !== 'object' || target === null) return undefined;
  if ('token' in target) return [placeOf(target.id ?? target.token, target.at, spoken)];
  if (!('caption' in target)) return undefined;
  const { caption } = target;
  const ids = caption === true ? spoken.ids : typeof caption === 'string' ? spoken.read(caption) : caption;
  if (ids.join() !== spoken.ids.join())
    throw new SaywhyError(
      'invalid-target',
      `The caption is given as "${spoken.text}", and the target speaks of another.`,
    );
  if (ids.length === 0) throw new SaywhyError('invalid-target', 'The caption has no words.');
  return ids.map((id, at) => ({ id, at }));
}

function placeOf(token: string | number, at: number | undefined, spoken: Spoken): Place {
  const { ids, text } = spoken;
  const id = typeof token === 'number' ? token : idOf(token, spoken);
  if (at === undefined) {
    const found = ids.indexOf(id);
    if (found >= 0) return { id, at: found };
    const near = typeof token === 'string' ? nearest(token, ids.map(spoken.word))[0] : undefined;
    throw new SaywhyError(
      'invalid-target',
      `"${token}" is no word of the caption "${text}".${near ? ` Did you mean "${near}"?` : ''} Say with \`at\` at which place the model might have said it, from 0 to ${ids.length}.`,
    );
  }
  if (Number.isInteger(at) && at >= 0 && at <= ids.length) return { id, at };
  throw new SaywhyError('invalid-target', `\`at\` is a place in "${text}", from 0 to ${ids.length}, not ${at}.`);
}

function idOf(token: string, spoken: Spoken): number {
  const ids = spoken.read(token);
  if (ids.length === 1) return ids[0]!;
  throw new SaywhyError(
    'invalid-target',
    `"${token}" is ${ids.length} tokens${ids.length > 1 ? ` (${ids.join(', ')})` : ''}: give one word, or one id.`,
  );
}

function textOf(target: Target, places: readonly Place[], spoken: Spoken): string {
  const whole = typeof target === 'object' && 'caption' in target;
  return whole ? spoken.text : spoken.word(places[0]!.id);
}
