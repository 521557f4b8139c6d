// What most CAM methods end in.
import { countOf } from '../tensors/numbers.js';
import type { Floats } from './method.js';

/** Cells of one channel. */
export function cellsOf({ shape }: Floats): number {
  return countOf(shape.slice(1));
}

/** relu(sum over channels of weight * activation): [C, ...space] to [...space]. */
export function weightedSum(activations: Floats, weights: ArrayLike<number>): Floats {
  const { data, shape } = activations;
  const cells = cellsOf(activations);
  const map = new Float64Array(cells);
  const channels = shape[0]!;
  const whole = channels - (channels % 4);
  // Four channels a pass: the sum is loaded and stored a quarter as often.
  for (let c = 0; c < whole; c += 4) {
    const [p, q, r, s] = [weights[c]!, weights[c + 1]!, weights[c + 2]!, weights[c + 3]!];
    const from = c * cells;
    for (let i = 0, a = from, b = a + cells, d = b + cells, e = d + cells; i < cells; i++, a++, b++, d++, e++)
      map[i]! += p * data[a]! + q * data[b]! + r * data[d]! + s * data[e]!;
  }
  for (let c = whole; c < channels; c++)
    for (let i = 0, from = c * cells; i < cells; i++, from++) map[i]! += weights[c]! * data[from]!;
  return relu(map, shape);
}

/** The mean of each channel. */
export function channelMeans({ data, shape }: Floats): Float64Array {
  const channels = shape[0]!;
  const cells = data.length / channels;
  const means = new Float64Array(channels);
  for (let c = 0, from = 0; c < channels; c++) {
    // Two sums, since each addition waits for the one before.
    let even = 0;
    let odd = 0;
    const end = from + cells;
    for (; from + 1 < end; from += 2) {
      even += data[from]!;
      odd += data[from + 1]!;
    }
    if (from < end) even += data[from++]!;
    means[c] = (even + odd) / cells;
  }
  return means;
}

/** relu(sum over channels of f(activation, gradient)): [C, ...space] to [...space]. */
export function elementwiseSum(activations: Floats, gradients: Floats, f: (a: number, g: number) => number): Floats {
  const { data, shape } = activations;
  const cells = cellsOf(activations);
  const map = new Float64Array(cells);
  for (let from = 0; from < data.length; )
    for (let i = 0; i < cells; i++, from++) map[i]! += f(data[from]!, gradients.data[from]!);
  return relu(map, shape);
}

/** One number for each channel, from its activations and gradients in turn. */
export function channelWeights(
  activations: Floats,
  gradients: Floats,
  weight: (a: Float32Array, g: Float32Array) => number,
): Float64Array {
  const cells = cellsOf(activations);
  return Float64Array.from({ length: activations.shape[0]! }, (_, c) =>
    weight(activations.data.subarray(c * cells, (c + 1) * cells), gradients.data.subarray(c * cells, (c + 1) * cells)),
  );
}

function relu(map: Float64Array, shape: readonly number[]): Floats {
  return { data: Float32Array.from(map, (value) => Math.max(value, 0)), shape: shape.slice(1) };
}
