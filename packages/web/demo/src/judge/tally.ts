// What came of it, method by method.
import type { Trial } from './plan.js';

export interface Answered {
  readonly trial: Trial;
  /** Of two things, which one of the answers offered was chosen, 0 or 1; of two maps, from -2 (the first one, clearly) to 2 (the second one, clearly). */
  readonly answer: number;
  /** From when the picture was there. */
  readonly milliseconds: number;
}

export interface Row {
  readonly method: string;
  readonly asked: number;
  /** Right answers of a discrimination study. */
  readonly right?: number;
  /** Share of right answers, from 0 to 1; or the mean score for the better model, from -2 to 2. */
  readonly mean: number;
  /** Where the mean lies with 95 % confidence: Wilson's interval of a share, Student's of a score. Undefined for a single score. */
  readonly interval?: readonly [number, number];
}

export const isRight = ({ trial, answer }: Answered): boolean =>
  trial.study === 'discrimination' && trial.offered[answer] === trial.shown;

/** How much more the better model's map was trusted, as in the paper: -2 to 2. The second of the models compared is the better one. */
export function scoreOf({ trial, answer }: Answered): number {
  if (trial.study !== 'trust' || answer === 0) return 0;
  return trial.order[1] === 1 ? answer : -answer;
}

/** A row a method, in the order of the names given; methods that were not asked about are left out. */
export function tally(answers: readonly Answered[], methods: readonly string[]): Row[] {
  return methods.flatMap((method) => {
    const own = answers.filter(({ trial }) => trial.method === method);
    const [first] = own;
    if (!first) return [];
    return [first.trial.study === 'discrimination' ? share(method, own) : score(method, own)];
  });
}

function share(method: string, answers: readonly Answered[]): Row {
  const asked = answers.length;
  const right = answers.filter(isRight).length;
  return { method, asked, right, mean: right / asked, interval: wilson(right, asked) };
}

function score(method: string, answers: readonly Answered[]): Row {
  const scores = answers.map(scoreOf);
  const asked = scores.length;
  const mean = scores.reduce((sum, value) => sum + value, 0) / asked;
  if (asked < 2) return { method, asked, mean };
  const variance = scores.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (asked - 1);
  const half = studentQuantile(asked - 1) * Math.sqrt(variance / asked);
  return { method, asked, mean, interval: [Math.max(-2, mean - half), Math.min(2, mean + half)] };
}

/** 97.5 % of the standard normal distribution lie below. */
const Z = 1.959964;

/** Wilson (1927): holds for few answers, too. */
export function wilson(right: number, asked: number): readonly [number, number] {
  const share = right / asked;
  const square = Z ** 2 / asked;
  const half = Z * Math.sqrt((share * (1 - share)) / asked + square / (4 * asked));
  return [(share + square / 2 - half) / (1 + square), (share + square / 2 + half) / (1 + square)];
}

/** 97.5 % quantile of Student's distribution, for few degrees of freedom by table, for more by the first terms of its expansion. */
export function studentQuantile(freedom: number): number {
  const table = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];
  return (
    table[freedom - 1] ?? Z + (Z ** 3 + Z) / (4 * freedom) + (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / (96 * freedom ** 2)
  );
}
