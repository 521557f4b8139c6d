// What went wrong, in the library's own words, at the place where the user acted.
import { signal } from '@preact/signals';
import { SaywhyError } from '@saywhy/core';

/** Where on the page a problem is told. */
export type Place =
  | 'picture'
  | 'model'
  | 'class'
  | 'layer'
  | 'method'
  | 'compare'
  | 'trust'
  | 'preprocess'
  | 'save'
  | 'study'
  | 'question'
  | 'link';

export interface Problem {
  /** The library's stable code; `unexpected` where it did not foresee the error. */
  readonly code: string;
  readonly message: string;
}

export function problemOf(error: unknown): Problem {
  if (error instanceof SaywhyError) return { code: error.code, message: error.message };
  // An error that crossed the worker has the fields but not the class.
  const { code, message } = (error ?? {}) as Partial<Problem>;
  if (typeof code === 'string' && typeof message === 'string') return { code, message };
  return { code: 'unexpected', message: message ?? String(error) };
}

export const isAbort = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'AbortError' || (error as { code?: unknown }).code === 'aborted');

const problems = signal<Readonly<Partial<Record<Place, Problem>>>>({});

export const problemAt = (place: Place): Problem | undefined => problems.value[place];

export function report(place: Place, error: unknown): void {
  problems.value = { ...problems.value, [place]: problemOf(error) };
}

export function settle(...places: readonly Place[]): void {
  if (!places.some((place) => problems.peek()[place])) return;
  const rest = { ...problems.peek() };
  for (const place of places) delete rest[place];
  problems.value = rest;
}
