// Scores of classes at places: which class each place has, and a class's logits over places.
// Vinogradova, Dibrov, Myers: Towards Interpretable Semantic Segmentation via Gradient-weighted Class Activation Mapping, 2020,
// https://arxiv.org/abs/2002.11434
import { SaywhyError } from '../../errors.js';
import type { Mask, Prediction } from '../../types.js';
import { labelOf, type Scores } from '../scores.js';
import { placesIn } from '../terms/region.js';
import type { Term } from '../terms/term.js';
import type { View } from '../view.js';
import type { KindReader } from './reader.js';

/** How the scores lie: of one channel, class 1 is its logit and class 0 the negative. */
interface Layout {
  readonly classes: number;
  readonly channels: number;
  /** Of the places: height and width. */
  readonly size: readonly number[];
  readonly places: number;
  /** The number of a channel at a place. */
  at(channel: number, place: number): number;
}

/** [1, C, H, W] or, where the labels or the model's input say so, [1, H, W, C]. @throws SaywhyError `unsupported-scores` */
function layoutOf({ shape, labels, channelsLast }: Scores): Layout {
  if (shape.length !== 4)
    throw new SaywhyError(
      'unsupported-scores',
      `The scores came back as [${shape}]; those of a segmentation are [1, classes, height, width]. Name another tensor with \`scores\`, or their kind with \`scoreKind\`.`,
    );
  const fits = (channels: number | undefined) => channels !== undefined && channels === labels?.length;
  const last = fits(shape[3]) !== fits(shape[1]) ? fits(shape[3]) : (channelsLast ?? false);
  const size = last ? shape.slice(1, 3) : shape.slice(2);
  const channels = last ? shape[3]! : shape[1]!;
  const places = size[0]! * size[1]!;
  return {
    classes: channels === 1 ? 2 : channels,
    channels,
    size,
    places,
    at: last ? (channel, place) => place * channels + channel : (channel, place) => channel * places + place,
  };
}

/** The logit of a class at a place: a number of the scores, or its opposite. */
function logitAt({ data, normalized }: Scores, { channels, at }: Layout, index: number, place: number): number {
  if (channels > 1) return data[at(index, place)]!;
  const value = data[at(0, place)]!;
  return index === 1 ? value : normalized ? 1 - value : -value;
}

/** The best class of each place. */
function winners(scores: Scores, layout: Layout): Uint16Array {
  const best = new Uint16Array(layout.places);
  for (let place = 0; place < best.length; place++) {
    let highest = logitAt(scores, layout, 0, place);
    for (let index = 1; index < layout.classes; index++) {
      const logit = logitAt(scores, layout, index, place);
      if (logit <= highest) continue;
      highest = logit;
      best[place] = index;
    }
  }
  return best;
}

/** How many places each class has, among those of a mask. */
function countsOf(best: Uint16Array, classes: number, mask?: Uint8Array): Uint32Array {
  const counts = new Uint32Array(classes);
  best.forEach((index, place) => {
    if (!mask || mask[place]) counts[index]!++;
  });
  return counts;
}

/** The sum of a class's logits over places, which stay those of this picture. */
function sumTerm(index: number, mask: Uint8Array, scores: Scores, text: string): Term {
  const sign = layoutOf(scores).channels === 1 && index === 0 ? -1 : 1;
  return {
    text,
    index,
    value: (at) => {
      const layout = layoutOf(at);
      return mask.reduce((sum, inside, place) => (inside ? sum + logitAt(at, layout, index, place) : sum), 0);
    },
    cotangent: (at) => {
      const { at: numberAt, channels } = layoutOf(at);
      const cotangent = new Float32Array(at.data.length);
      mask.forEach((inside, place) => {
        if (inside) cotangent[numberAt(channels === 1 ? 0 : index, place)] = sign;
      });
      return cotangent;
    },
  };
}

const nameOf = (scores: Scores, index: number) => labelOf(scores, index) ?? String(index);

/** A class where the model sees it. @throws SaywhyError `empty-mask` where it sees it nowhere */
function ownTerm(index: number, scores: Scores): Term {
  const layout = layoutOf(scores);
  const best = winners(scores, layout);
  const mask = Uint8Array.from(best, (winner) => Number(winner === index));
  if (mask.includes(1)) return sumTerm(index, mask, scores, nameOf(scores, index));
  const seen = [...new Set(best)].map((other) => `"${nameOf(scores, other)}"`);
  throw new SaywhyError(
    'empty-mask',
    `The model sees "${nameOf(scores, index)}" nowhere in this picture, only ${seen.slice(0, 8).join(', ')}. Say where to look with \`mask\`.`,
  );
}

/** The logits of a class over the places of a mask; of its most frequent class where none is given. */
export function maskTerm(mask: Mask, index: number | undefined, scores: Scores, view: View): Term {
  const layout = layoutOf(scores);
  const places = placesIn(mask, layout.size, view);
  const counts = countsOf(winners(scores, layout), layout.classes, places);
  const asked = index ?? counts.indexOf(Math.max(...counts));
  const where = 'shape' in mask ? 'mask' : `mask:${[mask.x, mask.y, mask.width, mask.height].join(',')}`;
  return sumTerm(asked, places, scores, `${where}:${nameOf(scores, asked)}`);
}

/** The classes that have places, the largest first. */
function largest(scores: Scores, n: number): { index: number; share: number }[] {
  const layout = layoutOf(scores);
  const counts = countsOf(winners(scores, layout), layout.classes);
  return [...counts]
    .map((count, index) => ({ index, share: count / layout.places }))
    .filter(({ share }) => share > 0)
    .sort((a, b) => b.share - a.share)
    .slice(0, n);
}

export const segmentation: KindReader = {
  classes: (scores) => layoutOf(scores).classes,
  predictions: (scores, n) =>
    largest(scores, n).map(({ index, share }): Prediction => {
      const label = labelOf(scores, index);
      const logit = ownTerm(index, scores).value(scores) as number;
      return { index, ...(label !== undefined && { label }), logit, share };
    }),
  top: (scores, n) => largest(scores, n).map(({ index }) => ownTerm(index, scores)),
  classTerm: (index, scores) => ownTerm(index, scores),
};
