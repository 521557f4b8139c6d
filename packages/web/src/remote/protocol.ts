// What the page asks of the worker, and the worker of the page.
import type { ExplainerOptions, Floats, Method, ModelInfo, Progress } from '@saywhy/core';
import type { Builds } from '../own-files.js';
import type { WebExplainerOptions } from '../types.js';
import type { Wire } from './wire.js';

/** The worker's side. */
export interface Host {
  /** Answers as soon as the worker runs. */
  hello(): Promise<true>;
  /** Tells its progress as that of the call 0. */
  create(model: SentModel, options: SentOptions): Promise<Wire<Created>>;
  call(request: SentCall, callbacks?: Callbacks): Promise<Wire<unknown>>;
  abort(id: number): Promise<void>;
}

/**
 * How far a call has got. It goes the way that the answer goes, and so arrives before it without being waited for; comlink leaves alone what is none of its own.
 */
export interface Told {
  readonly call: number;
  readonly progress: Progress;
}

export interface Created {
  readonly model: ModelInfo;
  readonly device: string;
}

export type SentOptions = Omit<ExplainerOptions, 'runtime' | 'onProgress' | 'signal' | 'tokenizer'> & {
  readonly tokenizer?: WebExplainerOptions['tokenizer'];
  /** Addresses, or an absolute one with a slash at its end. */
  readonly assets?: Builds | string;
  readonly cache: boolean;
};

/** Bytes of a file, or where they lie; addresses are absolute. */
export type SentFile =
  | { readonly address: string }
  | { readonly blob: Blob }
  | { readonly bytes: Uint8Array<ArrayBuffer> };

export type SentModel = SentPart | { readonly encoder: SentPart; readonly decoder: SentPart };

export interface SentPart {
  readonly model: SentFile;
  readonly external: Readonly<Record<string, SentFile>>;
  readonly sha256?: string;
}

export type Question = 'explain' | 'predict' | 'gradients' | 'caption' | 'outputs' | 'sanityCheck';

export interface SentCall {
  readonly id: number;
  readonly question: Question;
  /** By name, or under '' where it is the picture's. */
  readonly input: Readonly<Record<string, SentInput>>;
  /** What targets compare with. */
  readonly compared: readonly SentInput[];
  /** Keys of decoded pictures that are worth keeping. */
  readonly keep: readonly string[];
  /** Functions, methods and what targets compare with are replaced by what `callables.ts` says. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** A tensor, a text, or a picture: under a key where it is one that cannot change, and without content where the worker has it already. */
export type SentInput =
  | { readonly tensor: unknown }
  | { readonly text: string }
  | { readonly key?: string; readonly name: string; readonly picture?: SentPicture };

export type SentPicture =
  | { readonly address: string }
  | { readonly blob: Blob }
  | { readonly bitmap: ImageBitmap }
  | { readonly pixels: unknown };

/** The caller's functions in the page. */
export interface Callbacks {
  /** Calls one of the caller's target functions. */
  target(index: number, scores: Floats): Promise<Wire<{ value: number; gradient: Float32Array }>>;
  /** Calls `map` of one of the caller's methods. */
  map(index: number, context: SentContext, run: RunChanged): Promise<Wire<Floats>>;
}

/** The target's value for changed inputs. */
export type RunChanged = (inputs: readonly Float32Array[]) => Promise<Wire<number[]>>;

/** The parts of a method's context that it needs. */
export interface SentContext {
  readonly value: number;
  readonly activations?: Floats;
  readonly gradients?: Floats;
  readonly input?: Floats;
  readonly inputGradients?: Floats;
  readonly head?: Float32Array;
}

/** A method of the caller's own, without its function. */
export type SentMethod = Omit<Method, 'map'> & { readonly callable: number };

/** In the place of a picture or tensor that a target compares with: its number among those of the call. */
export interface SentCompared {
  readonly compared: number;
}

/** A target function. */
export interface SentFunction {
  readonly callable: number;
  readonly text: string;
}
