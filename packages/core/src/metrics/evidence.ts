import type { Floats } from '../methods/method.js';
import { countOf } from '../tensors/numbers.js';
import type { ExplanationMap } from '../types.js';

/**
 * A map as metrics read it: [H, W] at the size of the model's input, from 0 to 1. A CAM as it is shown; of a map with a sign the positive part, which speaks for
 * the target; of a gradient [C, H, W] the largest magnitude over the channels, from 0 to its maximum: not cut at the 99th percentile as it is when shown, since
 * that would take away the order of the strongest places.
 */
export function evidence(map: ExplanationMap): Floats {
  const { data, shape } = signedEvidence(map);
  return map.signed ? { data: data.map((value) => Math.max(0, value)), shape } : { data, shape };
}

/** The same with its sign, of methods whose map has one: from -1 to 1. */
export function signedEvidence({ raw, data, shape }: ExplanationMap): Floats {
  if (raw.shape.length !== shape.length + 1) return { data, shape };
  const cells = countOf(shape);
  const largest = new Float32Array(cells);
  let maximum = 0;
  for (let from = 0; from < raw.data.length; )
    for (let i = 0; i < cells; i++, from++) {
      const size = Math.abs(raw.data[from]!);
      if (size > largest[i]!) largest[i] = size;
      if (size > maximum) maximum = size;
    }
  return { data: maximum > 0 ? largest.map((value) => value / maximum) : largest, shape };
}
