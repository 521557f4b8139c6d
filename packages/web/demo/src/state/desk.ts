// What the user has set: everything on the page follows from it.
import { computed, signal } from '@preact/signals';
import type { Answer } from './ask.js';
import { Side } from './ask.js';
import { type Compare, defaults, type Settings, type View } from './link.js';
import { methodFor, recordOf } from './methods.js';
import { explainerOf, model, models, shelves } from './models.js';
import { picture } from './pictures.js';
import { type Place, settle } from './problem.js';
import type { Choice, Evidence } from './question.js';
import { hasSides } from './question.js';
import { instead, sceneName, sceneQuestion } from './scene.js';
import type { Task } from './task.js';

export const mode = signal(defaults.mode);
/** Whose pictures and models are at hand: those of the mode, or of the desk where it has none. */
export const task = computed<Task>(() => (mode.value === 'judge' ? 'what' : mode.value));
export const method = signal(defaults.method);
export const choice = signal<Choice>(defaults.choice);
export const evidence = signal<Evidence>(defaults.evidence);
export const layer = signal(defaults.layer);
export const compare = signal<Compare>(defaults.compare);
export const arrangement = signal(defaults.arrangement);
export const view = signal<View>(defaults.view);
/** Where the two maps of a split view meet, from 0 to 1. */
export const divide = signal(0.5);
/** A map that was put aside to compare others with it. */
export const kept = signal<Answer | undefined>(undefined);

/** The map in question, and the one of a second model. */
export const main = new Side();
export const beside = new Side();

/** The last thing that the user did: where its problems are told, and when it was. */
export const acted = signal<{ readonly place: Place; readonly at: number }>({ place: 'picture', at: 0 });

export function act(place: Place): void {
  settle('link');
  acted.value = { place, at: performance.now() };
}

/** The model that the second map comes from. */
export const secondModel = computed(() => {
  const { value } = compare;
  return value.kind === 'model' ? models.value.find(({ name }) => name === value.model) : undefined;
});

/** What is asked as things stand; undefined while the model or the picture is not there. */
export const question = computed(() => {
  const explainer = explainerOf(model.value);
  if (!picture.value || !model.value || !explainer) return undefined;
  const { methods, layers } = explainer.model;
  const asked = methodFor(method.value, methods);
  return {
    picture: picture.value,
    model: model.value,
    explainer,
    method: asked,
    choice: choice.value,
    evidence: hasSides(recordOf(asked)) ? evidence.value : ('for' as const),
    layer: layers.some(({ name }) => name === layer.value) ? layer.value : 'auto',
  };
});

/** What of the question stays the same from class to class: who reads only this is not drawn anew for another one. */
export const askedMethod = computed(() => question.value?.method);
export const allowedMethods = computed(() => question.value?.explainer.model.methods ?? none);
const none: readonly string[] = [];

/** Whether a question is asked about one's own picture, or of one's own model: then it is one's own too, and no link tells it. */
export const asksOwn = computed(() => instead.value !== undefined || shelves.ask.model.value?.bundled === false);

export const settings = computed<Settings>(() => ({
  mode: mode.value,
  ...(picture.value?.sample && { picture: picture.value.name }),
  ...(model.value?.bundled && { model: model.value.name }),
  ...(!instead.value && sceneName.value !== undefined && { scene: sceneName.value }),
  ...(!asksOwn.value && sceneQuestion.value !== undefined && { question: sceneQuestion.value }),
  method: method.value,
  choice: choice.value,
  evidence: evidence.value,
  layer: layer.value,
  compare: compare.value,
  arrangement: arrangement.value,
  view: view.value,
}));
