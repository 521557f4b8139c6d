// Insertion and deletion: the strongest places first, a share of them at a time.
import type { Floats } from '../methods/method.js';
import type { MetricContext } from './metric.js';
import { strongestFirst } from './order.js';

/** Steps from none of the places to all of them. */
export const STEPS = 16;

/** Copies of `from`, step i of which has what `to` has in the first i-th share of the places. */
export function exchanged(from: Floats, to: Float32Array, places: Uint32Array, steps: number) {
  const cells = places.length;
  const channels = from.data.length / cells;
  return (step: number): Float32Array => {
    const count = Math.round((step / steps) * cells);
    const changed = from.data.slice();
    for (let i = 0; i < count; i++)
      for (let c = 0, at = places[i]!; c < channels; c++, at += cells) changed[at] = to[at]!;
    return changed;
  };
}

/** The area under a curve of equal steps from 0 to 1, by the trapezoidal rule. */
export function areaUnder(curve: readonly number[]): number {
  const inner = curve.reduce((sum, value) => sum + value, 0);
  return (inner - (curve[0]! + curve.at(-1)!) / 2) / (curve.length - 1);
}

/** The probabilities on the way from one input to another, and the area under them. */
export async function walk({ map, probabilities, seed }: MetricContext, from: Floats, to: Float32Array) {
  const make = exchanged(from, to, strongestFirst(map.data, seed), STEPS);
  const curve = await probabilities(STEPS + 1, make);
  return { value: areaUnder(curve), curve };
}
