// Scores of many candidate boxes, before non-maximum suppression; or of the boxes that a model is left with, each of one class.
import { SaywhyError } from '../../errors.js';
import type { Rectangle } from '../../images/raster.js';
import type { Floats } from '../../methods/method.js';
import type { Detection, Prediction } from '../../types.js';
import { labelOf, type Scores } from '../scores.js';
import type { Term } from '../terms/term.js';
import { toPixels, toShares, type View } from '../view.js';
import type { KindReader } from './reader.js';

/** Candidates of one picture. Boxes are in shares of what the model sees. */
interface Candidates {
  readonly count: number;
  /** How many classes there are that are something. */
  readonly classes: number;
  /** Each is of one class, and which there are differs from picture to picture: the third is another thing where the first is gone. */
  readonly fleeting: boolean;
  /** Those that a candidate may be of. */
  classesOf(candidate: number): readonly number[];
  box(candidate: number): Rectangle;
  /** What is explained: the logit, or the score where the model gives no logits, times the objectness where it has one. */
  score(candidate: number, index: number): number;
  probability(candidate: number, index: number): number;
  /** Adds the derivative of `score`. */
  differentiate(candidate: number, index: number, cotangent: Float32Array): void;
}

/** Overlap from which the lower of two boxes of a class is taken for the same thing. */
const SAME = 0.5;

function candidatesOf(scores: Scores, view: View): Candidates {
  const { data, shape, detection, others } = scores;
  const held = detection && (others ? others[detection.boxes] : scores);
  if (!detection || !held || shape.length !== 3 || held.shape.length !== 3) throw unsupported(scores, held);
  const [count, numbers, at] = tableOf(shape, detection);
  const [boxes, coordinates, boxAt] = tableOf(held.shape, detection);
  const { firstClass, classAt, objectness, activation } = detection;
  const fleeting = classAt !== undefined;
  const listed = fleeting ? 1 : (detection.classes ?? numbers - firstClass);
  const isWhole = [firstClass + listed - 1, classAt ?? 0, objectness ?? 0].every((i) => i < numbers);
  if (boxes !== count || coordinates < 4 || !isWhole) throw unsupported(scores, held);
  const nothing = detection.nothing === undefined ? undefined : (detection.nothing + listed) % listed;
  const all = Array.from({ length: listed - (nothing === undefined ? 0 : 1) }, (_, index) => index);
  const channelOf = (index: number) =>
    fleeting ? firstClass : firstClass + index + Number(nothing !== undefined && index >= nothing);
  const scoreAt = (candidate: number, index: number) => data[at(candidate, channelOf(index))]!;
  const objectnessAt = (candidate: number) => (objectness === undefined ? 1 : data[at(candidate, objectness)]!);
  const [height, width] = detection.unit === 'pixels' ? view.input : [1, 1];
  // A candidate's normalizer is asked for once for each of its classes.
  const totals = new Float64Array(activation === 'softmax' ? count : 0);
  totals.forEach((_, candidate) => {
    for (let i = firstClass; i < firstClass + listed; i++) totals[candidate]! += Math.exp(data[at(candidate, i)]!);
  });
  const probability = (candidate: number, index: number) => {
    const score = scoreAt(candidate, index);
    if (activation === 'softmax') return Math.exp(score) / totals[candidate]!;
    return (activation === 'sigmoid' ? 1 / (1 + Math.exp(-score)) : score) * objectnessAt(candidate);
  };
  return {
    count,
    classes: fleeting ? (scores.labels?.length ?? Number.POSITIVE_INFINITY) : all.length,
    fleeting,
    classesOf: (candidate) => {
      if (classAt === undefined) return all;
      const index = Math.round(data[at(candidate, classAt)]!);
      // What only fills up the list has no score, or no class.
      return index >= 0 && probability(candidate, index) > 0 ? [index] : [];
    },
    box: (candidate) => {
      const [a, b, c, d] = [0, 1, 2, 3].map((i) => held.data[boxAt(candidate, i)]!) as [number, number, number, number];
      const [x, y, w, h] = detection.format === 'xyxy' ? [a, b, c - a, d - b] : [a - c / 2, b - d / 2, c, d];
      return { x: x / width, y: y / height, width: w / width, height: h / height };
    },
    score: (candidate, index) => scoreAt(candidate, index) * objectnessAt(candidate),
    probability,
    differentiate: (candidate, index, cotangent) => {
      cotangent[at(candidate, channelOf(index))]! += objectnessAt(candidate);
      if (objectness !== undefined) cotangent[at(candidate, objectness)]! += scoreAt(candidate, index);
    },
  };
}

/** How many candidates, how many numbers each, and where one lies. */
function tableOf(
  [, first = 0, second = 0]: readonly number[],
  { candidates }: Detection,
): [number, number, (candidate: number, i: number) => number] {
  return candidates === 'rows'
    ? [first, second, (candidate, i) => candidate * second + i]
    : [second, first, (candidate, i) => i * second + candidate];
}

function unsupported({ shape }: Scores, held: Floats | undefined): SaywhyError {
  return new SaywhyError(
    'unsupported-scores',
    `The scores came back as [${shape}] and the boxes as [${held?.shape ?? 'nothing'}], which are not those of one list of candidates. Say with \`detection\` how they lie: { boxes, candidates, firstClass, ... }.`,
  );
}

