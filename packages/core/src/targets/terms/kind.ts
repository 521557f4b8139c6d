import { SaywhyError } from '../../errors.js';
import type { ScoreKind } from '../../types.js';
import type { Scores } from '../scores.js';

/** @throws SaywhyError `target-kind` where a target does not ask of scores as a model has them */
export function requireKind({ kind }: Scores, wanted: ScoreKind, key: string): void {
  if (kind === wanted) return;
  throw new SaywhyError(
    'target-kind',
    `\`${key}\` asks of a model for ${wanted}; the scores of this one are taken as ${kind}. If that is wrong, say \`scoreKind: '${wanted}'\`; else ask otherwise: ${advice[kind]}.`,
  );
}

/** What can be asked of each kind. */
const advice: Readonly<Record<ScoreKind, string>> = {
  softmax: 'a label, an index, { top }, { not }, { versus }, { probability }',
  multilabel: 'a label, an index, { top }, { not }, { versus }, { probability }',
  binary: 'a label, an index, { top }, { not }, { probability }',
  regression: "an index, { value: 'up' }, { value: 'down' }, { value: { near: number } }",
  segmentation: 'a label, an index, { top }, { mask, class }, { not }, { versus }',
  detection: 'a label, an index, { top }, { box, class }, { not }, { versus }',
  embedding: '{ similarTo: a picture or a vector }',
};
