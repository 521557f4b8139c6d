/**
 * Starts the worker that comes with the package. This file is at the root of `src` because `worker.js` is at the root of `dist`: Vite and webpack see the
 * address as it is written, and take along the file that lies there.
 */
export function startOwnWorker(): Worker {
  return new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'saywhy' });
}

/** Its address, where nothing has moved it. */
export const ownWorkerAddress = (): string => new URL('./worker.js', import.meta.url).href;
