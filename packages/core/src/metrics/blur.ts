import type { Floats } from '../methods/method.js';

/** RISE blurs 224 pixels with a Gaussian of sigma 5, cut at 5 pixels. */
const SHARE = 5 / 224;

/** Each channel of [C, H, W] blurred as RISE's insertion begins, the border's values kept beyond it. */
export function blurred({ data, shape }: Floats): Float32Array {
  const [, height, width] = shape as [number, number, number];
  const radius = Math.max(1, Math.round(SHARE * Math.max(height, width)));
  const weights = Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-0.5 * ((i - radius) / radius) ** 2));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const kernel = weights.map((weight) => weight / total);
  return along(along(data, width, 1, kernel), height, width, kernel);
}

/** Convolves along the axis of a length whose neighbours lie `step` apart. */
function along(data: Float32Array, length: number, step: number, kernel: readonly number[]): Float32Array {
  const radius = (kernel.length - 1) / 2;
  const out = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const position = Math.floor(i / step) % length;
    let sum = 0;
    for (let k = -radius; k <= radius; k++) {
      const neighbour = Math.min(length - 1, Math.max(0, position + k));
      sum += kernel[k + radius]! * data[i + (neighbour - position) * step]!;
    }
    out[i] = sum;
  }
  return out;
}
