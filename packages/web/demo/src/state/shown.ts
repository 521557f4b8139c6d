// What stands on the page: one map or two, with the scale that they are drawn on.
import { computed } from '@preact/signals';
import type { Explanation, ExplanationMap, Rectangle } from '@saywhy/core';
import { targetInWords } from '@saywhy/core/words';
import type { Answer } from './ask.js';
import { beside, compare, kept, main, secondModel, view } from './desk.js';
import { askedPrediction } from './likelihood.js';
import { recordOf } from './methods.js';
import type { ModelEntry } from './models.js';
import { type PictureEntry, picture, sizes } from './pictures.js';
import type { Evidence } from './question.js';
import { commonRange, leastOf, type Range, rangeBeside } from './scale.js';
import { sanity } from './trust.js';

/** One picture with a map over it, or without one. */
export interface Pane {
  readonly picture: PictureEntry;
  readonly caption: string;
  /** Absent while it is waited for, and where the photograph is shown alone. */
  readonly map?: ExplanationMap;
  readonly region?: Rectangle;
  /** Of a detection: where it is seen, in pixels of the picture. */
  readonly box?: Rectangle;
  readonly range?: Range;
  /** Drawn on the scale of a stronger map: its own peak as a share of that one's. */
  readonly faint?: number;
  /** It is near zero beside the very score that it explains. */
  readonly isNothing?: boolean;
  readonly waiting: boolean;
}

export interface Shown {
  readonly main: Pane;
  readonly other?: Pane;
  /** Whether both maps have one scale; undefined where there are not two. */
  readonly common?: boolean;
}

/** A map as it can be taken along, with what it was asked for. */
export interface Keepsake {
  readonly picture: PictureEntry;
  readonly model: ModelEntry;
  readonly explanation: Explanation;
  readonly map: ExplanationMap;
  /** What it is drawn on; the map's own scale if left out. */
  readonly range?: Range | undefined;
  readonly evidence?: Evidence;
}

export const savedOnDesk = computed<Keepsake | undefined>(() => {
  const answer = main.answer.value;
  if (!answer) return undefined;
  const { question, explanation, map } = answer;
  const { picture, model, evidence } = question;
  return { picture, model, evidence, explanation, map, range: shown.value?.main.range };
});

export const shown = computed<Shown | undefined>(() => {
  const entry = picture.value;
  if (!entry) return undefined;
  const first = mapPane(main.answer.value, entry, main.pending.value);
  const second = otherPane(entry);
  if (!second?.map || !first.map) return { main: first, ...(second && { other: second }) };
  // Random weights give values of any size: there only the places are compared.
  const comparable = first.map.method === second.map.method && compare.value.kind !== 'random';
  const common = comparable ? commonRange([first.map, second.map]) : undefined;
  if (!common) return { main: first, other: second, common: false };
  return { main: onScale(first, common), other: onScale(second, common), common: true };
});

function onScale({ faint: _, ...pane }: Pane, range: Range): Pane {
  return { ...pane, range };
}

function mapPane(answer: Answer | undefined, entry: PictureEntry, waiting: boolean): Pane {
  if (!answer || answer.question.picture !== entry) return { picture: entry, caption: '', waiting };
  const { map, explanation } = answer;
  const box = askedPrediction(answer)?.box;
  const least = leastOf(map);
  const strongest = Math.max(answer.strongest, least);
  return {
    picture: entry,
    caption: captionOf(answer, compare.value.kind === 'model'),
    map,
    region: explanation.region ?? whole(entry),
    ...(box && { box }),
    ...rangeBeside(map, strongest, view.value.stretch),
    ...(strongest === least && { isNothing: true }),
    waiting,
  };
}

function otherPane(entry: PictureEntry): Pane | undefined {
  const { kind } = compare.value;
  if (kind === 'photo') return { picture: entry, caption: 'Photograph', waiting: false };
  if (kind === 'kept' && kept.value) return mapPane(kept.value, entry, false);
  if (kind === 'model' && secondModel.value) {
    const pane = mapPane(
      beside.answer.value,
      entry,
      beside.pending.value || secondModel.value.state.value.kind === 'opening',
    );
    return pane.map ? pane : { ...pane, caption: secondModel.value.title };
  }
  if (kind !== 'random') return undefined;
  const result = sanity.value.kind === 'done' ? sanity.value : undefined;
  const answer = main.answer.value;
  if (!result || !answer)
    return { picture: entry, caption: 'Random weights', waiting: sanity.value.kind === 'running' };
  const { map } = result;
  const region = answer.explanation.region ?? whole(entry);
  return { picture: entry, caption: 'Random weights', map, region, range: map.range, waiting: false };
}

/** What a map is of: the class first, then method and model; where models are compared, the model first. */
export function captionOf({ map, question }: Answer, ofModels = false): string {
  const [what, who] = [[targetInWords(map.target), recordOf(map.method).title], question.model.title];
  return (ofModels ? [who, ...what] : [...what, who]).join(' · ');
}

function whole({ url }: PictureEntry): Rectangle {
  const { width, height } = sizes.value.get(url) ?? { width: 1, height: 1 };
  return { x: 0, y: 0, width, height };
}
