// The sanity check of Adebayo et al., 2018, on this very model: a map that hardly changes when the weights are random says nothing about what was learned.
import { effect, signal, untracked } from '@preact/signals';
import type { Progress, SanityCheck } from '@saywhy/core';
import type { Answer } from './ask.js';
import { act, compare, main } from './desk.js';
import { isAbort, report, settle } from './problem.js';
import { targetsOf } from './question.js';

export type Sanity =
  | { readonly kind: 'unasked' }
  | { readonly kind: 'running'; readonly progress?: Progress }
  | ({ readonly kind: 'done' } & SanityCheck);

export const sanity = signal<Sanity>({ kind: 'unasked' });

const SEED = 0;
let running: AbortController | undefined;
let checked: Answer | undefined;

/** A similarity from here on means that the method does not show what the model learned. */
export const ALIKE = 0.6;

/** A check is of one map: with another one it is forgotten, and made again where its map is shown. */
export function startTrust(): void {
  effect(() => {
    const answer = main.answer.value;
    const isShown = compare.value.kind === 'random';
    untracked(() => {
      if (checked !== answer) {
        running?.abort();
        checked = answer;
        sanity.value = { kind: 'unasked' };
        settle('trust');
      }
      if (isShown && answer && sanity.peek().kind === 'unasked') void checkSanity();
    });
  });
}

export async function checkSanity(): Promise<void> {
  const answer = main.answer.peek();
  if (!answer || sanity.peek().kind === 'running') return;
  act('trust');
  settle('trust');
  const { picture, explainer, method, choice, evidence } = answer.question;
  const abort = new AbortController();
  running = abort;
  sanity.value = { kind: 'running' };
  const isCurrent = (): boolean => running === abort && !abort.signal.aborted;
  try {
    const result = await explainer.sanityCheck(await picture.blob(), {
      method,
      target: targetsOf(choice, evidence)[0]!,
      layer: answer.question.layer,
      seed: SEED,
      signal: abort.signal,
      onProgress: (progress) => {
        if (isCurrent()) sanity.value = { kind: 'running', progress };
      },
    });
    if (isCurrent()) sanity.value = { kind: 'done', ...result };
  } catch (error) {
    if (!isCurrent()) return;
    sanity.value = { kind: 'unasked' };
    if (!isAbort(error)) report('trust', error);
  }
}
