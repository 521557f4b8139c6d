// Sessions hold copies of weights, and results memory of their own: both are kept by use, within one budget of bytes.
import { type Model, writeModel } from '@saywhy/autodiff';
import type { Tensor } from 'onnxruntime-common';
import { SaywhyError } from '../errors.js';
import type { Device, Runtime, Session } from '../types.js';
import { KeptRuns } from './kept-runs.js';
import type { Feeds } from './work.js';

interface Entry {
  readonly session: Session;
  readonly part: Model;
  readonly bytes: number;
}

export interface StoreOptions {
  readonly runtime: Runtime;
  readonly device: Device;
  readonly threads?: number | undefined;
  /** Bytes of model parts and of results that are kept. */
  readonly budget: number;
}

export class SessionStore {
  /** In the order of their last use. */
  readonly #entries = new Map<string, Entry>();
  readonly #kept = new KeptRuns();

  constructor(private readonly options: StoreOptions) {}

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** The session of a part of the model, made where there is none. Only the last one given is sure to be alive. */
  async open(key: string, build: () => Model, outputs: 'cpu' | 'device' = 'cpu'): Promise<OpenSession> {
    const known = this.#entries.get(key);
    if (known) this.#entries.delete(key);
    const entry = known ?? (await this.#create(build(), outputs));
    this.#entries.set(key, entry);
    await this.#evict();
    return { part: entry.part, run: (feeds) => runChecked(entry, feeds) };
  }

  /** Whether `reuse` has something to give. */
  gave(feeds: Feeds, names: readonly string[]): boolean {
    return this.#kept.has(feeds, names);
  }

  /**
   * Calls `use` with what a run on these feeds gives: an earlier one, if it gave all of these names, so that nothing runs again; and keeps it for later calls.
   */
  async reuse<T>(
    feeds: Feeds,
    names: readonly string[],
    run: () => Promise<Results>,
    use: (results: Results) => Promise<T>,
  ): Promise<T> {
    const results = this.#kept.take(feeds, names) ?? (await run());
    try {
      return await use(results);
    } finally {
      this.keep(feeds, results);
    }
  }

  /** Keeps what a run gave, if there is room. Tensors are disposed of when they are dropped. */
  keep(feeds: Feeds, results: Results): void {
    this.#kept.put(feeds, results);
    this.#dropResults();
  }

  async release(): Promise<void> {
    this.#kept.release();
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    await Promise.all(entries.map(({ session }) => session.release()));
  }

  async #create(part: Model, outputs: 'cpu' | 'device'): Promise<Entry> {
    const { runtime, device, threads } = this.options;
    const channelsFirst = device === 'webgpu' && (await import('./layout.js')).needsChannelsFirst(part);
    const bytes = writeModel(part);
    const external = Object.fromEntries(part.external);
    const session = await runtime.createSession(
      { bytes, ...(part.external.size > 0 && { external }) },
      {
        device,
        outputs,
        ...(threads !== undefined && { threads }),
        ...(channelsFirst && { layout: 'NCHW' }),
      },
    );
    const outside = [...part.external.values()].reduce((total, file) => total + file.length, 0);
    return { session, part, bytes: bytes.length + outside };
  }

  get #excess(): number {
    const parts = [...this.#entries.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    return parts + this.#kept.bytes - this.options.budget;
  }

  /** Results go before sessions: a run is sooner done again. */
  #dropResults(): void {
    while (this.#excess > 0 && this.#kept.bytes > 0) this.#kept.dropOldest();
  }

  async #evict(): Promise<void> {
    this.#dropResults();
    for (const [key, { session }] of this.#entries) {
      if (this.#excess <= 0 || this.#entries.size === 1) return;
      this.#entries.delete(key);
      await session.release();
    }
  }
}

export interface OpenSession {
  readonly part: Model;
  /** Runs it, and checks that what comes back is what the part declares. */
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Results>;
}

export type Results = Readonly<Record<string, Tensor>>;

async function runChecked({ session, part }: Entry, feeds: Readonly<Record<string, Tensor>>): Promise<Results> {
  // No list of fetches: onnxruntime-node has returned a single fetched output under another's name.
  const results = await session.run({ ...feeds });
  for (const { name, shape } of part.graph.outputs) {
    const result = results[name];
    if (!result)
      throw new SaywhyError(
        'runtime-mismatch',
        `The runtime gave ${Object.keys(results).join(', ') || 'nothing'}, but no "${name}".`,
      );
    const fits =
      !shape ||
      (shape.length === result.dims.length &&
        shape.every((size, i) => typeof size === 'string' || size === result.dims[i]));
    if (!fits)
      throw new SaywhyError(
        'runtime-mismatch',
        `The runtime gave "${name}" as [${result.dims}]; the model says [${shape}].`,
      );
  }
  return results;
}
