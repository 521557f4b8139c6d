// What is asked about a scene, and the model's answer with the map of it.
import { computed, effect, signal } from '@preact/signals';
import type { Explanation, ExplanationMap } from '@saywhy/core';
import { strongestPlace } from '@saywhy/core/words';
import address from '@saywhy/models/scenes-vqa.onnx?url';
import { sceneModel } from '../scenes/model.js';
import { type Scene, sceneOf } from '../scenes/scenes.js';
import { announce } from '../state/announce.js';
import { mode } from '../state/desk.js';
import { Latest } from '../state/latest.js';
import { explainerOf, open } from '../state/models.js';
import { settle } from '../state/problem.js';
import { sceneName, sceneQuestion } from '../state/scene.js';
import { completions, wordsOf } from './vocabulary.js';

export interface Asked {
  readonly scene: Scene;
  readonly question: string;
  readonly explanation: Explanation;
  readonly map: ExplanationMap;
}

export const entry = sceneModel('scenes-vqa', 'The model', address);
export const scene = computed(() => sceneOf(sceneName.value));
/** What stands in the field. */
export const question = computed(() => sceneQuestion.value ?? scene.value.questions[0]!);
/** An answer to ask about in place of the model's first one; of another question it means nothing. */
const picked = signal<{ readonly scene: Scene; readonly question: string; readonly label: string } | undefined>(
  undefined,
);
const wanted = computed(() => {
  const { value } = picked;
  return value?.scene === scene.value && value.question === question.value ? value.label : undefined;
});
export const method = signal('grad-cam');
export const asked = new Latest<Asked>('question');

/** Who types has stopped for this long: milliseconds. */
const PAUSE = 350;

let started = false;

/** From now on the answer follows what is set. */
export function startAsking(): void {
  if (started) return;
  started = true;
  void open(entry);
  let before: { readonly scene: Scene; readonly question: string } | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    if (mode.value !== 'ask' || !explainerOf(entry)) return;
    const now = { scene: scene.value, question: question.value, method: method.value, wanted: wanted.value };
    const isTyped = before?.scene === now.scene && before.question !== now.question && !isWhole;
    before = now;
    clearTimeout(timer);
    timer = setTimeout(() => void answer(isTyped), isTyped ? PAUSE : 0);
  });
}

/** The question was chosen, or sent off: nothing more of it comes. */
let isWhole = false;

/** Asks a question; one that is still being typed only after a pause. */
export function ask(text: string, whole: boolean): void {
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

export function pick(label: string): void {
  picked.value = { scene: scene.peek(), question: question.peek(), label };
}

/** Words that the model knows. */
export const words = computed(() => wordsOf(explainerOf(entry)?.model.tokenizer?.vocabulary));

async function answer(isTyped: boolean): Promise<void> {
  const explainer = explainerOf(entry);
  const [current, text] = [scene.peek(), question.peek()];
  // A word that is only begun is no word yet.
  const isBegun = text.trim() === '' || completions(text, words.peek()).length > 0;
  if (!explainer || (isTyped && isBegun)) return;
  const target = wanted.peek() === undefined ? { top: 1 } : { answer: wanted.peek()! };
  const options = { target, method: method.peek(), top: 5 };
  await asked.run(async (signal) => {
    const image = await current.picture.blob();
    const explanation = await explainer.explain({ image, question: text }, { ...options, signal });
    const map = explanation.maps[0]!;
    announce(`${map.target.label ?? map.target.text}: strongest ${strongestPlace(map.data, map.shape)}.`);
    return { scene: current, question: text, explanation, map };
  });
}
