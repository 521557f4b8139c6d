// What the user has set: everything on the page follows from it.
import { computed, signal } from '@preact/signals';
import type { Answer } from './ask.js';
import { Side } from './ask.js';
import { type Compare, defaults, type Settings, type View } from './link.js';
import { recordOf } from './methods.js';
import { explainerOf, model, models } from './models.js';
import { picture } from './pictures.js';
import type { Place } from './problem.js';
import type { Choice, Evidence } from './question.js';
import { hasSides } from './question.js';
import { sceneName, sceneQuestion } from './scene.js';

export const mode = signal(defaults.mode);
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
  const asked = methods.includes(method.value) ? method.value : (methods[0] ?? method.value);
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

export const settings = computed<Settings>(() => ({
  mode: mode.value,
  ...(picture.value?.sample && { picture: picture.value.name }),
  ...(model.value?.bundled && { model: model.value.name }),
  ...(sceneName.value !== undefined && { scene: sceneName.value }),
  ...(sceneQuestion.value !== undefined && { question: sceneQuestion.value }),
  method: method.value,
  choice: choice.value,
  evidence: evidence.value,
  layer: layer.value,
  compare: compare.value,
  arrangement: arrangement.value,
  view: view.value,
}));
