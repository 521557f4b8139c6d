// Work of which only the last piece asked for counts.
import { batch, type ReadonlySignal, signal } from '@preact/signals';
import { isAbort, type Place, report, settle } from './problem.js';

export class Latest<T> {
  readonly #value = signal<T | undefined>(undefined);
  readonly #pending = signal(false);
  #abort: AbortController | undefined;

  /** @param place where on the page its problems are told */
  constructor(readonly place: Place) {}

  /** The last result; it stays until the next one is there. */
  get value(): ReadonlySignal<T | undefined> {
    return this.#value;
  }

  get pending(): ReadonlySignal<boolean> {
    return this.#pending;
  }

  /** Stops what is being done, and does this. */
  async run(work: (stop: AbortSignal) => Promise<T>): Promise<void> {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    this.#pending.value = true;
    try {
      const value = await work(abort.signal);
      if (abort.signal.aborted) return;
      batch(() => {
        this.#value.value = value;
        settle(this.place);
      });
    } catch (error) {
      if (!abort.signal.aborted && !isAbort(error)) report(this.place, error);
    } finally {
      if (this.#abort === abort) this.#pending.value = false;
    }
  }

  forget(): void {
    this.#abort?.abort();
    this.#value.value = undefined;
  }
}
