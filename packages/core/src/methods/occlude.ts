// Covers a picture patch by patch, and tells what that does to the score.
import { SaywhyError } from '../errors.js';
import type { MethodContext } from './method.js';
import type { OcclusionOptions } from './occlusion.js';

export async function occlude({ input, value, run }: MethodContext, options: OcclusionOptions) {
  const [channels, ...space] = input.shape as [number, ...number[]];
  const size = positive('size', options.size ?? Math.max(1, Math.round(Math.max(...space) / 8)));
  const stride = positive('stride', options.stride ?? Math.max(1, Math.floor(size / 2)));
  const patches = positions(space, size, stride);
  const masks = patches.map((start) => cellsAt(space, start, size));
  const cells = space.reduce((product, n) => product * n, 1);
  const fill = options.fill ?? 0;
  const values = await run(masks.length, (index) => {
    const covered = input.data.slice();
    for (const cell of masks[index]!) for (let c = 0; c < channels; c++) covered[c * cells + cell] = fill;
    return covered;
  });
  const drops = new Float32Array(cells);
  const counts = new Uint32Array(cells);
  masks.forEach((mask, i) => {
    for (const cell of mask) {
      drops[cell]! += value - values[i]!;
      counts[cell]!++;
    }
  });
  return { data: drops.map((drop, cell) => drop / Math.max(1, counts[cell]!)), shape: space };
}

/** Where patches start along every axis: the last one reaches the border. */
function positions(space: readonly number[], size: number, stride: number): number[][] {
  return space.reduce<number[][]>(
    (starts, length) => {
      const last = Math.max(0, length - size);
      const along = Array.from({ length: Math.ceil(last / stride) + 1 }, (_, i) => Math.min(i * stride, last));
      return starts.flatMap((start) => along.map((position) => [...start, position]));
    },
    [[]],
  );
}

/** The cells of a patch, row by row. */
function cellsAt(space: readonly number[], start: readonly number[], size: number): number[] {
  return space.reduce<number[]>(
    (cells, length, axis) => {
      const from = start[axis]!;
      const count = Math.min(size, length - from);
      return cells.flatMap((cell) => Array.from({ length: count }, (_, i) => cell * length + from + i));
    },
    [0],
  );
}

function positive(name: string, value: number): number {
  if (Number.isInteger(value) && value > 0) return value;
  throw new SaywhyError('invalid-argument', `Occlusion's ${name} is a whole number of pixels from 1 on, not ${value}.`);
}
