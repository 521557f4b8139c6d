// What comes out: plain data, which can be cloned, sent to a worker and written as JSON.
import type { Preprocess } from '../images/preprocess-spec.js';
import type { Rectangle } from '../images/raster.js';
import type { Device } from './runtime.js';
import type { Caption } from './texts.js';

export interface Prediction {
  readonly index: number;
  readonly label?: string;
  /** The score itself; of a regression, the value; of a segmentation, the sum over the places of the class. */
  readonly logit: number;
  /** By the kind of score: softmax or sigmoid. A regression and a segmentation have none. */
  readonly probability?: number;
  /** Of a segmentation: which share of the places is the class's, from 0 to 1. */
  readonly share?: number;
  /** Of a detection: in pixels of the picture. */
  readonly box?: Rectangle;
}

export interface TargetInfo {
  /** As it would be written on the command line. */
  readonly text: string;
  readonly index?: number;
  readonly label?: string;
  /** What was explained: the logit, the difference of two, the probability, the function's value. */
  readonly value: number;
}

/** The layer that a map belongs to; of a method that needs none, the model's input. */
export interface LayerRef {
  /** The module's path where there is one, else the tensor's name. */
  readonly name: string;
  readonly tensor: string;
  readonly module?: string;
  readonly shape: readonly number[];
}

export interface ExplanationMap {
  readonly method: string;
  readonly target: TargetInfo;
  readonly layer: LayerRef;
  /** At the size of the model's input, row by row, from 0 to 1 (signed: from -1 to 1). All zeros where the map is constant. */
  readonly data: Float32Array;
  readonly shape: readonly number[];
  /** The method's result before any scaling: at the layer's resolution [h, w], of gradient methods [C, H, W] with their sign. */
  readonly raw: { readonly data: Float32Array; readonly shape: readonly number[] };
  /** The raw values that the ends of `data` stand for; of gradient methods the upper one is the 99th percentile, and what is larger is shown as 1. */
  readonly range: readonly [min: number, max: number];
  /** Whether `data` has a sign: negative values speak against the target. */
  readonly signed: boolean;
}

/** Something that one should know about a result that was given all the same. `code` is stable. */
export interface Warning {
  readonly code: string;
  readonly message: string;
}

/**
 * Milliseconds. Where forward and backward ran as one graph, that run counts as backward. `forward` is 0 where nothing ran forward: the input was that of the
 * call before, which had computed all that is needed.
 */
export interface Timings {
  readonly preprocess: number;
  readonly forward: number;
  readonly backward: number;
  readonly map: number;
}

/** What is needed to get the same result again. */
export interface Provenance {
  readonly model: { readonly name: string; readonly sha256?: string };
  readonly versions: Readonly<Record<string, string>>;
  readonly preprocess?: Preprocess;
}

export interface PredictionResult {
  readonly predictions: readonly Prediction[];
  /** The texts that were asked, by input. */
  readonly texts?: Readonly<Record<string, string>>;
  /** Of a model that writes captions: what it was given to have said, or said itself. */
  readonly caption?: Caption;
  /** What of the picture the model saw, in the picture's pixels; absent for a tensor. */
  readonly region?: Rectangle;
  /** What results call the model. */
  readonly model: string;
  readonly device: Device;
  readonly timings: Timings;
  readonly warnings: readonly Warning[];
  readonly provenance: Provenance;
}

/** Plain data: it can be cloned, sent to a worker and written as JSON. */
export interface Explanation extends PredictionResult {
  readonly maps: readonly ExplanationMap[];
}

/** A gradient as the model gives it: batch, channels and class tokens included. */
export interface GradientResult {
  readonly target: TargetInfo;
  readonly layer: LayerRef;
  readonly activation: { readonly data: Float32Array; readonly shape: readonly number[] };
  readonly gradient: { readonly data: Float32Array; readonly shape: readonly number[] };
}

/** Numbers that a run of the model gave. */
export interface OutputTensor {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** How much a map depends on what the model learned. */
export interface SanityCheck {
  /**
   * Spearman's rank correlation of the magnitudes of the two maps' `raw`, from -1 to 1: near 0 where the map shows what the model learned, near 1 where it
   * shows the picture whatever the model. 0 where one of the maps is constant.
   */
  readonly similarity: number;
  /** Of the model as it is. */
  readonly original: ExplanationMap;
  /** Of the model with randomised weights. */
  readonly map: ExplanationMap;
  readonly seed: number;
  readonly share: number;
  readonly warnings: readonly Warning[];
}
