// What the model says of a scene, and a map for each of its words.
import { computed, effect, signal } from '@preact/signals';
import type { Caption, ExplanationMap, Rectangle } from '@saywhy/core';
import { strongestPlace } from '@saywhy/core/words';
import address from '@saywhy/models/scenes-caption.onnx?url';
import { sceneModel } from '../scenes/model.js';
import { type Scene, sceneOf } from '../scenes/scenes.js';
import { announce } from '../state/announce.js';
import { mode } from '../state/desk.js';
import { Latest } from '../state/latest.js';
import { explainerOf, open } from '../state/models.js';
import { sceneName } from '../state/scene.js';

export interface Captioned {
  readonly scene: Scene;
  readonly method: string;
  readonly caption: Caption;
  /** A map for each word, in their order. */
  readonly words: readonly ExplanationMap[];
  readonly whole: ExplanationMap;
  readonly region?: Rectangle;
}

/** A word by its place, or the whole caption. */
export type Part = number | 'whole';

export const entry = sceneModel('scenes-caption', 'The model', address);
export const scene = computed(() => sceneOf(sceneName.value));
export const method = signal('grad-cam');
export const captioned = new Latest<Captioned>('caption');
/** What was chosen, and what the pointer is on. */
export const chosen = signal<Part>('whole');
export const pointed = signal<Part | undefined>(undefined);

export const shownPart = computed<Part>(() => pointed.value ?? chosen.value);

/** The last caption, where it is of the scene that is shown. */
export const current = computed(() => {
  const { value } = captioned.value;
  return value?.scene === scene.value ? value : undefined;
});

export const shownMap = computed(() => {
  const part = shownPart.value;
  return part === 'whole' ? current.value?.whole : (current.value?.words[part] ?? current.value?.whole);
});

let started = false;

/** From now on the caption follows the scene. */
export function startCaptioning(): void {
  if (started) return;
  started = true;
  void open(entry);
  effect(() => {
    const explainer = explainerOf(entry);
    const now = { scene: scene.value, method: method.value };
    if (mode.value !== 'caption' || !explainer) return;
    const last = captioned.value.peek();
    if (last?.scene === now.scene && last.method === now.method) return;
    if (last?.scene !== now.scene) choose('whole');
    const { picture } = now.scene;
    void captioned.run(async (signal) => {
      const image = await picture.blob();
      const caption = await explainer.caption(image, { signal });
      const target = [...caption.words.map(({ id, at }) => ({ token: id, at })), { caption: true } as const];
      const { maps, region } = await explainer.explain(
        { image, tokens: caption.text },
        { target, method: now.method, signal },
      );
      announce(caption.text);
      return { ...now, caption, words: maps.slice(0, -1), whole: maps.at(-1)!, ...(region && { region }) };
    });
  });
}

function choose(part: Part): void {
  chosen.value = part;
  pointed.value = undefined;
}

export function choosePart(part: Part): void {
  choose(part);
  const map = shownMap.peek();
  const word = part === 'whole' ? undefined : current.peek()?.caption.words[part];
  if (map) announce(`${word?.token ?? 'The whole caption'}: strongest ${strongestPlace(map.data, map.shape)}.`);
}
