// The models that can be asked: the bundled ones, and those that were dropped. Open are those that the mode in use needs, and what each other mode has chosen.
import { type Signal, signal } from '@preact/signals';
import type { Preprocess, Progress, ScoreKind } from '@saywhy/core';
import type { WebExplainerOptions } from '@saywhy/web';
import { type DeviceChoice, type ModelSource, openExplainer, type PageExplainer } from './engine.js';
import { recall, remember } from './memory.js';
import { isAbort, type Problem, problemOf, report } from './problem.js';
import { checkTokenizer, type Task } from './task.js';

/** What the user says about a model; what is left out, the model's file says or is guessed. */
export interface ModelOptions {
  readonly device?: DeviceChoice;
  readonly labels?: readonly string[];
  readonly preprocess?: 'imagenet' | Preprocess;
  readonly scoreKind?: ScoreKind;
  readonly tokenizer?: WebExplainerOptions['tokenizer'];
}

export type ModelState =
  | { readonly kind: 'closed' }
  /** Stopped by the user, or so large that it is opened only if that is said. */
  | { readonly kind: 'held'; readonly isLarge: boolean }
  | {
      readonly kind: 'opening';
      readonly progress?: Progress;
      /** Bytes of each file on its way: the model, and what runs it. */
      readonly downloads: Readonly<Record<string, Download>>;
      readonly abort: AbortController;
    }
  | { readonly kind: 'open'; readonly explainer: PageExplainer }
  | { readonly kind: 'failed'; readonly problem: Problem };

export type Download = Pick<Extract<Progress, { stage: 'download' }>, 'loaded' | 'total'>;

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

/** The models that a mode can use, and the one that it does. */
export interface Shelf {
  readonly models: Signal<readonly ModelEntry[]>;
  readonly model: Signal<ModelEntry | undefined>;
}

const emptyShelf = (): Shelf => ({
  models: signal<readonly ModelEntry[]>([]),
  model: signal<ModelEntry | undefined>(undefined),
});

export const shelves: Readonly<Record<Task, Shelf>> = {
  what: emptyShelf(),
  ask: emptyShelf(),
  caption: emptyShelf(),
};

/** Those of the desk. */
export const { models, model } = shelves.what;

export function modelEntry(
  facts: Pick<ModelEntry, 'name' | 'title' | 'bundled' | 'bytes' | 'source'> & {
    facts?: string;
    options?: ModelOptions;
  },
): ModelEntry {
  const options = { ...recall(facts.name, facts.bytes), ...facts.options };
  return { ...facts, options: signal(options), state: signal<ModelState>({ kind: 'closed' }) };
}

/** Models of the desk that another mode needs. */
export const alsoUsed = signal<readonly ModelEntry[]>([]);

/** The model as it is open, or undefined while it is not. */
export function explainerOf(entry: ModelEntry | undefined): PageExplainer | undefined {
  const state = entry?.state.value;
  return state?.kind === 'open' ? state.explainer : undefined;
}

/** Browsers give a page two to four gigabytes, phones less; a model takes about twice its file. */
const LARGE_BYTES = 700e6;

/** Opens a model that is closed. Failure is its state, not an exception. */
export async function open(entry: ModelEntry): Promise<void> {
  if (entry.state.peek().kind !== 'closed') return;
  if (entry.bytes > LARGE_BYTES) entry.state.value = { kind: 'held', isLarge: true };
  else await openNow(entry);
}

/** Opens a model whatever its size, and again where that failed. */
export async function openNow(entry: ModelEntry): Promise<void> {
  close(entry);
  const abort = new AbortController();
  entry.state.value = { kind: 'opening', downloads: {}, abort };
  const isCurrent = (): boolean => {
    const state = entry.state.peek();
    return state.kind === 'opening' && state.abort === abort;
  };
  let explainer: PageExplainer | undefined;
  try {
    explainer = await openExplainer(entry.source, {
      ...entry.options.peek(),
      name: entry.name,
      signal: abort.signal,
      onProgress: (progress) => {
        const state = entry.state.peek();
        if (state.kind !== 'opening' || !isCurrent()) return;
        const { loaded, total } = progress;
        const downloads =
          progress.stage === 'download'
            ? { ...state.downloads, [progress.what]: { loaded, ...(total !== undefined && { total }) } }
            : state.downloads;
        entry.state.value = { kind: 'opening', progress, downloads, abort };
      },
    });
    checkTokenizer(explainer.model, entry.options.peek());
    if (!isCurrent()) void explainer.dispose();
    else if (!refuseLabels(entry, explainer)) entry.state.value = { kind: 'open', explainer };
  } catch (error) {
    void explainer?.dispose();
    if (isCurrent() && !isAbort(error)) entry.state.value = { kind: 'failed', problem: problemOf(error) };
  }
}

/** Labels of other classes would name every answer wrongly: the model is opened without them. */
function refuseLabels(entry: ModelEntry, explainer: PageExplainer): boolean {
  const { labels, ...others } = entry.options.peek();
  const mismatch = explainer.model.warnings.find(({ code }) => code === 'labels-mismatch');
  if (!labels || !mismatch) return false;
  void explainer.dispose();
  reopen(entry, others);
  report('model', { ...mismatch, message: `${mismatch.message} They were not taken for ${entry.title}.` });
  return true;
}

/** Gives back what an open model holds; one on its way is stopped. */
export function close(entry: ModelEntry): void {
  const state = entry.state.peek();
  entry.state.value = { kind: 'closed' };
  if (state.kind === 'opening') state.abort.abort();
  if (state.kind === 'open') void state.explainer.dispose();
}

/** Stops a model on its way; it is opened again only when that is asked for. */
export function hold(entry: ModelEntry): void {
  close(entry);
  entry.state.value = { kind: 'held', isLarge: false };
}

/** Opens a model again, with other options, which are remembered for it. */
export function reopen(entry: ModelEntry, options: ModelOptions): void {
  entry.options.value = options;
  remember(entry.name, entry.bytes, options);
  void openNow(entry);
}
