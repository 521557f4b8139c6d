import {
  type Explainer as CoreExplainer,
  type ExplainOptions as CoreExplainOptions,
  type SanityCheckOptions as CoreSanityCheckOptions,
  type Target as CoreTarget,
  createExplainer as createWith,
  type ExplainerOptions,
  type Explanation,
  type Input,
  type ModelInfo,
  type Picture,
  type Runtime,
  type TensorInput,
} from '@saywhy/core';
import { withCompared } from '@saywhy/core/pictures';
import { type LoadedModel, loadModel, type ModelSource } from './models/load.js';
import { loadPicture, type PictureSource } from './pictures/load.js';
import { onnxruntimeNode, preferredDevice } from './runtime/index.js';

/**
 * What a model can be asked about: a picture, a preprocessed tensor, or what each of its inputs wants, by name. A string is a picture's path or address where
 * the input wants a picture, and a text elsewhere.
 */
export type NodeInput = PictureSource | TensorInput | Readonly<Record<string, PictureSource | TensorInput>>;

/** Core's, with every picture that an input may be. */
export type Target<P = PictureSource> = CoreTarget<P>;
export type ExplainOptions<P = PictureSource> = CoreExplainOptions<P>;
export type SanityCheckOptions<P = PictureSource> = CoreSanityCheckOptions<P>;
/** What `createExplainer` gives. */
export type Explainer<I = NodeInput, P = PictureSource> = CoreExplainer<I, P>;

/** Pictures that explanations were made of, so that overlays need not be given them again. */
const pictures = new WeakMap<Explanation, Picture>();

/** The picture that an explanation speaks of, as long as it is the very object that `explain` gave. */
export const pictureOf = (explanation: Explanation): Picture | undefined => pictures.get(explanation);

/**
 * Makes ready to explain a model with onnxruntime-node.
 *
 * @param source the path of an ONNX file (plain or prepared), a Hugging Face folder, the name of a bundled model, a URL, or bytes
 * @throws SaywhyError `unknown-model`, `not-a-model`, `invalid-model`, `unknown-device`, `device-unavailable`, and what core throws
 */
export async function createExplainer(source: ModelSource, options: ExplainerOptions = {}): Promise<Explainer> {
  return createFrom(await loadModel(source, options), options);
}

/** The same for a model that was loaded before. */
export async function createFrom(loaded: LoadedModel, options: ExplainerOptions = {}): Promise<Explainer> {
  const explainer = await createWith(loaded.model, {
    name: loaded.name,
    ...loaded.options,
    ...stated(options),
    runtime: options.runtime ?? automatic,
  });
  return new NodeExplainer(explainer);
}

/** `auto` is CUDA where it truly starts, else the CPU: WebGPU is taken when it is asked for. */
const automatic: Runtime = {
  ...onnxruntimeNode,
  devices: async () => [...new Set([await preferredDevice(), 'cpu'])],
};

/** An option that is there but undefined should not hide what the model's folder says. */
const stated = (options: ExplainerOptions): ExplainerOptions =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

/** Loads what is named by a path or an address, and asks core. */
class NodeExplainer implements Explainer {
  /** Core does not know of a call before its picture is loaded. */
  readonly #calls = new Set<Promise<unknown>>();
  #disposing: Promise<void> | undefined;

  constructor(private readonly inner: CoreExplainer) {}

  get model() {
    return this.inner.model;
  }

  get device() {
    return this.inner.device;
  }

