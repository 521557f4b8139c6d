// Noisy linear imputation: Rong et al., A Consistent and Efficient Evaluation Strategy for Attribution Methods, 2022, https://arxiv.org/abs/2202.00449
//
// Each removed pixel is to be the weighted mean of its eight neighbours, removed ones too: a system as large as what was removed, symmetric and positive
// definite, so that conjugate gradients solve it. What is removed hangs together over large parts of a picture, where they would need many steps from a bad
// start: they start from the means of ever coarser pictures.
import type { Floats } from '../methods/method.js';

/** A sixth for neighbours beside and below, a twelfth for those at the corners. */
const neighbours = [-1, 0, 1].flatMap((y) =>
  [-1, 0, 1].flatMap((x) => (x === 0 && y === 0 ? [] : [{ x, y, weight: x === 0 || y === 0 ? 1 / 6 : 1 / 12 }])),
);

/** Of the right-hand side's norm: far below the noise that is added. */
const ACCURACY = 1e-5;

/**
 * Fills removed places of [C, H, W] by linear imputation, without noise.
 * @param removed 1 where a place is removed; one place at least stays
 */
export function imputed({ data, shape }: Floats, removed: Uint8Array): Float32Array {
  const [channels, height, width] = shape as [number, number, number];
  const cells = height * width;
  const system = systemOf(removed, height, width);
  const out = data.slice();
  for (let c = 0; c < channels; c++) {
    const channel = out.subarray(c * cells, (c + 1) * cells);
    solve(system, channel, coarseFill(channel, removed, height, width));
  }
  return out;
}

interface System {
  /** The cells that are sought. */
  readonly cells: Uint32Array;
  /** For each of them up to 8 neighbours: cells, weights, and how many. */
  readonly around: Uint32Array;
  readonly weights: Float64Array;
  readonly counts: Uint8Array;
  /** The sum of the weights of the neighbours that there are. */
  readonly diagonal: Float64Array;
}

function systemOf(removed: Uint8Array, height: number, width: number): System {
  const cells = new Uint32Array(removed.reduce((sum, one) => sum + one, 0));
  for (let i = 0, k = 0; i < removed.length; i++) if (removed[i]) cells[k++] = i;
  const around = new Uint32Array(cells.length * 8);
  const weights = new Float64Array(cells.length * 8);
  const counts = new Uint8Array(cells.length);
  const diagonal = new Float64Array(cells.length);
  cells.forEach((cell, k) => {
    const [u, v] = [cell % width, Math.floor(cell / width)];
    for (const { x, y, weight } of neighbours) {
      if (u + x < 0 || u + x >= width || v + y < 0 || v + y >= height) continue;
      const at = k * 8 + counts[k]!++;
      around[at] = cell + y * width + x;
      weights[at] = weight;
      diagonal[k]! += weight;
    }
  });
  return { cells, around, weights, counts, diagonal };
}

/** Conjugate gradients, each unknown scaled by its diagonal. `values` holds what is known and gets what is sought. */
function solve(system: System, values: Float32Array, start: Float64Array): void {
  const { cells, diagonal } = system;
  const n = cells.length;
  // With what is known in its place, the residual of the whole field is that of the system.
  const field = Float64Array.from(values);
  for (const cell of cells) field[cell] = 0;
  const known = norm(residualOf(system, field));
  for (const cell of cells) field[cell] = start[cell]!;
  const residual = residualOf(system, field);
  const scaled = residual.map((value, k) => value / diagonal[k]!);
  /** 0 where values are known, so that those stay. */
  const direction = new Float64Array(values.length);
  for (let k = 0; k < n; k++) direction[cells[k]!] = scaled[k]!;
  let size = residual.reduce((sum, value, k) => sum + value * scaled[k]!, 0);
  for (let step = 0; step < n && norm(residual) > ACCURACY * known; step++) {
    const moved = residualOf(system, direction);
    let curvature = 0;
    for (let k = 0; k < n; k++) curvature -= direction[cells[k]!]! * moved[k]!;
    const length = size / curvature;
    let next = 0;
    for (let k = 0; k < n; k++) {
      field[cells[k]!]! += length * direction[cells[k]!]!;
      residual[k]! += length * moved[k]!;
      scaled[k] = residual[k]! / diagonal[k]!;
      next += residual[k]! * scaled[k]!;
    }
    const share = next / size;
    for (let k = 0; k < n; k++) direction[cells[k]!] = scaled[k]! + share * direction[cells[k]!]!;
    size = next;
  }
  for (const cell of cells) values[cell] = field[cell]!;
}

/** At each sought cell, how much the weighted sum of its neighbours exceeds it. */
function residualOf({ cells, around, weights, counts, diagonal }: System, field: Float64Array): Float64Array {
  const out = new Float64Array(cells.length);
  for (let k = 0; k < cells.length; k++) {
    let sum = -diagonal[k]! * field[cells[k]!]!;
    for (let at = k * 8, end = at + counts[k]!; at < end; at++) sum += weights[at]! * field[around[at]!]!;
    out[k] = sum;
  }
  return out;
}

function norm(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum);
}

/** Removed places by the mean of what is known in their square of 2, 4, 8, ... cells, of the smallest square that has any. */
function coarseFill(values: Float32Array, removed: Uint8Array, height: number, width: number): Float64Array {
  const sums = Float64Array.from(values, (value, i) => (removed[i] ? 0 : value));
  const counts = Float64Array.from(removed, (one) => 1 - one);
  return filled({ sums, counts, height, width });
}

interface Level {
  readonly sums: Float64Array;
  readonly counts: Float64Array;
  readonly height: number;
  readonly width: number;
}

function filled({ sums, counts, height, width }: Level): Float64Array {
  const half = { height: Math.ceil(height / 2), width: Math.ceil(width / 2) };
  const parent = (i: number) => Math.floor(Math.floor(i / width) / 2) * half.width + Math.floor((i % width) / 2);
  let coarse: Float64Array | undefined;
  if (counts.includes(0) && height * width > 1) {
    const below = {
      ...half,
      sums: new Float64Array(half.height * half.width),
      counts: new Float64Array(half.height * half.width),
    };
    for (let i = 0; i < sums.length; i++) {
      below.sums[parent(i)]! += sums[i]!;
      below.counts[parent(i)]! += counts[i]!;
    }
    coarse = filled(below);
  }
  return sums.map((sum, i) => (counts[i]! > 0 ? sum / counts[i]! : (coarse?.[parent(i)] ?? 0)));
}
