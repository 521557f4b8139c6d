// Asks a model, and keeps its answer. A new question stops the one before; the last answer stays until the next is there.
import { batch, signal } from '@preact/signals';
import type { Explanation, ExplanationMap, Progress, Target } from '@saywhy/core';
import { drawNow, holdDrawing } from '../paced.js';
import type { PageExplainer } from './engine.js';
import { forLessAgainst } from './evidence.js';
import { effortOf, recordOf } from './methods.js';
import type { ModelEntry } from './models.js';
import type { PictureEntry } from './pictures.js';
import { isAbort, type Problem, problemOf } from './problem.js';
import { type Choice, type Evidence, targetsOf } from './question.js';
import { Peaks } from './scale.js';

export interface Question {
  readonly picture: PictureEntry;
  readonly model: ModelEntry;
  readonly explainer: PageExplainer;
  readonly method: string;
  readonly choice: Choice;
  readonly evidence: Evidence;
  readonly layer: string;
  /** In place of the targets that `choice` and `evidence` mean: for a second model, whose classes have other numbers. */
  readonly targets?: readonly Target[];
}

export interface Answer {
  readonly question: Question;
  readonly explanation: Explanation;
  readonly map: ExplanationMap;
  /** The strongest peak known of the same method, layer, picture and model, whatever the class. */
  readonly strongest: number;
  /** When the click was, on the page's clock. */
  readonly askedAt: number;
}

const peaks = new Peaks();

/** Peaks are compared within one of these. */
const kindOf = ({ picture, model, method, layer }: Question): string =>
  [picture.url, model.name, method, layer].join('|');

export async function explainOnce(
  question: Question,
  options: { signal?: AbortSignal; onProgress?: (progress: Progress) => void } = {},
): Promise<Pick<Answer, 'explanation' | 'map' | 'strongest'>> {
  const { picture, explainer, method, choice, evidence, layer } = question;
  const asked = question.targets ?? targetsOf(choice, evidence);
  const kind = kindOf(question);
  // Without the map of the first answer nobody knows whether the one asked for is strong.
  const alone = choice.kind !== 'top' && !peaks.has(kind) && effortOf(recordOf(method)) === 'instant';
  const target = alone ? [...asked, { top: 1 }] : asked;
  const explanation = await explainer.explain(await picture.blob(), { method, target, layer, ...options });
  for (const map of explanation.maps) peaks.note(kind, map);
  const [first, second] = explanation.maps.slice(0, asked.length);
  const map = second ? forLessAgainst(first!, second) : first!;
  return { explanation, map, strongest: peaks.note(kind, map) };
}

/** One side of the page: the map in question, or the one beside it. */
export class Side {
  readonly answer = signal<Answer | undefined>(undefined);
  /** What is being waited for, where that takes longer than a blink. */
  readonly pending = signal(false);
  readonly progress = signal<Progress | undefined>(undefined);
  readonly problem = signal<Problem | undefined>(undefined);
  #abort: AbortController | undefined;

  async ask(question: Question, askedAt: number): Promise<void> {
    this.stop();
    const abort = new AbortController();
    this.#abort = abort;
    this.pending.value = true;
    holdDrawing();
    const isCurrent = (): boolean => this.#abort === abort;
    try {
      const found = await explainOnce(question, {
        signal: abort.signal,
        onProgress: (progress) => {
          if (isCurrent()) this.progress.value = progress;
        },
      });
      if (!isCurrent()) return;
      batch(() => {
        this.problem.value = undefined;
        this.answer.value = { question, ...found, askedAt };
        this.#rest();
      });
      drawNow();
    } catch (error) {
      if (isCurrent() && !isAbort(error)) this.problem.value = problemOf(error);
    } finally {
      if (isCurrent()) this.#rest();
    }
  }

  /** Stops what is being asked; the last answer stays. */
  stop(): void {
    this.#abort?.abort();
    this.#abort = undefined;
    this.#rest();
  }

  /** Stops, and forgets the answer too. */
  clear(): void {
    batch(() => {
      this.stop();
      this.answer.value = undefined;
      this.problem.value = undefined;
    });
  }

  #rest(): void {
    batch(() => {
      this.pending.value = false;
      this.progress.value = undefined;
    });
  }
}
