// One picture and target as metrics see them: what they ask of the model goes through the explainer's own calls, so that it works with any of them, also one
// whose model lies in a worker.
import { throwIfAborted } from '../abort.js';
import { SaywhyError } from '../errors.js';
import { asModelHasIt } from '../explain/feeds.js';
import type { Floats, Method, MethodContext } from '../methods/method.js';
import { occlusion } from '../methods/occlusion.js';
import { arrangementOf } from '../model/inputs.js';
import type { Explainer, Explanation, ExplanationMap, Target, TensorInput } from '../types.js';
import { signedEvidence } from './evidence.js';

export interface SubjectOptions {
  readonly target: Target;
  readonly layer: string;
  readonly signal?: AbortSignal | undefined;
}

/** What stands for a number of the model's input in `explain`: a picture, a path, a tensor. */
export type Changed<I> = I | TensorInput;

export class Subject<I> {
  readonly #shared = new Map<string, Promise<unknown>>();
  /** Milliseconds spent on what is shared, so far. */
  sharedTime = 0;

  constructor(
    private readonly explainer: Explainer<I>,
    private readonly picture: I,
    private readonly options: SubjectOptions,
  ) {}

  /** Makes a thing once, and counts its time apart. */
  shared<T>(name: string, make: () => Promise<T>): Promise<T> {
    const known = this.#shared.get(name) as Promise<T> | undefined;
    if (known) return known;
    const made = this.#timed(make);
    this.#shared.set(name, made);
    return made;
  }

  explain(method: string | Method | readonly (string | Method)[], input: Changed<I> = this.picture) {
    const { layer, target, signal } = this.options;
    return this.#explain(input, { method, layer, target, signal });
  }

  /** The model's input as numbers, channels first, without its batch. */
  input(): Promise<Floats> {
    return this.shared('input', () => this.#probe(['input'], this.options.target, async ({ input }) => input));
  }

  scores(count: number, make: (index: number) => Float32Array): Promise<number[]> {
    return this.#probe(['runs'], this.options.target, ({ run }) => run(count, make));
  }

  async probabilities(count: number, make: (index: number) => Float32Array): Promise<number[]> {
    const target = await this.shared('probability target', () => this.#probabilityTarget());
    return this.#probe(['runs'], target, ({ run }) => run(count, make));
  }

  /** Of a change that several methods are asked about, all of them are explained at once. */
  async mapsOf(name: string, methods: readonly Method[], make: () => Float32Array): Promise<Map<string, Floats>> {
    return this.shared(`maps|${name}`, async () => {
      const { maps } = await this.explain(methods, await this.#changed(make()));
      return new Map(maps.map((map) => [map.method, signedEvidence(map)]));
    });
  }

  occlusion(): Promise<Floats> {
    return this.shared('occlusion', async () => signedEvidence(await this.one(occlusion())));
  }

  /** The map of one method, which is made once. */
  one(method: Method): Promise<ExplanationMap> {
    return this.shared(`map|${method.name}`, async () => (await this.explain(method)).maps[0]!);
  }

  /** A map that was made before. */
  know(map: ExplanationMap): void {
    this.#shared.set(`map|${map.method}`, Promise.resolve(map));
  }

  /** A method's context, of a method that only looks. */
  async #probe<T>(needs: Method['needs'], target: Target, use: (context: MethodContext) => Promise<T>): Promise<T> {
    let found: { readonly value: T } | undefined;
    const { layer, signal } = this.options;
    const method: Method = {
      name: 'probe',
      title: 'Probe',
      paper: { title: 'none', url: 'https://arxiv.org' },
      needs: ['input', ...needs.filter((need) => need !== 'input')],
      signed: false,
      async map(context) {
        found = { value: await use(context) };
        return { data: Float32Array.of(0, 1), shape: [2] };
      },
    };
    await this.#explain(this.picture, { method, target, layer, signal });
    return found!.value;
  }

  /** Where the target has no probability, its score does. */
  async #probabilityTarget(): Promise<Target> {
    const probability: Target = { probability: this.options.target };
    try {
      await this.#probe([], probability, async () => undefined);
      return probability;
    } catch (error) {
      if (error instanceof SaywhyError && error.code === 'invalid-target') return this.options.target;
      throw error;
    }
  }

  /** The input with other numbers; what else the model is fed stays. */
  async #changed(values: Float32Array): Promise<Changed<I>> {
    const { picture } = this.explainer.model;
    const shape = await this.shared('shape', async () => {
      const { maps } = await this.explain(flat);
      return maps[0]!.layer.shape;
    });
    const fed: TensorInput = { data: asModelHasIt(values, { shape, arrangement: arrangementOf(shape) }), shape };
    const given = this.picture as Record<string, unknown>;
    const byName = typeof given === 'object' && Object.hasOwn(given, picture) && !ArrayBuffer.isView(given[picture]);
    return byName ? ({ ...given, [picture]: fed } as I) : fed;
  }

  #explain(input: Changed<I>, options: Parameters<Explainer<I>['explain']>[1]): Promise<Explanation> {
    throwIfAborted(this.options.signal);
    return this.explainer.explain(input as I, options);
  }

  async #timed<T>(make: () => Promise<T>): Promise<T> {
    const [start, before] = [performance.now(), this.sharedTime];
    try {
      return await make();
    } finally {
      // What is shared may use what is shared.
      this.sharedTime = before + (performance.now() - start);
    }
  }
}

/** Of a method that looks at the input alone, the layer is the input. */
const flat: Method = {
  name: 'flat',
  title: 'Flat',
  paper: { title: 'none', url: 'https://arxiv.org' },
  needs: ['input'],
  signed: false,
  map: () => ({ data: Float32Array.of(0, 1), shape: [2] }),
};
