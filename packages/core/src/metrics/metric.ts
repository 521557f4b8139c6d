// What a metric is: a record, which the command line, the docs and the tests read, and a function from what it needs to a number.
import type { Floats } from '../methods/method.js';
import type { Mask } from './mask.js';

/**
 * What a metric asks for beside the map: runs of the model on changed pictures, maps of changed pictures, where the target is (`mask`), where another object is
 * (`others`), an occlusion map, the same model with randomised weights.
 */
export type MetricNeed = 'runs' | 'explanations' | 'mask' | 'others' | 'occlusion' | 'randomized';

export interface MetricContext {
  /** [H, W] at the size of the model's input: how strongly each place speaks for the target, from 0 to 1. See `evidence`. */
  readonly map: Floats;
  /** The same with its sign, of methods whose map has one: from -1 to 1. */
  readonly signed: Floats;
  readonly mask: Mask;
  readonly others: Mask;
  /** The model's input as it was, channels first, without its batch. */
  readonly input: Floats;
  /** The target's score for `count` changed inputs, which `make` gives one by one, each as `input` is. */
  scores(count: number, make: (index: number) => Float32Array): Promise<number[]>;
  /** The target's probability for changed inputs; its score where the model has no probabilities. */
  probabilities(count: number, make: (index: number) => Float32Array): Promise<number[]>;
  /** The same method's map of a changed input. What has the same name is made once for all methods. */
  mapOf(name: string, make: () => Float32Array): Promise<Floats>;
  /** How much the score drops where the picture is covered, with its sign. */
  occlusion(): Promise<Floats>;
  /** The likeness of the method's map to that of models with randomised weights, one after the other: see `mapLikeness`. */
  likeness(order: RandomOrder): Promise<number[]>;
  /** What does not depend on the method is made once. */
  shared<T>(name: string, make: () => Promise<T>): Promise<T>;
  readonly seed: number;
}

/** From the scores on towards the picture, each stage with all before it; or one group of layers at a time. */
export type RandomOrder = 'cascading' | 'independent';

export interface Measured {
  /** May be infinite (a ratio to nothing), never NaN. */
  readonly value: number;
  /** Of metrics that go step by step: the value at each. */
  readonly curve?: readonly number[];
}

export interface Metric {
  /** As it is asked for: `insertion`. */
  readonly name: string;
  readonly title: string;
  /** What is measured, and how, in a sentence or two. */
  readonly what: string;
  readonly paper: { readonly title: string; readonly url: string };
  readonly needs: readonly MetricNeed[];
  /** Which values speak for a method. */
  readonly better: 'higher' | 'lower';
  /** How the values of several pictures become one: the mean, unless ratios make that meaningless. */
  readonly summary: 'mean' | 'median';
  measure(context: MetricContext): Measured | Promise<Measured>;
}
