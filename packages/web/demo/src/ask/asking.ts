// What is asked about a picture, and the model's answer with the map of it.
import { computed, effect, signal } from '@preact/signals';
import { strongestPlace } from '@saywhy/core/words';
import { subject } from '../scenes/scenes.js';
import { announce } from '../state/announce.js';
import { act, mode } from '../state/desk.js';
import { Latest } from '../state/latest.js';
import { methodFor } from '../state/methods.js';
import { explainerOf, shelves } from '../state/models.js';
import { settle } from '../state/problem.js';
import { sceneQuestion } from '../state/scene.js';
import type { Keepsake } from '../state/shown.js';
import { textInput } from '../state/task.js';
import { completions, isReadable, wordsOf } from './vocabulary.js';

export const { model: entry } = shelves.ask;
const explainer = computed(() => explainerOf(entry.value));
const tokenizer = computed(() => explainer.value?.model.tokenizer);

/** Questions to begin with, as far as the model knows their words. */
export const suggestions = computed(() =>
  subject.value.questions.filter((text) => !tokenizer.value || isReadable(text, tokenizer.value)),
);
/** What stands in the field. */
export const question = computed(() => sceneQuestion.value ?? suggestions.value[0] ?? '');
/** Words that the model knows. */
export const words = computed(() => wordsOf(tokenizer.value?.vocabulary));
export const method = signal('grad-cam');

/** An answer to ask about in place of the model's first one; of another question, picture or model it means nothing. */
const picked = signal<{ readonly of: typeof wording.value; readonly index: number } | undefined>(undefined);
const wording = computed(() => ({
  picture: subject.value.picture,
  model: entry.value,
  explainer: explainer.value,
  question: question.value,
}));
/** All that an answer depends on. */
const request = computed(() => ({
  ...wording.value,
  method: method.value,
  wanted: picked.value?.of === wording.value ? picked.value.index : undefined,
}));

export interface Asked extends Keepsake {
  readonly question: string;
  readonly request: typeof request.value;
}

export const asked = new Latest<Asked>(['question', 'picture', 'model', 'method']);
/** The last answer, where it is one of this model about this picture. */
export const current = computed(() => {
  const { value } = asked.value;
  return value?.picture === request.value.picture && value.model === request.value.model ? value : undefined;
});
export const isAsking = computed(() => asked.pending.value || entry.value?.state.value.kind === 'opening');

/** Who types has stopped for this long: milliseconds. */
const PAUSE = 350;

let started = false;

/** From now on the answer follows what is set. */
export function startAsking(): void {
  if (started) return;
  started = true;
  let before: typeof request.value | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    clearTimeout(timer);
    const { value: now } = request;
    const isOpen = mode.value === 'ask' && now.explainer !== undefined;
    if (asked.value.peek()?.request === now) return;
    // What is on its way answers something else.
    asked.stop();
    if (!isOpen) return;
    const isSame = before?.picture === now.picture && before.explainer === now.explainer;
    const isTyped = isSame && before?.question !== now.question && !isWhole;
    before = now;
    timer = setTimeout(() => void answer(isTyped), isTyped ? PAUSE : 0);
  });
}

/** The question was chosen, or sent off: nothing more of it comes. */
let isWhole = false;

/** Asks a question; one that is still being typed only after a pause. */
export function ask(text: string, whole: boolean): void {
  act('question');
  picked.value = undefined;
  if (text === question.peek()) {
    if (whole) void answer(false);
    return;
  }
  // What was wrong with the question before is over.
  settle('question');
  isWhole = whole;
  sceneQuestion.value = text;
  isWhole = false;
}

export function pick(index: number): void {
  picked.value = { of: wording.peek(), index };
}

async function answer(isTyped: boolean): Promise<void> {
  const now = request.peek();
  const { picture, model, explainer: open, question: text, wanted } = now;
  // A word that is only begun is no word yet.
  const isBegun = isTyped && completions(text, words.peek()).length > 0;
  if (!open || !model || text.trim() === '' || isBegun) return;
  const target = wanted ?? { top: 1 };
  const options = { target, method: methodFor(now.method, open.model.methods), top: 5 };
  await asked.run(async (work) => {
    const image = await picture.blob();
    const input = { [open.model.picture]: image, [textInput(open.model)!.name]: text };
    const explanation = await open.explain(input, { ...options, ...work });
    const map = explanation.maps[0]!;
    announce(`${map.target.label ?? map.target.text}: strongest ${strongestPlace(map.data, map.shape)}.`);
    return { picture, model, question: text, explanation, map, request: now };
  });
}
