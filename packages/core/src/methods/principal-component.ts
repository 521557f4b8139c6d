// Loaded when it is first asked for.
import type { Floats } from './method.js';
import { cellsOf } from './weighted-sum.js';

const MOST_STEPS = 500;
const TOLERANCE = 1e-10;

/** Projections of the places of [C, ...space] on their first principal component, channels centred. Its sign is arbitrary. */
export function principalComponent(activations: Floats): Float32Array {
  return firstComponent(centre(activations));
}

/** [C, cells] with the mean of each channel taken off. */
function centre(activations: Floats): { rows: Float64Array; channels: number; cells: number } {
  const cells = cellsOf(activations);
  const channels = activations.shape[0]!;
  const rows = Float64Array.from(activations.data);
  for (let c = 0; c < channels; c++) {
    const row = rows.subarray(c * cells, (c + 1) * cells);
    const mean = row.reduce((sum, value) => sum + value, 0) / cells;
    for (let i = 0; i < cells; i++) row[i]! -= mean;
  }
  return { rows, channels, cells };
}

/** Projections of the places on the first principal component, by power iteration that never forms a Gram matrix. */
function firstComponent({ rows, channels, cells }: ReturnType<typeof centre>): Float32Array {
  let places = start(rows, channels, cells);
  let size = 0;
  for (let step = 0; step < MOST_STEPS; step++) {
    const direction = new Float64Array(channels);
    for (let c = 0, from = 0; c < channels; c++) {
      let sum = 0;
      for (let i = 0; i < cells; i++) sum += rows[from++]! * places[i]!;
      direction[c] = sum;
    }
    const norm = Math.sqrt(direction.reduce((sum, value) => sum + value * value, 0));
    if (norm === 0) return new Float32Array(cells);
    const next = new Float64Array(cells);
    for (let c = 0, from = 0; c < channels; c++) {
      const weight = direction[c]! / norm;
      for (let i = 0; i < cells; i++) next[i]! += weight * rows[from++]!;
    }
    const length = Math.sqrt(next.reduce((sum, value) => sum + value * value, 0));
    const change = next.reduce((sum, value, i) => sum + (value / length - places[i]! / (size || 1)) ** 2, 0);
    places = next;
    size = length;
    if (change < TOLERANCE * TOLERANCE) break;
  }
  return Float32Array.from(places);
}

/** The channel with the largest variance: never orthogonal to the first component in all its entries. */
function start(rows: Float64Array, channels: number, cells: number): Float64Array {
  let best = 0;
  let at = 0;
  for (let c = 0; c < channels; c++) {
    const power = rows.subarray(c * cells, (c + 1) * cells).reduce((sum, value) => sum + value * value, 0);
    if (power > best) [best, at] = [power, c];
  }
  return rows.slice(at * cells, (at + 1) * cells);
}