  explain(input: NodeInput, options: ExplainOptions = {}): Promise<Explanation> {
    return this.#ask(input, options.signal, async (loaded) => {
      const explanation = await this.inner.explain(loaded, await loadCompared(options));
      const picture = isPicture(loaded) ? loaded : (loaded as Readonly<Record<string, unknown>>)[this.model.picture];
      if (isPicture(picture)) pictures.set(explanation, picture);
      return explanation;
    });
  }

  predict(input: NodeInput, options: Parameters<Explainer['predict']>[1] = {}) {
    return this.#ask(input, options.signal, (loaded) => this.inner.predict(loaded, options));
  }

  gradients(input: NodeInput, options: Parameters<Explainer['gradients']>[1] = {}) {
    return this.#ask(input, options.signal, async (loaded) =>
      this.inner.gradients(loaded, await loadCompared(options)),
    );
  }

  caption(input: NodeInput, options: Parameters<Explainer['caption']>[1] = {}) {
    return this.#ask(input, options.signal, (loaded) => this.inner.caption(loaded, options));
  }

  outputs(input: NodeInput, options: Parameters<Explainer['outputs']>[1] = {}) {
    return this.#ask(input, options.signal, (loaded) => this.inner.outputs(loaded, options));
  }

  sanityCheck(input: NodeInput, options: Parameters<Explainer['sanityCheck']>[1] = {}) {
    return this.#ask(input, options.signal, async (loaded) =>
      this.inner.sanityCheck(loaded, await loadCompared(options)),
    );
  }

  async *explainAll(inputs: Iterable<NodeInput> | AsyncIterable<NodeInput>, options: ExplainOptions = {}) {
    for await (const input of inputs) yield await this.explain(input, options);
  }

  /** Calls made before it are answered. */
  dispose(): Promise<void> {
    this.#disposing ??= Promise.allSettled(this.#calls).then(() => this.inner.dispose());
    return this.#disposing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  async #ask<T>(input: NodeInput, signal: AbortSignal | undefined, ask: (loaded: Input) => Promise<T>): Promise<T> {
    // Afterwards it is core that refuses.
    if (this.#disposing) await this.#disposing;
    const call = loadInput(input, this.model, signal).then(ask);
    this.#calls.add(call);
    try {
      return await call;
    } finally {
      this.#calls.delete(call);
    }
  }
}

async function loadInput(input: NodeInput, model: ModelInfo, signal: AbortSignal | undefined): Promise<Input> {
  if (isTensor(input)) return input;
  if (isSource(input)) return loadPicture(input, signal ? { signal } : {});
  const named = Object.entries(input).map(async ([name, value]) => {
    return [
      name,
      isTensor(value) || isText(name, value, model) ? value : await loadPicture(value, signal ? { signal } : {}),
    ] as const;
  });
  return Object.fromEntries(await Promise.all(named));
}

/** The options, with the pictures that their targets compare with loaded as the input is. */
async function loadCompared<O extends Pick<CoreExplainOptions, 'target' | 'signal'>>(options: Loadable<O>): Promise<O> {
  const { target, signal } = options;
  if (target === undefined) return options as O;
  const load = async (source: PictureSource | TensorInput) =>
    isTensor(source) ? source : loadPicture(source, signal ? { signal } : {});
  const loadOne = (one: Target) => withCompared(one, load);
  const loaded = Array.isArray(target) ? Promise.all(target.map(loadOne)) : loadOne(target as Target);
  return { ...options, target: await loaded } as unknown as O;
}

type Loadable<O> = Omit<O, 'target' | 'signal'> & Pick<ExplainOptions, 'target' | 'signal'>;

/** A string for what wants no picture. */
const isText = (name: string, value: unknown, { inputs }: ModelInfo): value is string =>
  typeof value === 'string' && inputs.some((input) => input.name === name && input.kind !== 'picture');

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const isTensor = (input: unknown): input is TensorInput => isObject(input) && 'data' in input && 'shape' in input;

const isPicture = (input: unknown): input is Picture => isObject(input) && 'data' in input && 'width' in input;

/** Whether it stands for one picture, rather than for several inputs by name. */
function isSource(input: NodeInput): input is PictureSource {
  if (!isObject(input)) return true;
  const binary =
    input instanceof URL || input instanceof Blob || input instanceof ArrayBuffer || ArrayBuffer.isView(input);
  return binary || isPicture(input) || 'bitmap' in input;
}
