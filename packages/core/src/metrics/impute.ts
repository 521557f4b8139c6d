// Noisy linear imputation: Rong et al., A Consistent and Efficient Evaluation Strategy for Attribution Methods, 2022, https://arxiv.org/abs/2202.00449
//
// Each removed pixel is to be the weighted mean of its eight neighbours, removed ones too: one equation for each.
import type { Floats } from '../methods/method.js';
import { type Level, levelsOf, solve } from './multigrid.js';

/** A sixth for neighbours beside and below, a twelfth for those at the corners. */
const neighbours = [-1, 0, 1].flatMap((y) =>
  [-1, 0, 1].flatMap((x) => (x === 0 && y === 0 ? [] : [{ x, y, weight: x === 0 || y === 0 ? 1 / 6 : 1 / 12 }])),
);

/**
 * Fills removed places of [C, H, W] by linear imputation, without noise.
 * @param removed 1 where a place is removed; one place at least stays
 * @param accuracy of the solution, relative to what is known
 */
export function imputed({ data, shape }: Floats, removed: Uint8Array, accuracy?: number): Float32Array {
  const [channels, height, width] = shape as [number, number, number];
  const cells = height * width;
  const { level, places } = equations(removed, height, width);
  const levels = levelsOf(level);
  const out = data.slice();
  for (let c = 0; c < channels; c++) {
    const channel = out.subarray(c * cells, (c + 1) * cells);
    const right = Float64Array.from(places, (cell) => knownAround(channel, removed, cell, width));
    const solution = solve(levels, right, accuracy);
    places.forEach((cell, row) => {
      channel[cell] = solution[row]!;
    });
  }
  return out;
}

interface Equations {
  readonly level: Level;
  /** The cell of each row. */
  readonly places: Uint32Array;
}

function equations(removed: Uint8Array, height: number, width: number): Equations {
  const rows = new Int32Array(removed.length).fill(-1);
  let count = 0;
  for (let cell = 0; cell < removed.length; cell++) if (removed[cell]) rows[cell] = count++;
  const places = new Uint32Array(count);
  const level: Level = {
    x: new Uint16Array(count),
    y: new Uint16Array(count),
    diagonal: new Float64Array(count),
    around: new Uint32Array(count * 8),
    weights: new Float64Array(count * 8),
    counts: new Uint8Array(count),
  };
  for (let cell = 0; cell < removed.length; cell++) {
    const row = rows[cell]!;
    if (row < 0) continue;
    const [u, v] = [cell % width, Math.floor(cell / width)];
    places[row] = cell;
    level.x[row] = u;
    level.y[row] = v;
    for (const { x, y, weight } of neighbours) {
      if (u + x < 0 || u + x >= width || v + y < 0 || v + y >= height) continue;
      const other = cell + y * width + x;
      level.diagonal[row]! += weight;
      if (rows[other]! < 0) continue;
      const at = row * 8 + level.counts[row]!++;
      level.around[at] = rows[other]!;
      level.weights[at] = weight;
    }
  }
  return { level, places };
}

/** What the neighbours that were not removed contribute. */
function knownAround(values: Float32Array, removed: Uint8Array, cell: number, width: number): number {
  const [u, v] = [cell % width, Math.floor(cell / width)];
  const height = removed.length / width;
  let sum = 0;
  for (const { x, y, weight } of neighbours) {
    if (u + x < 0 || u + x >= width || v + y < 0 || v + y >= height) continue;
    const other = cell + y * width + x;
    if (!removed[other]) sum += weight * values[other]!;
  }
  return sum;
}
