/**
 * Resampling filters and their fixed-point weights, defined as PIL's `Image.resize` defines them, so that a picture
 * resized here equals PIL's to the last bit.
 */

/** Named as PIL names them; `bicubic` has a = -0.5 and `lanczos` three lobes. */
export type Filter = 'nearest' | 'box' | 'bilinear' | 'hamming' | 'bicubic' | 'lanczos';
export const filters: readonly Filter[] = ['nearest', 'box', 'bilinear', 'hamming', 'bicubic', 'lanczos'];

interface Kernel {
  /** Half the width on which the kernel is not zero, in source pixels when enlarging. */
  readonly support: number;
  readonly at: (x: number) => number;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI));
/** C's 0.54f and 0.46f: PIL's window is written with float constants. */
const hamming = [Math.fround(0.54), Math.fround(0.46)] as const;

const kernels: Record<Exclude<Filter, 'nearest'>, Kernel> = {
  box: { support: 0.5, at: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, at: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: {
    support: 1,
    at: (x) => (Math.abs(x) < 1 ? sinc(x) * (hamming[0] + hamming[1] * Math.cos(x * Math.PI)) : 0),
  },
  bicubic: {
    support: 2,
    at: (signed) => {
      const x = Math.abs(signed);
      if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0;
    },
  },
  lanczos: { support: 3, at: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

/** Fraction bits of the weights: an int32 holds 8 bits of pixel and 2 of overshoot besides. */
export const precisionBits = 32 - 8 - 2;

/** For each of `count` results: its first source index, how many follow, and their weights at `index * taps`. */
export interface AxisWeights {
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  readonly weights: Int32Array;
  readonly taps: number;
}

/**
 * The weights along one axis of `from` source pixels resized to `to`, for the results `first` to `first + count - 1`.
 * When the axis shrinks the kernel widens with it (antialiasing); weights that fall off an edge are shared by the rest.
 */
export function axisWeights(
  filter: Exclude<Filter, 'nearest'>,
  from: number,
  to: number,
  first: number,
  count: number,
): AxisWeights {
  const kernel = kernels[filter];
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  const support = kernel.support * stretch;
  const taps = Math.ceil(support) * 2 + 1;
  const starts = new Int32Array(count);
  const counts = new Int32Array(count);
  const weights = new Int32Array(count * taps);
  const real = new Float64Array(taps);
  for (let i = 0; i < count; i++) {
    const center = (first + i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - support + 0.5));
    const length = Math.min(from, Math.trunc(center + support + 0.5)) - start;
    let sum = 0;
    for (let j = 0; j < length; j++) {
      real[j] = kernel.at((j + start - center + 0.5) * (1 / stretch));
      sum += real[j]!;
    }
    for (let j = 0; j < length; j++) {
      const weight = (sum === 0 ? real[j]! : real[j]! / sum) * (1 << precisionBits);
      weights[i * taps + j] = Math.trunc(weight < 0 ? weight - 0.5 : weight + 0.5);
    }
    starts[i] = start;
    counts[i] = length;
  }
  return { starts, counts, weights, taps };
}

/** The source index of each result of a nearest-neighbour resize. The position is summed up step by step, as PIL does. */
export function nearestIndices(from: number, to: number, first: number, count: number): Int32Array {
  const scale = from / to;
  const indices = new Int32Array(count);
  let position = scale * 0.5;
  for (let i = 0; i < first + count; i++, position += scale) {
    if (i >= first) indices[i - first] = Math.min(from - 1, Math.trunc(position));
  }
  return indices;
}
