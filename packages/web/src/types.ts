// What the browser's adapter takes: core's options and inputs, and what only a page has.
import type {
  Explainer as CoreExplainer,
  ExplainOptions as CoreExplainOptions,
  SanityCheckOptions as CoreSanityCheckOptions,
  Target as CoreTarget,
  ExplainerOptions,
  Picture,
  TensorInput,
  WordTokenizer,
} from '@saywhy/core';

/**
 * What can be explained as a picture: an address; a Blob or File; the bytes of a file; decoded RGBA pixels (ImageData, or `{ data, width, height }`); an
 * ImageBitmap, canvas, video frame, video or image element. What is passed stays the caller's: it is neither closed nor detached.
 */
export type PictureSource =
  | string
  | URL
  | Blob
  | ArrayBuffer
  | Uint8Array
  | Picture
  | ImageBitmap
  | HTMLCanvasElement
  | OffscreenCanvas
  | VideoFrame
  | HTMLVideoElement
  | HTMLImageElement;

/** What a model can be asked about: a picture, a preprocessed tensor, or one of these for each of its inputs by name. */
export type WebInput = PictureSource | TensorInput | Readonly<Record<string, PictureSource | TensorInput>>;

/** Core's, with every picture that an input may be. */
export type Target<P = PictureSource> = CoreTarget<P>;
export type ExplainOptions<P = PictureSource> = CoreExplainOptions<P>;
export type SanityCheckOptions<P = PictureSource> = CoreSanityCheckOptions<P>;
/** What `createExplainer` gives. */
export type Explainer<I = WebInput, P = PictureSource> = CoreExplainer<I, P>;

/** Where the bytes of a file come from. */
export type FileSource = string | URL | Blob | ArrayBuffer | Uint8Array;

/**
 * What can be explained: the address of an ONNX file; a Blob or File; bytes; or one of these with the files of its external data, by the locations that the
 * model names, and the SHA-256 that the file must have. External data of an address is fetched from beside it where it is not given. Of a model that was
 * exported in two files, both.
 */
export type ModelSource = OneModel | { readonly encoder: OneModel; readonly decoder: OneModel };

export type OneModel =
  | FileSource
  | {
      readonly model: FileSource;
      readonly external?: Readonly<Record<string, FileSource>>;
      /** In hexadecimal, as a manifest has it: a file that differs is refused, and one that is kept needs no network. */
      readonly sha256?: string;
    }
  | { readonly bytes: FileSource; readonly external?: Readonly<Record<string, FileSource>> };

/** Files of a Hugging Face folder, read as JSON. */
export interface HuggingFaceTokenizer {
  /** `tokenizer.json`. */
  readonly json: unknown;
  /** `tokenizer_config.json`. */
  readonly config?: unknown;
  /** `generation_config.json`, or `config.json`: how the texts begin and end that the model writes. */
  readonly generation?: unknown;
}

export interface WebExplainerOptions extends Omit<ExplainerOptions, 'runtime' | 'device' | 'tokenizer'> {
  /** How texts become ids, and ids texts. */
  readonly tokenizer?: WordTokenizer | HuggingFaceTokenizer;
  /** `auto`, the default, tries WebGPU and then wasm, and says why not the first. */
  readonly device?: 'auto' | 'webgpu' | 'wasm' | (string & {});
  /** The address of `worker.js`, or what makes the worker: for bundlers that do not find it by themselves. `dispose` ends it. */
  readonly worker?: string | URL | (() => Worker);
  /** The folder with onnxruntime-web's `.wasm` and `.mjs` files; beside the worker if left out. */
  readonly assets?: string | URL;
  /** Threads of wasm: half the processor's, at most four. More than one needs a page that is cross-origin isolated. */
  readonly threads?: number;
  /** Whether models that are fetched are kept in Cache Storage: true. */
  readonly cache?: boolean;
}
