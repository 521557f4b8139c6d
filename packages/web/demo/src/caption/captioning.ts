// What the model says of a picture, and a map for each of its words.
import { computed, effect, signal } from '@preact/signals';
import type { Caption, CaptionWord, Explanation, ExplanationMap } from '@saywhy/core';
import { strongestPlace } from '@saywhy/core/words';
import { subject } from '../scenes/scenes.js';
import { announce } from '../state/announce.js';
import { mode } from '../state/desk.js';
import { Latest } from '../state/latest.js';
import { methodFor } from '../state/methods.js';
import { explainerOf, type ModelEntry, shelves } from '../state/models.js';
import type { PictureEntry } from '../state/pictures.js';
import type { Keepsake } from '../state/shown.js';

/** A mark that the tokenizer leaves out is told by its number. */
export const nameOf = ({ token, id }: CaptionWord): string => token || `<${id}>`;

/** A word by its place, or the whole caption. */
export type Part = number | 'whole';

export const { model: entry } = shelves.caption;
const explainer = computed(() => explainerOf(entry.value));
export const method = signal('grad-cam');
/** All that a caption depends on. */
const request = computed(() => ({
  picture: subject.value.picture,
  model: entry.value,
  explainer: explainer.value,
  method: method.value,
}));

export interface Captioned {
  readonly picture: PictureEntry;
  readonly model: ModelEntry;
  readonly request: typeof request.value;
  readonly caption: Caption;
  readonly explanation: Explanation;
  /** A map for each word, in their order. */
  readonly words: readonly ExplanationMap[];
  readonly whole: ExplanationMap;
}

export const captioned = new Latest<Captioned>(['picture', 'model', 'method']);
/** What was chosen, and what the pointer is on. */
export const chosen = signal<Part>('whole');
export const pointed = signal<Part | undefined>(undefined);

export const shownPart = computed<Part>(() => pointed.value ?? chosen.value);

/** The last caption, where it is this model's of the picture that is shown. */
export const current = computed(() => {
  const { value } = captioned.value;
  return value?.picture === request.value.picture && value.model === request.value.model ? value : undefined;
});
export const isCaptioning = computed(() => captioned.pending.value || entry.value?.state.value.kind === 'opening');

/** The map of the word that is shown, or of the whole caption. */
export const shown = computed<Keepsake | undefined>(() => {
  if (!current.value) return undefined;
  const { picture, model, explanation, words, whole } = current.value;
  const part = shownPart.value;
  return { picture, model, explanation, map: part === 'whole' ? whole : (words[part] ?? whole) };
});

let started = false;

/** From now on the caption follows the picture and the model. */
export function startCaptioning(): void {
  if (started) return;
  started = true;
  effect(() => {
    const { value: now } = request;
    const { picture, model, explainer: open } = now;
    const last = captioned.value.peek();
    const isOpen = mode.value === 'caption';
    if (last?.request === now) return;
    // What is on its way is said of something else.
    captioned.stop();
    if (!isOpen || !open || !model) return;
    if (last?.picture !== picture || last.model !== model) choose('whole');
    const method = methodFor(now.method, open.model.methods);
    void captioned.run(async (work) => {
      const input = { [open.model.picture]: await picture.blob() };
      const caption = await open.caption(input, work);
      const said = { caption: caption.words.map(({ id }) => id) };
      const target = [...caption.words.map(({ id, at }) => ({ token: id, at })), said];
      const explanation = await open.explain(input, { target, method, ...work });
      announce(caption.text);
      const { maps } = explanation;
      return { picture, model, request: now, caption, explanation, words: maps.slice(0, -1), whole: maps.at(-1)! };
    });
  });
}

function choose(part: Part): void {
  chosen.value = part;
  pointed.value = undefined;
}

export function choosePart(part: Part): void {
  choose(part);
  const map = shown.peek()?.map;
  const word = part === 'whole' ? undefined : current.peek()?.caption.words[part];
  if (map) announce(`${word ? nameOf(word) : 'The whole caption'}: strongest ${strongestPlace(map.data, map.shape)}.`);
}
