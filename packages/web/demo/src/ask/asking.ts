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
import { sceneName, sceneQuestion } from '../state/scene.js';

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
/** An answer to ask about in place of the model's first one. */
export const wanted = signal<string | undefined>(undefined);
export const method = signal('grad-cam');
export const asked = new Latest<Asked>('question');

/** Who types has stopped for this long: milliseconds. */
const PAUSE = 350;

/** From now on the answer follows what is set. */
export function startAsking(): void {
  if (started) return;
  started = true;
  void open(entry);
  // Another question has another answer.
  effect(() => {
    if (question.value && scene.value) wanted.value = undefined;
  });
  let last: readonly unknown[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    const explainer = explainerOf(entry);
    if (mode.value !== 'ask' || !explainer) return;
    const current = { scene: scene.value, question: question.value, method: method.value, answer: wanted.value };
    const typed = last[0] === current.scene && last[1] !== current.question;
    last = [current.scene, current.question];
    clearTimeout(timer);
    if (typed && !chosen) timer = setTimeout(() => void answer(), PAUSE);
    else void answer();
    chosen = false;
  });
}

let started = false;
/** The question was chosen, or sent off: nothing more of it comes. */
let chosen = false;

/** Asks a question; one that is still being typed (`isWhole` false) only after a pause. */
export function ask(text: string, isWhole: boolean): void {
  chosen = isWhole;
  if (text === question.peek()) void answer();
  else sceneQuestion.value = text;
}

async function answer(): Promise<void> {
  const explainer = explainerOf(entry);
  if (!explainer) return;
  const [current, text] = [scene.peek(), question.peek()];
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
