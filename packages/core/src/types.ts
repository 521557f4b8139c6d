/// <reference lib="esnext.disposable" />
// The public contracts: what goes in, what comes out, and what a runtime must provide.
import type { DataType, Dimension, Model, ModelBytes } from '@saywhy/autodiff';
import type { Tensor } from 'onnxruntime-common';
import type { Picture } from './images/picture.js';
import type { Preprocess } from './images/preprocess-spec.js';
import type { Rectangle } from './images/raster.js';
import type { Method } from './methods/method.js';

export type { DataType, Dimension, Model, ModelBytes, Tensor };

/** Where a model runs. `auto` takes the first that the runtime offers and says which. */
export type Device = 'cpu' | 'cuda' | 'webgpu' | 'wasm' | (string & {});

/** What runs ONNX graphs: onnxruntime-node, onnxruntime-web, or anything that fits. */
export interface Runtime {
  readonly name: string;
  readonly version?: string;
  /** Devices that can be used here and now, the preferred one first. */
  devices(): Promise<readonly Device[]>;
  /** Rejects, with the reason, where the device cannot be used; never uses another one instead. */
  createSession(model: ModelBytes, options: SessionOptions): Promise<Session>;
}

export interface SessionOptions {
  readonly device: Device;
  /** Where results stay: on the device, for a session that follows, or (the default) in memory that JavaScript reads. */
  readonly outputs?: 'cpu' | 'device';
  readonly threads?: number;
}

export interface Session {
  /** `fetches` are the outputs wanted: all of them where it is left out. */
  run(feeds: Record<string, Tensor>, fetches?: readonly string[]): Promise<Record<string, Tensor>>;
  release(): Promise<void>;
}

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

/** A function of the scores, as the model's output has them: its value, and its derivative with respect to each score. */
export type ScoreFunction = (scores: { readonly data: Float32Array; readonly shape: readonly number[] }) => {
  readonly value: number;
  readonly gradient: Float32Array;
};

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

export interface Prediction {
  readonly index: number;
  readonly label?: string;
  /** The score itself; of a regression, the value. */
  readonly logit: number;
  /** By the kind of score: softmax or sigmoid. A regression has none. */
  readonly probability?: number;
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
  /** The raw values that the ends of `data` stand for. */
  readonly range: readonly [min: number, max: number];
  /** Whether `data` has a sign: negative values speak against the target. */
  readonly signed: boolean;
}

/** Something that one should know about a result that was given all the same. `code` is stable. */
export interface Warning {
  readonly code: string;
  readonly message: string;
}

/** Milliseconds. Where forward and backward ran as one graph, that run counts as backward. */
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

export interface LayerInfo {
  readonly name: string;
  readonly tensor: string;
  readonly module?: string;
  readonly shape: readonly Dimension[];
  /** `channels-first` [N, C, ...], `channels-last` [N, ..., C], or `tokens` [N, T, C] whose patches form a grid. */
  readonly layout: FeatureLayout;
}

export type FeatureLayout = 'channels-first' | 'channels-last' | 'tokens';

export interface InputInfo {
  readonly name: string;
  readonly type: DataType;
  readonly shape: readonly Dimension[];
}

/** Where a piece of knowledge comes from. A guess is a warning too. */
export type Source = 'option' | 'metadata' | 'graph' | 'guess';

export interface ModelInfo {
  readonly name: string;
  readonly inputs: readonly InputInfo[];
  /** The input that takes the picture. */
  readonly picture: string;
  readonly outputs: readonly InputInfo[];
  readonly scores: {
    /** The explained tensor: the logits, where the model ends in a softmax or sigmoid. */
    readonly tensor: string;
    readonly shape: readonly Dimension[];
    readonly kind: ScoreKind;
    readonly kindFrom: Source;
    /** The operator that was looked through. */
    readonly through?: string;
  };
  readonly labels?: readonly string[];
  readonly preprocess?: Preprocess;
  readonly preprocessFrom?: Source;
  /** Layers that can be explained, in the order of the forward pass. */
  readonly layers: readonly LayerInfo[];
  /** What `auto` takes. */
  readonly layer?: LayerInfo;
  /** The methods that apply, by name. */
  readonly methods: readonly string[];
  /** Operators that gradients cannot pass, on the way from the picture to the scores. */
  readonly withoutDerivative: readonly string[];
  readonly warnings: readonly Warning[];
}

/** Explains one model. Calls queue, so that several at once are safe. `I` is what the adapter takes as a picture. */
export interface Explainer<I = Input> extends AsyncDisposable {
  readonly model: ModelInfo;
  readonly device: Device;
  explain(input: I, options?: ExplainOptions): Promise<Explanation>;
  predict(input: I, options?: PredictOptions): Promise<PredictionResult>;
  /** The raw tensors behind a map, for each combination of target and layer. */
  gradients(
    input: I,
    options?: Pick<ExplainOptions, 'target' | 'layer' | 'signal'>,
  ): Promise<readonly GradientResult[]>;
  /** One explanation after the other, as they are asked for. */
  explainAll(inputs: Iterable<I> | AsyncIterable<I>, options?: ExplainOptions): AsyncIterableIterator<Explanation>;
  /** Frees the sessions. Harmless when called again; anything else afterwards rejects with `disposed`. */
  dispose(): Promise<void>;
}
