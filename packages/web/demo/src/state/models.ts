// The models that can be asked: the bundled ones, and those that were dropped. At most two are open at a time.
import { type Signal, signal } from '@preact/signals';
import type { Preprocess, Progress, ScoreKind } from '@saywhy/core';
import { type DeviceChoice, type ModelSource, openExplainer, type PageExplainer } from './engine.js';
import { isAbort, type Problem, problemOf } from './problem.js';

/** What the user says about a model; what is left out, the model's file says or is guessed. */
export interface ModelOptions {
  readonly device?: DeviceChoice;
  readonly labels?: readonly string[];
  readonly preprocess?: 'imagenet' | Preprocess;
  readonly scoreKind?: ScoreKind;
}

export type ModelState =
  | { readonly kind: 'closed' }
  | { readonly kind: 'opening'; readonly progress?: Progress; readonly abort: AbortController }
  | { readonly kind: 'open'; readonly explainer: PageExplainer }
  | { readonly kind: 'failed'; readonly problem: Problem };

export interface ModelEntry {
  /** What links call it; of one's own models, its file. */
  readonly name: string;
  readonly title: string;
  readonly facts?: string;
  readonly bundled: boolean;
  readonly bytes: number;
  readonly source: ModelSource;
  readonly options: Signal<ModelOptions>;
  readonly state: Signal<ModelState>;
}

export const models = signal<readonly ModelEntry[]>([]);
export const model = signal<ModelEntry | undefined>(undefined);

export function modelEntry(
  facts: Pick<ModelEntry, 'name' | 'title' | 'bundled' | 'bytes' | 'source'> & {
    facts?: string;
    options?: ModelOptions;
  },
): ModelEntry {
  return { ...facts, options: signal(facts.options ?? {}), state: signal<ModelState>({ kind: 'closed' }) };
}

/** The model as it is open, or undefined while it is not. */
export function explainerOf(entry: ModelEntry | undefined): PageExplainer | undefined {
  const state = entry?.state.value;
  return state?.kind === 'open' ? state.explainer : undefined;
}

/** Opens a model unless it is open or on its way. Failure is its state, not an exception. */
export async function open(entry: ModelEntry): Promise<void> {
  const { kind } = entry.state.peek();
  if (kind === 'opening' || kind === 'open') return;
  const abort = new AbortController();
  entry.state.value = { kind: 'opening', abort };
  const isCurrent = (): boolean => {
    const state = entry.state.peek();
    return state.kind === 'opening' && state.abort === abort;
  };
  try {
    const explainer = await openExplainer(entry.source, {
      ...entry.options.peek(),
      name: entry.name,
      signal: abort.signal,
      onProgress: (progress) => {
        if (isCurrent()) entry.state.value = { kind: 'opening', progress, abort };
      },
    });
    if (isCurrent()) entry.state.value = { kind: 'open', explainer };
    else void explainer.dispose();
  } catch (error) {
    if (isCurrent() && !isAbort(error)) entry.state.value = { kind: 'failed', problem: problemOf(error) };
  }
}

/** Gives back what an open model holds; one on its way is stopped. */
export function close(entry: ModelEntry): void {
  const state = entry.state.peek();
  entry.state.value = { kind: 'closed' };
  if (state.kind === 'opening') state.abort.abort();
  if (state.kind === 'open') void state.explainer.dispose();
}

/** Opens a model again, with other options. */
export function reopen(entry: ModelEntry, options: ModelOptions): void {
  close(entry);
  entry.options.value = options;
  void open(entry);
}
