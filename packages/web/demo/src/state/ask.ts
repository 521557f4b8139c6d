// Asks a model, and keeps its answer. A new question stops the one before; the last answer stays until the next is there.
import { batch, signal } from '@preact/signals';
import type { Explanation, ExplanationMap, Progress, Target } from '@saywhy/core';
import type { PageExplainer } from './engine.js';
import { forLessAgainst } from './evidence.js';
import type { ModelEntry } from './models.js';
import type { PictureEntry } from './pictures.js';
import { isAbort, type Problem, problemOf } from './problem.js';
import { type Choice, type Evidence, targetsOf } from './question.js';

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
  /** Milliseconds from the click to the answer. */
  readonly waited: number;
  /** When the click was, on the page's clock. */
  readonly askedAt: number;
}

export async function explainOnce(
  question: Question,
  options: { signal?: AbortSignal; onProgress?: (progress: Progress) => void } = {},
): Promise<{ explanation: Explanation; map: ExplanationMap }> {
  const { picture, explainer, method, choice, evidence, layer } = question;
  const target = question.targets ?? targetsOf(choice, evidence);
  const explanation = await explainer.explain(await picture.blob(), { method, target, layer, ...options });
  const [first, second] = explanation.maps;
  return { explanation, map: second ? forLessAgainst(first!, second) : first! };
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
        this.answer.value = { question, ...found, askedAt, waited: performance.now() - askedAt };
      });
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
