// What was computed of the last input, for the next question about it: another class then costs no forward run.
import type { Tensor } from 'onnxruntime-common';
import type { Results } from './store.js';
import type { Feeds } from './work.js';

/** Runs on one and the same feeds, which are the same if they are the same tensors: what is fed is never written to. */
export class KeptRuns {
  #feeds: Feeds = {};
  /** Oldest first. */
  #runs: Results[] = [];

  get bytes(): number {
    return this.#runs.flatMap((run) => Object.values(run)).reduce((sum, tensor) => sum + bytesOf(tensor), 0);
  }

  has(feeds: Feeds, names: readonly string[]): boolean {
    return this.#find(feeds, names) !== undefined;
  }

  /** Hands over a run that gave some tensors, so that it is not dropped while it is used. What belongs to other feeds is. */
  take(feeds: Feeds, names: readonly string[]): Results | undefined {
    if (!isSame(feeds, this.#feeds)) this.release();
    const found = this.#find(feeds, names);
    this.#runs = this.#runs.filter((run) => run !== found);
    return found;
  }

  put(feeds: Feeds, results: Results): void {
    if (!isSame(feeds, this.#feeds)) this.release();
    this.#feeds = feeds;
    this.#runs.push(results);
  }

  dropOldest(): void {
    const oldest = this.#runs.shift();
    if (oldest) dispose(oldest);
  }

  release(): void {
    this.#runs.forEach(dispose);
    this.#runs = [];
  }

  #find(feeds: Feeds, names: readonly string[]): Results | undefined {
    return isSame(feeds, this.#feeds) ? this.#runs.find((run) => names.every((name) => run[name])) : undefined;
  }
}

function isSame(a: Feeds, b: Feeds): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

/** Gives back what lies on the device, also where it was read since. Arrays that were taken out stay valid. */
export function dispose(results: Results): void {
  for (const tensor of Object.values(results)) tensor.dispose();
}

const widths: Readonly<Record<string, number>> = {
  float64: 8,
  int64: 8,
  uint64: 8,
  float16: 2,
  bool: 1,
  uint8: 1,
  int8: 1,
};

function bytesOf({ type, size }: Tensor): number {
  return size * (widths[type] ?? 4);
}
