// What a target is made of: functions of the scores with their derivatives.
import type { Target } from '../../types.js';
import type { Scores } from '../scores.js';
import type { View } from '../view.js';

/** A caller's function may be asynchronous: in the browser it lies in another thread. */
export type MaybePromise<T> = T | Promise<T>;

/** A function of the scores with its derivative, as targets are composed of. */
export interface Term {
  /** As it would be written on the command line, where it can be. */
  readonly text: string;
  /** The class, where it is about one. */
  readonly index?: number;
  /** Whether it is that class's logit. */
  readonly plain?: boolean;
  value(scores: Scores): MaybePromise<number>;
  /** Its derivative with respect to each score. */
  cotangent(scores: Scores): MaybePromise<Float32Array>;
  /** Of what is said in words: the logarithm of its probability. */
  readonly likelihood?: Pick<Term, 'value' | 'cotangent'>;
}

/** What a target is made definite with. */
export interface Resolving {
  /** Of the picture that is explained. */
  readonly scores: Scores;
  readonly view: View;
  /** What another target stands for: of those that are made of others. */
  terms(target: Target): Promise<readonly Term[]>;
}

/** One kind of target that is written as an object. */
export interface TermKind<T> {
  /** Whether its derivative is the same for every picture; not, where it is left out. */
  isFixed?(target: T, isFixed: (target: Target) => boolean): boolean;
  /**
   * The terms that it stands for.
   * @throws SaywhyError `invalid-target`, and what belongs to the kind
   */
  terms(target: T, at: Resolving): MaybePromise<readonly Term[]>;
}
