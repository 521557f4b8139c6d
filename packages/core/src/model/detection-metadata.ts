import { SaywhyError } from '../errors.js';
import { nearest } from '../nearest.js';
import type { Detection } from '../types.js';

const checks: { readonly [K in keyof Detection]-?: (value: unknown) => boolean } = {
  boxes: (value) => typeof value === 'string',
  format: (value) => value === 'cxcywh' || value === 'xyxy',
  unit: (value) => value === 'share' || value === 'pixels',
  candidates: (value) => value === 'rows' || value === 'columns',
  firstClass: Number.isInteger,
  objectness: Number.isInteger,
  nothing: Number.isInteger,
  activation: (value) => value === 'softmax' || value === 'sigmoid' || value === 'none',
};

/** How a detector writes its candidates, from an option or a file. @throws SaywhyError `invalid-detection` */
export function checkDetection(value: unknown): Partial<Detection> {
  for (const [key, given] of Object.entries(value ?? {})) {
    const check = checks[key as keyof Detection];
    if (!check)
      throw new SaywhyError(
        'invalid-detection',
        `\`detection\` has no "${key}".${nearest(key, Object.keys(checks)).map((name) => ` Did you mean "${name}"?`)[0] ?? ''} It has: ${Object.keys(checks).join(', ')}.`,
      );
    if (!check(given))
      throw new SaywhyError('invalid-detection', `\`detection.${key}\` cannot be ${JSON.stringify(given)}.`);
  }
  return value as Partial<Detection>;
}
