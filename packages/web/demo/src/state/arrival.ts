// A model of one's own on its way to where it can be used: what it takes says where, and that is known once it is open.
import { batch, effect, signal, untracked } from '@preact/signals';
import { choosePicture, goTo, putModel } from './actions.js';
import { announce } from './announce.js';
import { task } from './desk.js';
import { close, explainerOf, type ModelEntry, open, shelves } from './models.js';
import type { PictureEntry } from './pictures.js';
import { type Task, taskOf } from './task.js';

export interface Arrival {
  readonly entry: ModelEntry;
  /** Where it was dropped: that mode shows what is wrong with it. */
  readonly at: Task;
  /** What was dropped with it, to be asked about. */
  readonly picture?: PictureEntry | undefined;
}

export const arrival = signal<Arrival | undefined>(undefined);

export function startArrivals(): void {
  effect(() => {
    const { value } = arrival;
    if (!value) return;
    untracked(() => void open(value.entry));
    const explainer = explainerOf(value.entry);
    if (explainer) untracked(() => shelve(value, taskOf(explainer.model)));
  });
}

export function arrive(coming: Arrival): void {
  turnAway();
  arrival.value = coming;
}

/** The model that did not open, or is not wanted any more, is forgotten. */
export function turnAway(): void {
  const { value } = arrival;
  if (!value) return;
  arrival.value = undefined;
  close(value.entry);
}

const deeds: Readonly<Record<Task, string>> = {
  what: 'takes a picture alone: it is open in “What is it?”',
  ask: 'answers questions: it is open in Ask',
  caption: 'writes captions: it is open in Caption',
};

function shelve({ entry, at, picture }: Arrival, to: Task): void {
  const { models } = shelves[to];
  const old = models.peek().filter(({ name, bundled }) => !bundled && name === entry.name);
  const isWatched = task.peek() === at;
  batch(() => {
    arrival.value = undefined;
    models.value = [...models.peek().filter((one) => !old.includes(one)), entry];
    putModel(entry, to);
    if (picture && to !== at) choosePicture(picture, to);
    if (isWatched) goTo(to);
  });
  for (const one of old) close(one);
  if (to !== at) announce(`${entry.title} ${deeds[to]}.`);
}
