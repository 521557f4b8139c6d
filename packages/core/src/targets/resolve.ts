// From what a user asks about to a function of the scores.
import { SaywhyError } from '../errors.js';
import type { Target, TargetInfo } from '../types.js';
import { findLabel } from './labels.js';
import {
  classCount,
  labelOf,
  logitCotangent,
  logitOf,
  probabilityCotangent,
  probabilityOf,
  type Scores,
  topIndices,
} from './scores.js';

/** A target made definite for one picture: which class is the top one is settled. */
export interface ResolvedTarget {
  readonly info: TargetInfo;
  /** The derivative of what is explained with respect to the scores. */
  readonly cotangent: Float32Array;
  /** What is explained, at other scores: of changed pictures. */
  value(scores: Scores): MaybePromise<number>;
}

/** A caller's function may be asynchronous: in the browser it lies in another thread. */
type MaybePromise<T> = T | Promise<T>;

/** A function of the scores with its derivative, as targets are composed of. */
interface Term {
  readonly text: string;
  /** The class, where it is about one. */
  readonly index?: number;
  /** Whether it is that class's logit. */
  readonly plain?: boolean;
  value(scores: Scores): MaybePromise<number>;
  cotangent(scores: Scores): MaybePromise<Float32Array>;
}

/**
 * The targets that one stands for: `{ top: 3 }` is three.
 * @throws SaywhyError `unknown-label`, `ambiguous-label`, `no-labels`, `unknown-index`, `invalid-target`
 */
export async function resolveTarget(target: Target, scores: Scores): Promise<ResolvedTarget[]> {
  const resolved = async (term: Term): Promise<ResolvedTarget> => {
    const label = term.index === undefined ? undefined : labelOf(scores, term.index);
    const value = await term.value(scores);
    return {
      info: {
        text: term.text,
        ...(term.index !== undefined && { index: term.index }),
        ...(label !== undefined && { label }),
        value,
      },
      cotangent: await term.cotangent(scores),
      value: (other) => term.value(other),
    };
  };
  return Promise.all(termsOf(target, scores).map(resolved));
}

/** What several targets stand for. */
export async function resolveTargets(targets: readonly Target[], scores: Scores): Promise<ResolvedTarget[]> {
  return (await Promise.all(targets.map((target) => resolveTarget(target, scores)))).flat();
}

/** Whether a target's derivative is the same for every picture, so that it can be known before the forward run. */
export function isFixed(target: Target): boolean {
  if (typeof target === 'string' || typeof target === 'number') return true;
  if (typeof target !== 'object' || target === null) return false;
  if ('not' in target) return isFixed(target.not);
  // What is no target at all is refused when it is resolved.
  return 'versus' in target && Array.isArray(target.versus) && target.versus.every(isFixed);
}

function termsOf(target: Target, scores: Scores): Term[] {
  if (typeof target === 'string') return [classTerm(checkIndex(findLabel(target, scores.labels), scores), scores)];
  if (typeof target === 'number') return [classTerm(checkIndex(target, scores), scores)];
  if (typeof target === 'function') return [functionTerm(target)];
  if (typeof target === 'object' && target !== null) {
    if ('top' in target) return topIndices(scores, checkCount(target.top)).map((index) => classTerm(index, scores));
    if ('not' in target) return termsOf(target.not, scores).map(negative);
    if ('versus' in target) return [difference(target.versus, scores)];
    if ('probability' in target) return termsOf(target.probability, scores).map((term) => probability(term));
  }
  throw new SaywhyError(
    'invalid-target',
    `${JSON.stringify(target)} is no target. Give a label, an index, { top }, { not }, { versus: [a, b] }, { probability } or a function of the scores.`,
  );
}

function classTerm(index: number, scores: Scores): Term {
  return {
    text: labelOf(scores, index) ?? String(index),
    index,
    plain: true,
    value: (at) => logitOf(at, index),
    cotangent: (at) => logitCotangent(at, index),
  };
}

/** What speaks against a class: the paper's counterfactual explanation. */
function negative(term: Term): Term {
  return {
    ...term,
    plain: false,
    text: `not:${term.text}`,
    value: async (at) => -(await term.value(at)),
    cotangent: async (at) => (await term.cotangent(at)).map((x) => -x),
  };
}

function difference(pair: readonly [Target, Target], scores: Scores): Term {
  if (!Array.isArray(pair) || pair.length !== 2)
    throw new SaywhyError(
      'invalid-target',
      `\`versus\` compares two targets: [a, b]; this is ${JSON.stringify(pair)}.`,
    );
  const a = oneTerm(pair[0], scores);
  const b = oneTerm(pair[1], scores);
  return {
    text: `${a.text} vs ${b.text}`,
    value: async (at) => (await a.value(at)) - (await b.value(at)),
    cotangent: async (at) => {
      const other = await b.cotangent(at);
      return (await a.cotangent(at)).map((x, i) => x - other[i]!);
    },
  };
}

function oneTerm(target: Target, scores: Scores): Term {
  const [term, ...others] = termsOf(target, scores);
  if (term && others.length === 0) return term;
  throw new SaywhyError('invalid-target', 'Each side of `versus` is one class, not several.');
}

function probability({ index, text, plain }: Term): Term {
  if (index === undefined || !plain)
    throw new SaywhyError('invalid-target', `\`probability\` is of one class, not of "${text}".`);
  return {
    text: `probability:${text}`,
    index,
    value: (at) => probabilityOf(at, index) ?? Number.NaN,
    cotangent: (at) => probabilityCotangent(at, index),
  };
}

function functionTerm(target: Extract<Target, (...args: never[]) => unknown>): Term {
  const call = async ({ data, shape }: Scores) => {
    const { value, gradient } = await target({ data: data.slice(), shape });
    if (typeof value !== 'number' || gradient?.length !== data.length)
      throw new SaywhyError(
        'invalid-target',
        `A target function returns { value, gradient } with a gradient for each of the ${data.length} scores; this one gave ${gradient?.length ?? 'none'}.`,
      );
    return { value, gradient: Float32Array.from(gradient) };
  };
  return {
    text: target.name || 'function',
    value: async (at) => (await call(at)).value,
    cotangent: async (at) => (await call(at)).gradient,
  };
}

function checkIndex(index: number, scores: Scores): number {
  const count = classCount(scores);
  if (Number.isInteger(index) && index >= 0 && index < count) return index;
  throw new SaywhyError('unknown-index', `There is no class ${index}: the model has ${count}, from 0 to ${count - 1}.`);
}

function checkCount(count: number): number {
  if (Number.isInteger(count) && count > 0) return count;
  throw new SaywhyError('invalid-target', `\`top\` is a number of classes from 1 on, not ${count}.`);
}
