// A study as it goes on: who is asked sees one trial after the other, while the next one is made ready.
import { batch, computed, effect, signal } from '@preact/signals';
import type { ExplanationMap, Rectangle } from '@saywhy/core';
import { firstName } from '@saywhy/core/words';
import { announce } from '../state/announce.js';
import type { PageExplainer } from '../state/engine.js';
import { alsoUsed, type ModelEntry, models, openNow } from '../state/models.js';
import { type PictureEntry, pictures } from '../state/pictures.js';
import { report, settle } from '../state/problem.js';
import { compose } from './compose.js';
import { discriminating, planDiscrimination, planTrust, type Study, type Thing, type Trial, trusted } from './plan.js';
import { type Answered, tally } from './tally.js';

/** One trial with what is shown: a picture with one map, or with two. */
export interface Ready {
  readonly trial: Trial;
  readonly picture: Blob;
  readonly maps: readonly ExplanationMap[];
  readonly regions: readonly (Rectangle | undefined)[];
}

export type Stage =
  | { readonly kind: 'start' }
  | { readonly kind: 'preparing'; readonly done: number; readonly of: number }
  /** `ready` is undefined while the maps are being made. */
  | { readonly kind: 'asking'; readonly at: number; readonly ready?: Ready }
  | { readonly kind: 'done' };

export const stage = signal<Stage>({ kind: 'start' });
export const study = signal<Study>('discrimination');
export const wanted = signal(20);
export const seed = signal(1);
export const plan = signal<readonly Trial[]>([]);
export const answers = signal<readonly Answered[]>([]);

/** The smaller model, and the better one. */
const compared = ['efficientnet-lite0', 'efficientnet-lite2'] as const;

export const methodsOf = (of: Study): readonly string[] => (of === 'discrimination' ? discriminating : trusted);
export const rows = computed(() => tally(answers.value, methodsOf(study.value)));

/** The models that a study asks, in the order of `compared`. */
export function studied(): readonly ModelEntry[] {
  const names: readonly string[] = study.peek() === 'discrimination' ? compared.slice(0, 1) : compared;
  return names.flatMap((name) => models.peek().find((entry) => entry.name === name) ?? []);
}

/** A composed picture is none of an explainer's own: it has one thing, not two. */
const composedSample = 'cat-and-dog.png';
const things = (): readonly PictureEntry[] =>
  pictures.peek().filter(({ sample, name }) => sample && name !== composedSample);

interface Running {
  readonly abort: AbortController;
  /** The trial after the one that is shown. */
  next?: Promise<Ready>;
}

let running: Running | undefined;
let shownAt = 0;

export async function begin(): Promise<void> {
  running?.abort.abort();
  const abort = new AbortController();
  const going: Running = { abort };
  running = going;
  settle('study');
  batch(() => {
    answers.value = [];
    alsoUsed.value = studied();
    stage.value = { kind: 'preparing', done: 0, of: things().length };
  });
  try {
    const found = await classesOf(await explainers(), abort.signal);
    abort.signal.throwIfAborted();
    const planned = study.peek() === 'discrimination' ? planDiscrimination : planTrust;
    plan.value = planned(found, wanted.peek(), seed.peek());
    await ask(0, going);
  } catch (error) {
    fail(error, abort.signal);
  }
}

/** Tells what went wrong; what was answered before is kept. */
function fail(error: unknown, { aborted }: AbortSignal): void {
  if (aborted) return;
  finish();
  report('study', error);
}

/** What the pictures show, by the models themselves; what they do not agree about is left out. */
async function classesOf(explainers: readonly PageExplainer[], stop: AbortSignal): Promise<Thing[]> {
  const found: Thing[] = [];
  for (const [i, entry] of things().entries()) {
    const picture = await entry.blob();
    const said = [];
    for (const explainer of explainers)
      said.push((await explainer.predict(picture, { top: 1, signal: stop })).predictions[0]!);
    const [first, ...others] = said;
    if (others.every(({ index }) => index === first!.index))
      found.push({ picture: entry.name, index: first!.index, name: nameOf(first!) });
    stage.value = { kind: 'preparing', done: i + 1, of: things().length };
  }
  return found;
}

const nameOf = ({ label, index }: { readonly label?: string; readonly index: number }): string =>
  label === undefined ? `class ${index}` : firstName(label);

async function ask(at: number, study: Running): Promise<void> {
  const trials = plan.peek();
  const { signal: stop } = study.abort;
  const pending = study.next ?? makeReady(trials[at]!, stop);
  stage.value = { kind: 'asking', at };
  const ready = await pending;
  stop.throwIfAborted();
  stage.value = { kind: 'asking', at, ready };
  shownAt = performance.now();
  announce(`${at + 1} of ${trials.length}: ${questionOf(ready.trial)}`);
  const following = trials[at + 1];
  study.next = following && makeReady(following, stop);
  // What fails is told when it is its turn.
  study.next?.catch(() => undefined);
}

async function makeReady(trial: Trial, stop: AbortSignal): Promise<Ready> {
  const { method } = trial;
  const asked = await explainers();
  const blobOf = ({ picture }: Thing): Promise<Blob> =>
    things()
      .find(({ name }) => name === picture)!
      .blob();
  if (trial.study === 'discrimination') {
    const [first, second] = trial.things;
    const picture = await compose([await blobOf(first), await blobOf(second)], trial);
    const target = trial.things[trial.shown].index;
    const { maps, region } = await asked[0]!.explain(picture, { method, target, signal: stop });
    return { trial, picture, maps, regions: [region] };
  }
  const picture = await blobOf(trial.thing);
  const made = [];
  for (const one of trial.order)
    made.push(await asked[one]!.explain(picture, { method, target: trial.thing.index, signal: stop }));
  return {
    trial,
    picture,
    maps: made.map(({ maps }) => maps[0]!),
    regions: made.map(({ region }) => region),
  };
}

/** @param answer as {@link Answered} has it */
export function judge(answer: number): void {
  const { value } = stage;
  if (value.kind !== 'asking' || !value.ready) return;
  answers.value = [
    ...answers.peek(),
    { trial: value.ready.trial, answer, milliseconds: Math.round(performance.now() - shownAt) },
  ];
  const study = running!;
  if (value.at + 1 === plan.peek().length) finish();
  else ask(value.at + 1, study).catch((error: unknown) => fail(error, study.abort.signal));
}

/** Ends the study with what was answered so far. */
export function finish(): void {
  running?.abort.abort();
  alsoUsed.value = [];
  stage.value = { kind: answers.peek().length > 0 ? 'done' : 'start' };
}

export function again(): void {
  stage.value = { kind: 'start' };
}

export function questionOf(trial: Trial): string {
  if (trial.study === 'trust') return `Both models say “${trial.thing.name}”. Which map do you trust more?`;
  return 'Which of the two did the model see?';
}

/** The models as they are open now: the desk may have closed one meanwhile, or opened it anew. */
const explainers = (): Promise<PageExplainer[]> => Promise.all(studied().map(opened));

/** @throws Problem why a model could not be opened */
function opened(entry: ModelEntry): Promise<PageExplainer> {
  const { kind } = entry.state.peek();
  if (kind === 'failed' || kind === 'held') void openNow(entry);
  return new Promise((resolve, reject) => {
    effect(function () {
      const state = entry.state.value;
      if (state.kind === 'open') resolve(state.explainer);
      else if (state.kind === 'failed') reject(state.problem);
      else return;
      this.dispose();
    });
  });
}
