// Every method's map of the same question, drawn one after the other while nothing else is asked.
import { effect, signal, untracked } from '@preact/signals';
import type { ExplanationMap, Progress } from '@saywhy/core';
import { type Answer, explainOnce } from './ask.js';
import { main } from './desk.js';
import { effortOf, recordOf } from './methods.js';
import { isAbort, type Problem, problemOf } from './problem.js';
import { hasSides } from './question.js';

export type Drawn =
  | { readonly kind: 'map'; readonly map: ExplanationMap; readonly milliseconds: number }
  | { readonly kind: 'running'; readonly progress?: Progress }
  | { readonly kind: 'failed'; readonly problem: Problem };

/** By the method's name; methods that take many runs are drawn only when asked for. */
export const gallery = signal<ReadonlyMap<string, Drawn>>(new Map());
/** Whether the gallery is in view: what nobody sees is not computed. */
export const isGalleryShown = signal(false);

/** What is being drawn for: with another question everything is drawn anew. */
let answered: Answer | undefined;
let running: AbortController | undefined;

const REST = 250;

export function startGallery(): void {
  effect(() => {
    const answer = main.answer.value;
    const idle = isGalleryShown.value && !main.pending.value;
    untracked(() => {
      running?.abort();
      if (answer !== answered) {
        answered = answer;
        gallery.value = new Map();
      }
      if (!answer || !idle) return;
      const timer = setTimeout(() => void drawAll(answer), REST);
      const abort = new AbortController();
      abort.signal.addEventListener('abort', () => clearTimeout(timer));
      running = abort;
    });
  });
}

async function drawAll(answer: Answer): Promise<void> {
  const { signal: stop } = running!;
  for (const name of answer.question.explainer.model.methods) {
    if (stop.aborted) return;
    if (effortOf(recordOf(name)) === 'many' || gallery.peek().has(name)) continue;
    await drawOne(name, answer, stop);
  }
}

/** Draws one method's map, also a dear one. */
export async function drawMethod(name: string): Promise<void> {
  const answer = main.answer.peek();
  if (!answer) return;
  running?.abort();
  running = new AbortController();
  await drawOne(name, answer, running.signal);
}

async function drawOne(name: string, answer: Answer, stop: AbortSignal): Promise<void> {
  const note = (drawn: Drawn | undefined): void => {
    if (answered !== answer) return;
    const next = new Map(gallery.peek());
    if (drawn) next.set(name, drawn);
    else next.delete(name);
    gallery.value = next;
  };
  note({ kind: 'running' });
  const evidence = hasSides(recordOf(name)) ? answer.question.evidence : 'for';
  const start = performance.now();
  try {
    const { map } = await explainOnce(
      { ...answer.question, method: name, evidence },
      { signal: stop, onProgress: (progress) => note({ kind: 'running', progress }) },
    );
    note({ kind: 'map', map, milliseconds: performance.now() - start });
  } catch (error) {
    note(isAbort(error) ? undefined : { kind: 'failed', problem: problemOf(error) });
  }
}
