// Parts of a map that hang together.
import type { Floats } from '../methods/method.js';
import type { Mask } from './mask.js';

/** The cells of at least a share of the map's maximum; none of a map of zeros. */
export function above({ data, shape }: Floats, share: number): Mask {
  let maximum = 0;
  for (const value of data) if (value > maximum) maximum = value;
  const threshold = share * maximum;
  return { data: Uint8Array.from(data, (value) => Number(maximum > 0 && value >= threshold)), shape: [...shape] };
}

/** The part of a mask with the most cells that touch each other, at corners too; of equal ones the first. */
export function largestSegment({ data, shape }: Mask): Mask {
  const [height, width] = shape as [number, number];
  const seen = Uint8Array.from(data, (value) => 1 - value);
  let largest: number[] = [];
  for (let start = 0; start < data.length; start++) {
    if (seen[start]) continue;
    seen[start] = 1;
    const segment = [start];
    for (let next = 0; next < segment.length; next++) {
      const [x, y] = [segment[next]! % width, Math.floor(segment[next]! / width)];
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++)
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
          const cell = v * width + u;
          if (seen[cell]) continue;
          seen[cell] = 1;
          segment.push(cell);
        }
    }
    if (segment.length > largest.length) largest = segment;
  }
  const result = new Uint8Array(data.length);
  for (const cell of largest) result[cell] = 1;
  return { data: result, shape: [...shape] };
}

/** Intersection over union of two masks; 0 where both are empty. */
export function overlap(a: Mask, b: Mask): number {
  let [both, either] = [0, 0];
  for (let i = 0; i < a.data.length; i++) {
    both += a.data[i]! & b.data[i]!;
    either += a.data[i]! | b.data[i]!;
  }
  return either > 0 ? both / either : 0;
}
