// Work of which only the last piece asked for counts.
import { batch, type ReadonlySignal, signal } from '@preact/signals';
import type { Progress } from '@saywhy/core';
import { acted } from './desk.js';
import { isAbort, type Place, report, settle } from './problem.js';

export interface WorkOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

export class Latest<T> {
  readonly #value = signal<T | undefined>(undefined);
  readonly #pending = signal(false);
  readonly #progress = signal<Progress | undefined>(undefined);
  #abort: AbortController | undefined;
  #told: Place | undefined;

  /** @param places where on the page its problems are told: where the user acted, if that is one of them, else the first */
  constructor(readonly places: readonly [Place, ...Place[]]) {}

  /** The last result; it stays until the next one is there. */
  get value(): ReadonlySignal<T | undefined> {
    return this.#value;
  }

  get pending(): ReadonlySignal<boolean> {
    return this.#pending;
  }

  get progress(): ReadonlySignal<Progress | undefined> {
    return this.#progress;
  }

  /** Stops what is being done, and does this. */
  async run(work: (options: WorkOptions) => Promise<T>): Promise<void> {
    this.stop();
    const abort = new AbortController();
    const { signal: stopped } = abort;
    this.#abort = abort;
    this.#pending.value = true;
    const onProgress = (progress: Progress): void => {
      if (!stopped.aborted) this.#progress.value = progress;
    };
    try {
      const value = await work({ signal: stopped, onProgress });
      if (stopped.aborted) return;
      batch(() => {
        this.#value.value = value;
        this.#settle();
      });
    } catch (error) {
      if (!stopped.aborted && !isAbort(error)) this.#tell(error);
    } finally {
      if (this.#abort === abort) this.#rest();
    }
  }

  /** Stops what is being done; the last result stays. */
  stop(): void {
    this.#abort?.abort();
    this.#abort = undefined;
    this.#rest();
  }

  #tell(error: unknown): void {
    this.#settle();
    const { place } = acted.peek();
    this.#told = this.places.includes(place) ? place : this.places[0];
    report(this.#told, error);
  }

  #settle(): void {
    if (this.#told) settle(this.#told);
    this.#told = undefined;
  }

  #rest(): void {
    batch(() => {
      this.#pending.value = false;
      this.#progress.value = undefined;
    });
  }
}
