// Golden numbers as scripts/golden.py writes them.
import { readFileSync } from 'node:fs';

export const fixtures = new URL('../fixtures/', import.meta.url);

/** All elements of an array, or, with `indices` and the `norm` of the whole, a sample of them. */
export interface GoldenArray {
  readonly shape: readonly number[];
  readonly data: string;
  readonly indices?: string;
  readonly norm?: number;
}

export function readGolden<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(file, fixtures), 'utf8')) as T;
}

export function floatsOf(array: GoldenArray): Float32Array {
  return new Float32Array(bytes(array.data));
}

/** Relative L2 distance to a golden array; of a sample, to the norm that so large a part of the whole is expected to have. */
export function distance(actual: ArrayLike<number>, golden: GoldenArray): number {
  const expected = floatsOf(golden);
  const indices = golden.indices && new Int32Array(bytes(golden.indices));
  const differences = expected.map((value, index) => actual[indices ? indices[index]! : index]! - value);
  const size = golden.shape.reduce((product, length) => product * length, 1);
  const norm = golden.norm === undefined ? Math.hypot(...expected) : golden.norm * Math.sqrt(expected.length / size);
  return Math.hypot(...differences) / norm;
}

/** Relative L2 distance between two arrays; infinite where their lengths differ. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let norm = 0;
  for (let index = 0; index < expected.length; index++) {
    difference += (actual[index]! - expected[index]!) ** 2;
    norm += expected[index]! ** 2;
  }
  return Math.sqrt(difference) / Math.max(Math.sqrt(norm), 1e-12);
}

function bytes(base64: string): ArrayBuffer {
  return new Uint8Array(Buffer.from(base64, 'base64')).buffer;
}
