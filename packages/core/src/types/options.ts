// What goes in.
import type { DataType } from '@saywhy/autodiff';
import type { Picture } from '../images/picture.js';
import type { Preprocess } from '../images/preprocess-spec.js';
import type { Rectangle } from '../images/raster.js';
import type { Method } from '../methods/method.js';
import type { Device, Runtime } from './runtime.js';
import type { Tokenizer, WordTokenizer } from './texts.js';

/**
 * What the numbers of the scored output are, before any softmax or sigmoid: logits of classes that exclude each other, logits of classes that do not,
 * one logit of yes against no, values that are no classes, a logit for each class and place (`segmentation`), scores of many candidate boxes (`detection`), or
 * a vector that says where a picture lies among others (`embedding`).
 */
export type ScoreKind = 'softmax' | 'multilabel' | 'binary' | 'regression' | 'segmentation' | 'detection' | 'embedding';

/** Where a detector writes its candidates: before non-maximum suppression, or the boxes that it is left with where it does without. */
export interface Detection {
  /** The tensor that holds the boxes, four numbers a candidate; it may be the scored one. */
  readonly boxes: string;
  /** Centre and size, or two corners. */
  readonly format: 'cxcywh' | 'xyxy';
  /** What 1 is: the whole of the model's input, or one of its pixels. */
  readonly unit: 'share' | 'pixels';
  /** [1, candidates, numbers] as DETR has them, or [1, numbers, candidates] as YOLOv8. */
  readonly candidates: 'rows' | 'columns';
  /** Which of a candidate's numbers in the scored tensor is its first class: 0 where boxes lie elsewhere, 4 after a box, 5 after box and objectness. */
  readonly firstClass: number;
  /** How many classes there are, where other numbers follow them (masks, key points); all that follow if left out. */
  readonly classes?: number;
  /** Which of them is the number of its class, where it has one: the only score is then at `firstClass`. 5 of YOLOv10, after box and score. */
  readonly classAt?: number;
  /** Which of them says whether there is anything: it multiplies the classes' scores. */
  readonly objectness?: number;
  /** Which of the classes stands for nothing, from the end where it is negative: -1 of DETR. */
  readonly nothing?: number;
  /** What makes probabilities of the scores: nothing (`none`) where they are. */
  readonly activation: 'softmax' | 'sigmoid' | 'none';
}

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
  /** Of a detector: what is not as it was found. */
  readonly detection?: Partial<Detection>;
  readonly preprocess?: 'imagenet' | Preprocess;
  readonly labels?: readonly string[];
  /** How texts become ids, where the file does not say it. */
  readonly tokenizer?: WordTokenizer | Tokenizer;
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

/**
 * A decoded picture, a tensor for the picture's input, or what each of the model's inputs wants, by name: a picture, a tensor, or a text where the model has a
 * tokenizer. What goes with a text (masks and the like) may be left out; so may the caption of a model that writes one.
 */
export type Input = Picture | TensorInput | Readonly<Record<string, Picture | TensorInput | string>>;

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

/** An embedding as numbers. */
export type Vector = Float32Array | readonly number[];

/** Places of a picture: a rectangle in its pixels; or what is not 0, row by row, at the size of the picture, of the model's input or of the scores. */
export type Mask = Rectangle | { readonly data: ArrayLike<number>; readonly shape: readonly number[] };

/**
 * What shall be explained.
 * - Of classes: the score of one by its label or index, of the `top` n (a map for each), what speaks against one (`not`), for one rather than another
 *   (`versus`), its probability rather than its logit.
 * - Of a segmentation: the sum of a class's logits over the places that the model gives it, or over a `mask` (Seg-Grad-CAM, Vinogradova et al. 2020,
 *   https://arxiv.org/abs/2002.11434). The class left out is the most frequent one there.
 * - Of a detection: the score of the candidate whose IoU with a `box`, in pixels of the picture, times its probability is best. The class left out is any.
 * - Of an embedding: the cosine of the angle to another picture's or to a given vector.
 * - Of a regression: what raises a `value`, lowers it, or brings it near a number; `of` names one of several.
 * - Of a question: the score of an `answer`, by its label.
 * - Of a caption: the logit of a `token`, a word or its id (which `id` says where words read alike), `at` its place (from 0; where it stands in the caption if
 *   left out), and the sum of a whole
 *   `caption`'s words: the one that the model is given or says itself (`true`), or one of yours. `logProbability` takes logarithms of probabilities.
 *   `said` is what these come to: the sum of some ids' logits, each in its row of scores [1, rows, ids].
 * - Any function of the scores.
 *
 * `P` is what the adapter takes as a picture.
 */
export type Target<P = Picture> =
  | string
  | number
  | { readonly top: number }
  | { readonly class: string | number }
  | { readonly mask: Mask; readonly class?: string | number }
  | { readonly box: Rectangle; readonly class?: string | number }
  | { readonly similarTo: P | TensorInput | Vector }
  | { readonly value: 'up' | 'down' | { readonly near: number }; readonly of?: string | number }
  | { readonly answer: string }
  | { readonly token: string | number; readonly at?: number; readonly id?: number }
  | { readonly caption: true | string | readonly number[]; readonly at?: number }
  | { readonly said: readonly { readonly id: number; readonly row: number }[]; readonly text: string }
  | { readonly logProbability: Target<P> }
  | { readonly not: Target<P> }
  | { readonly versus: readonly [Target<P>, Target<P>] }
  | { readonly probability: Target<P> }
  | ScoreFunction;

export interface ExplainOptions<P = Picture> {
  /** Names, or records of one's own. `grad-cam` if left out. */
  readonly method?: string | Method | readonly (string | Method)[];
  /** `{ top: 1 }` if left out; of a model that writes captions, `{ caption: true }`. */
  readonly target?: Target<P> | readonly Target<P>[];
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

export interface OutputOptions {
  /** Tensors of the model; its outputs if left out. */
  readonly outputs?: readonly string[];
  /** Whether the same picture will be asked about again, with other texts: what depends on the picture alone is then computed once, in a session of its own. */
  readonly again?: boolean;
  readonly signal?: AbortSignal;
}

export interface SanityCheckOptions<P = Picture> extends Pick<ExplainOptions, 'onProgress' | 'signal'> {
  /** `grad-cam` if left out. */
  readonly method?: string | Method;
  /** `{ top: 1 }` if left out. */
  readonly target?: Target<P>;
  /** `auto` if left out. */
  readonly layer?: string;
  /** A whole number, 0 if left out: the same gives the same random weights. */
  readonly seed?: number;
  /** How many of the weights are randomised, from the scores on towards the picture: above 0, and 1 is all of them. A half if left out. */
  readonly share?: number;
}
