import { SaywhyError } from '../../errors.js';
import type { Target } from '../../types.js';
import { requireKind } from './kind.js';
import type { TermKind } from './term.js';

/** The cosine of the angle to a vector: that of another picture was computed before. */
export const similarTo: TermKind<Extract<Target, { readonly similarTo: unknown }>> = {
  terms: ({ similarTo: other }, { scores }) => {
    requireKind(scores, 'embedding', 'similarTo');
    const vector =
      ArrayBuffer.isView(other) || Array.isArray(other) ? Float64Array.from(other as readonly number[]) : undefined;
    const length = vector && norm(vector);
    if (!vector || vector.length !== scores.data.length || !length || !Number.isFinite(length))
      throw new SaywhyError(
        'invalid-target',
        `\`similarTo\` is a picture, or a vector of ${scores.data.length} numbers that are not all 0${vector ? `; this one has ${vector.length}` : ''}.`,
      );
    const unit = vector.map((x) => x / length);
    return [
      {
        text: 'similar',
        value: ({ data }) => dot(data, unit) / norm(data),
        cotangent: ({ data }) => {
          const size = norm(data);
          const cosine = dot(data, unit) / size;
          return data.map((x, i) => (unit[i]! - (cosine * x) / size) / size);
        },
      },
    ];
  },
};

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

const norm = (a: ArrayLike<number>): number => Math.sqrt(dot(a, a));
