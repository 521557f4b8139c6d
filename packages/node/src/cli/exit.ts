import { SaywhyError } from '@saywhy/core';

export const FAILED = 1;
export const MISUSE = 2;

/** Errors that another command line would not have met: a name that does not exist, a file that is not there. */
const misuse: ReadonlySet<string> = new Set([
  'ambiguous-label',
  'ambiguous-tensor',
  'empty-mask',
  'empty-text',
  'file-exists',
  'file-not-found',
  'invalid-argument',
  'invalid-detection',
  'invalid-json',
  'invalid-labels',
  'invalid-masks',
  'invalid-option',
  'invalid-preprocess',
  'invalid-target',
  'invalid-tokenizer',
  'mask-shape',
  'missing-question',
  'no-candidate',
  'no-caption',
  'no-labels',
  'no-model',
  'no-question',
  'no-tokenizer',
  'not-a-file',
  'not-a-layer',
  'not-applicable',
  'target-kind',
  'text-too-long',
  'unknown-device',
  'unknown-index',
  'unknown-label',
  'unknown-method',
  'unknown-metric',
  'unknown-model',
  'unknown-score-kind',
  'unknown-tensor',
  'unknown-word',
]);

export const exitCodeOf = (error: unknown): number =>
  error instanceof SaywhyError && misuse.has(error.code) ? MISUSE : FAILED;

/** What went wrong, for people; an error that saywhy did not throw on purpose keeps its trail, since it is a defect. */
export function messageOf(error: unknown): string {
  if (error instanceof SaywhyError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