/** Intersection over union. */
export function overlap(a: Rectangle, b: Rectangle): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (!(width > 0 && height > 0)) return 0;
  return (width * height) / (a.width * a.height + b.width * b.height - width * height);
}

interface Found {
  readonly candidate: number;
  readonly index: number;
  readonly probability: number;
}

/** The candidate with the best IoU times probability, of those with an IoU above `least`; of all classes where none is asked for. */
function match(candidates: Candidates, box: Rectangle, index: number | undefined, least = 0): Found | undefined {
  let best: Found | undefined;
  let highest = 0;
  for (let candidate = 0; candidate < candidates.count; candidate++) {
    const shared = overlap(candidates.box(candidate), box);
    if (shared <= least) continue;
    for (const i of candidates.classesOf(candidate)) {
      if (index !== undefined && i !== index) continue;
      const probability = candidates.probability(candidate, i);
      if (shared * probability <= highest) continue;
      highest = shared * probability;
      best = { candidate, index: i, probability };
    }
  }
  return best;
}

/**
 * The score of the candidate that fits a box best; at other scores, that of the one that fits it best there.
 * @param box in pixels of the picture
 * @throws SaywhyError `no-candidate` where no candidate touches the box
 */
export function boxTerm(box: Rectangle, index: number | undefined, scores: Scores, view: View): Term {
  const wanted = toShares(box, view);
  const found = match(candidatesOf(scores, view), wanted, index);
  const where = textOf(box);
  if (!found)
    throw new SaywhyError(
      'no-candidate',
      `None of the model's candidates${index === undefined ? '' : ` of class ${nameOf(index, scores)}`} touches ${where} (x, y, width, height in pixels of the picture).`,
    );
  const again = (candidates: Candidates) =>
    match(candidates, wanted, found.index) ?? (candidates.fleeting ? undefined : found);
  return candidateTerm(where, found.index, again, scores, view);
}

const nameOf = (index: number, scores: Scores) => labelOf(scores, index) ?? String(index);

/** The score of a candidate, which may be chosen anew at other scores: that of what is no longer found is 0. */
function candidateTerm(
  where: string,
  index: number,
  choose: (candidates: Candidates) => Found | undefined,
  scores: Scores,
  view: View,
): Term {
  return {
    text: `${where}:${nameOf(index, scores)}`,
    index,
    value: (at) => {
      const candidates = candidatesOf(at, view);
      const chosen = choose(candidates);
      return chosen ? candidates.score(chosen.candidate, index) : 0;
    },
    cotangent: (at) => {
      const candidates = candidatesOf(at, view);
      const cotangent = new Float32Array(at.data.length);
      const chosen = choose(candidates);
      if (chosen) candidates.differentiate(chosen.candidate, index, cotangent);
      return cotangent;
    },
  };
}

/** The n most probable boxes, of several that overlap and have one class the first. */
function bestOf(candidates: Candidates, n: number, only?: number): Found[] {
  const all: Found[] = [];
  for (let candidate = 0; candidate < candidates.count; candidate++) {
    let best: Found | undefined;
    for (const index of candidates.classesOf(candidate)) {
      if (only !== undefined && index !== only) continue;
      const probability = candidates.probability(candidate, index);
      if (!best || probability > best.probability) best = { candidate, index, probability };
    }
    if (best) all.push(best);
  }
  all.sort((a, b) => b.probability - a.probability);
  const kept: Found[] = [];
  for (const one of all) {
    if (kept.length === n) break;
    const box = candidates.box(one.candidate);
    const again = kept.some(
      (other) => other.index === one.index && overlap(candidates.box(other.candidate), box) > SAME,
    );
    if (!again) kept.push(one);
  }
  return kept;
}

function textOf({ x, y, width, height }: Rectangle): string {
  return `box:${[x, y, width, height].map(Math.round).join(',')}`;
}

/** A candidate that the model itself is surest of. It stays the same at other scores, or its thing does. */
function termOf(found: Found, candidates: Candidates, scores: Scores, view: View): Term {
  const box = candidates.box(found.candidate);
  const choose = (at: Candidates) => (at.fleeting ? match(at, box, found.index, SAME) : found);
  return candidateTerm(textOf(toPixels(box, view)), found.index, choose, scores, view);
}

export const detection: KindReader = {
  classes: (scores) => candidatesOf(scores, { picture: [1, 1], input: [1, 1], region: UNIT }).classes,
  predictions: (scores, n, view) => {
    const candidates = candidatesOf(scores, view);
    return bestOf(candidates, n).map(({ candidate, index, probability }): Prediction => {
      const label = labelOf(scores, index);
      const box = toPixels(candidates.box(candidate), view);
      const logit = candidates.score(candidate, index);
      return { index, ...(label !== undefined && { label }), logit, probability, box };
    });
  },
  top: (scores, n, view) => {
    const candidates = candidatesOf(scores, view);
    return bestOf(candidates, n).map((found) => termOf(found, candidates, scores, view));
  },
  classTerm: (index, scores, view) => {
    const candidates = candidatesOf(scores, view);
    const [found] = bestOf(candidates, 1, index);
    if (found) return termOf(found, candidates, scores, view);
    throw new SaywhyError(
      'no-candidate',
      `None of the model's boxes is of class ${nameOf(index, scores)}: it suppresses boxes itself, and is left with those of other classes.`,
    );
  },
};

const UNIT: Rectangle = { x: 0, y: 0, width: 1, height: 1 };
