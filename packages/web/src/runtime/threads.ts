import { SaywhyError, type Warning } from '@saywhy/core';

/** More than that helps little, and each has a stack of its own. */
const MOST = 4;

/**
 * Threads that wasm gets, and what is to be said where they are fewer than they could be.
 * @throws SaywhyError `invalid-argument`
 */
export function threadsFor(wanted: number | undefined): { threads: number; warning?: Warning } {
  if (wanted !== undefined && !(Number.isInteger(wanted) && wanted >= 1))
    throw new SaywhyError('invalid-argument', `\`threads\` is a whole number from 1 on, not ${wanted}.`);
  const cores = navigator.hardwareConcurrency || 1;
  const threads = wanted ?? Math.min(MOST, Math.ceil(cores / 2));
  if (self.crossOriginIsolated || threads === 1) return { threads };
  const message = `wasm runs on one thread, since this page is not cross-origin isolated. Serve it with "Cross-Origin-Opener-Policy: same-origin" and "Cross-Origin-Embedder-Policy: require-corp" to use ${threads}.`;
  return { threads: 1, warning: { code: 'one-thread', message } };
}
