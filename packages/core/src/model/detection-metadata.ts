import { SaywhyError } from '../errors.js';
import type { Detection } from '../types.js';

/** What each may be: one of these, or of their type. */
const allowed: { readonly [K in keyof Detection]-?: Detection[K] | readonly Detection[K][] } = {
  boxes: '',
  format: ['cxcywh', 'xyxy'],
  unit: ['share', 'pixels'],
  candidates: ['rows', 'columns'],
  firstClass: 0,
  classes: 0,
  classAt: 0,
  objectness: 0,
  nothing: 0,
  activation: ['softmax', 'sigmoid', 'none'],
};

/** How a detector writes its candidates, from an option or a file. @throws SaywhyError `invalid-detection` */
export function checkDetection(value: unknown): Partial<Detection> {
  for (const [key, given] of Object.entries(value ?? {})) {
    const known = allowed[key as keyof Detection];
    const fits = Array.isArray(known) ? known.includes(given) : typeof given === typeof known;
    if (!fits)
      throw new SaywhyError(
        'invalid-detection',
        `\`detection\` cannot have ${key}: ${JSON.stringify(given)}. It is like ${JSON.stringify(allowed)}.`,
      );
  }
  return value as Partial<Detection>;
}
