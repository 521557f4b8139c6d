// How long the last question took until its map was on the screen.
import { signal } from '@preact/signals';
import type { Answer } from './ask.js';

export const onScreen = signal<number | undefined>(undefined);

let last: Answer | undefined;

/** Called when an answer's map has been drawn; drawing the same one again does not count. */
export function noteDrawn(answer: Answer | undefined): void {
  if (!answer || answer === last) return;
  last = answer;
  onScreen.value = performance.now() - answer.askedAt;
}
