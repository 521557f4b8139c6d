// Conjugate gradients with a multigrid cycle as preconditioner, for cells of a grid that depend on their neighbours. What is sought hangs together over large parts of
// a picture, where plain iterations take hundreds of steps to carry a value across; on coarser grids the way is short. Two by two cells become one of the next
// coarser grid (aggregation: Braess, Towards algebraic multigrid for elliptic problems of second order, 1995), whose cells have eight neighbours again.

/** diagonal[i] x[i] - sum of weights x[around] = right-hand side; symmetric. */
export interface Level {
  /** Where each cell lies. */
  readonly x: Uint16Array;
  readonly y: Uint16Array;
  readonly diagonal: Float64Array;
  /** Up to eight neighbours of each: cells, weights, and how many. */
  readonly around: Uint32Array;
  readonly weights: Float64Array;
  readonly counts: Uint8Array;
  /** The cell of the next coarser level that each belongs to; absent at the coarsest. */
  parents?: Uint32Array;
}

/** From fine to coarse, until few cells are left. */
const FEW = 6;

/** Coarse corrections of aggregates fall short by about this factor. */
const STRETCH = 1.7;

/** Of the right-hand side's norm: values of size 1 are then right to 0.003, below the noise of 0.01 that is added. */
const ACCURACY = 5e-4;

export function levelsOf(fine: Level): Level[] {
  const levels = [fine];
  for (let level = fine; level.diagonal.length > FEW; ) {
    const coarse = coarser(level);
    if (coarse.diagonal.length === level.diagonal.length) break;
    levels.push(coarse);
    level = coarse;
  }
  return levels;
}

function coarser(fine: Level): Level {
  const count = fine.diagonal.length;
  const parents = new Uint32Array(count);
  const found = new Map<number, number>();
  for (let i = 0; i < count; i++) {
    const key = (fine.y[i]! >> 1) * 65536 + (fine.x[i]! >> 1);
    const parent = found.get(key) ?? found.size;
    found.set(key, parent);
    parents[i] = parent;
  }
  const size = found.size;
  const level: Level = {
    x: new Uint16Array(size),
    y: new Uint16Array(size),
    diagonal: new Float64Array(size),
    around: new Uint32Array(size * 8),
    weights: new Float64Array(size * 8),
    counts: new Uint8Array(size),
  };
  for (let i = 0; i < count; i++) {
    const parent = parents[i]!;
    level.x[parent] = fine.x[i]! >> 1;
    level.y[parent] = fine.y[i]! >> 1;
    level.diagonal[parent]! += fine.diagonal[i]!;
    for (let at = i * 8, end = at + fine.counts[i]!; at < end; at++) {
      const other = parents[fine.around[at]!]!;
      if (other === parent) level.diagonal[parent]! -= fine.weights[at]!;
      else connect(level, parent, other, fine.weights[at]!);
    }
  }
  fine.parents = parents;
  return level;
}

function connect({ around, weights, counts }: Level, cell: number, other: number, weight: number): void {
  let at = cell * 8;
  const end = at + counts[cell]!;
  while (at < end && around[at] !== other) at++;
  if (at === end) {
    around[at] = other;
    counts[cell]!++;
  }
  weights[at]! += weight;
}

/** Conjugate gradients on the first of the levels. */
export function solve(levels: readonly Level[], right: Float64Array, accuracy = ACCURACY): Float64Array {
  const [level] = levels as [Level];
  const n = right.length;
  const solution = new Float64Array(n);
  const residual = right.slice();
  const limit = accuracy * Math.sqrt(dot(right, right));
  let direction = new Float64Array(n);
  let size = 1;
  for (let step = 0; step < n && Math.sqrt(dot(residual, residual)) > limit; step++) {
    const better = cycle(levels, 0, residual);
    const next = dot(residual, better);
    const share = step === 0 ? 0 : next / size;
    direction = better.map((value, i) => value + share * direction[i]!);
    size = next;
    const moved = new Float64Array(n);
    for (let i = 0; i < n; i++) moved[i] = level.diagonal[i]! * direction[i]! - aroundSum(level, direction, i);
    const length = size / dot(direction, moved);
    for (let i = 0; i < n; i++) {
      solution[i]! += length * direction[i]!;
      residual[i]! -= length * moved[i]!;
    }
  }
  return solution;
}

/** An approximate solution: one sweep forward, the coarser level's correction, one sweep backward. */
function cycle(levels: readonly Level[], depth: number, right: Float64Array): Float64Array {
  const level = levels[depth]!;
  const coarse = levels[depth + 1];
  const n = right.length;
  const values = new Float64Array(n);
  const sweeps = coarse ? 1 : 10;
  for (let sweep = 0; sweep < sweeps; sweep++) for (let i = 0; i < n; i++) relax(level, values, right, i);
  if (coarse) {
    const rest = new Float64Array(coarse.diagonal.length);
    for (let i = 0; i < n; i++)
      rest[level.parents![i]!]! += right[i]! - level.diagonal[i]! * values[i]! + aroundSum(level, values, i);
    const correction = cycle(levels, depth + 1, rest);
    for (let i = 0; i < n; i++) values[i]! += STRETCH * correction[level.parents![i]!]!;
  }
  for (let sweep = 0; sweep < sweeps; sweep++) for (let i = n - 1; i >= 0; i--) relax(level, values, right, i);
  return values;
}

/** Gauss and Seidel's step. */
function relax(level: Level, values: Float64Array, right: Float64Array, i: number): void {
  values[i] = (right[i]! + aroundSum(level, values, i)) / level.diagonal[i]!;
}

function aroundSum({ around, weights, counts }: Level, values: Float64Array, i: number): number {
  let sum = 0;
  for (let at = i * 8, end = at + counts[i]!; at < end; at++) sum += weights[at]! * values[around[at]!]!;
  return sum;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
