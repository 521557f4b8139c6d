// What goes in.
import type { DataType } from '@saywhy/autodiff';
import type { Picture } from '../images/picture.js';
import type { Preprocess } from '../images/preprocess-spec.js';
import type { Method } from '../methods/method.js';
import type { Device, Runtime } from './runtime.js';

/**
 * What the numbers of the scored output are, before any softmax or sigmoid: logits of classes that exclude each other, logits of classes that do not,
 * one logit of yes against no, or values that are no classes.
 */
export type ScoreKind = 'softmax' | 'multilabel' | 'binary' | 'regression';

/** Tensors of a model that someone exported with gradient outputs of its own. */
export interface ForeignGradient {
  /** The output that holds the layer's activation. */
  readonly activation: string;
  /** The output that holds the score's gradient with respect to it. */
  readonly gradient: string;
}

export interface ExplainerOptions {
  readonly device?: 'auto' | Device;
  readonly threads?: number;
  /** The tensor (or module) that holds the scores. Found where it is left out. */
  readonly scores?: string;
  readonly scoreKind?: ScoreKind;
  readonly preprocess?: 'imagenet' | Preprocess;
  readonly labels?: readonly string[];
  /** For a model with gradient outputs of its own, by the layer's name. */
  readonly gradients?: Readonly<Record<string, ForeignGradient>>;
  /** What results call the model. */
  readonly name?: string;
  /** Bytes of model parts kept ready in sessions, 1 GiB if left out; the last-used ones stay. */
  readonly sessionBytes?: number;
  readonly runtime?: Runtime;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

/** What is being waited for. `loaded` of `total` are bytes of a download, and runs otherwise. */
export type Progress =
  | { readonly stage: 'download'; readonly what: string; readonly loaded: number; readonly total?: number }
  | {
      readonly stage: 'prepare';
      readonly what: 'differentiate' | 'session';
      readonly loaded: number;
      readonly total: number;
    }
  | { readonly stage: 'run'; readonly what: string; readonly loaded: number; readonly total: number };

/** A tensor of any rank, preprocessed by the caller. */
export interface TensorInput {
  readonly data:
    | Float32Array
    | Float64Array
    | Uint16Array
    | Uint8Array
    | Int8Array
    | Int16Array
    | Int32Array
    | BigInt64Array;
  readonly shape: readonly number[];
  /** By default what the array holds; float16 travels as the bits in a Uint16Array. */
  readonly type?: DataType;
}

/** A decoded picture, a tensor for the picture's input, or one of these for each of the model's inputs by name. */
export type Input = Picture | TensorInput | Readonly<Record<string, Picture | TensorInput>>;

/** A value, and its derivative with respect to each score. */
export interface ScoreValue {
  readonly value: number;
  readonly gradient: Float32Array;
}

/** A function of the scores, as the model's output has them, which may be asynchronous. */
export type ScoreFunction = (scores: {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}) => ScoreValue | Promise<ScoreValue>;

/**
 * What shall be explained: the score of a class by its label or index, of the `top` n classes (a map for each), what speaks against a class (`not`), for
 * one rather than another (`versus`), a class's probability rather than its logit, or any function of the scores.
 */
export type Target =
  | string
  | number
  | { readonly top: number }
  | { readonly not: Target }
  | { readonly versus: readonly [Target, Target] }
  | { readonly probability: Target }
  | ScoreFunction;

export interface ExplainOptions {
  /** Names, or records of one's own. `grad-cam` if left out. */
  readonly method?: string | Method | readonly (string | Method)[];
  /** `{ top: 1 }` if left out. */
  readonly target?: Target | readonly Target[];
  /** Tensors or module paths; `auto`, the default, is the last feature map. */
  readonly layer?: string | readonly string[];
  /** How many predictions to give: 5. */
  readonly top?: number;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

export interface PredictOptions {
  readonly top?: number;
  readonly signal?: AbortSignal;
}

export interface SanityCheckOptions extends Pick<ExplainOptions, 'onProgress' | 'signal'> {
  /** `grad-cam` if left out. */
  readonly method?: string | Method;
  /** `{ top: 1 }` if left out. */
  readonly target?: Target;
  /** `auto` if left out. */
  readonly layer?: string;
  /** A whole number, 0 if left out: the same gives the same random weights. */
  readonly seed?: number;
  /** How many of the weights are randomised, from the scores on towards the picture: above 0, and 1 is all of them. A half if left out. */
  readonly share?: number;
}
