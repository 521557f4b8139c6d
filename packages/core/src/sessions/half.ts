// Half precision: gradients underflow, so the cotangent is fed times a power of two, and the gradients are divided by it in float32.
import { allFinite } from '../tensors/numbers.js';

/** Binary exponents of the largest number in the cotangent as it is fed: the first is tried, and smaller ones while a gradient overflows. */
const FIRST_EXPONENT = 10;
const LAST_EXPONENT = -14;
const STEP = 6;

/**
 * Runs with the largest scale that does not overflow.
 * @param run gives one array for each gradient, for a cotangent times `scale`
 */
export async function runScaled(
  cotangent: Float32Array,
  run: (scale: number) => Promise<Float32Array[]>,
): Promise<Float32Array[]> {
  const largest = cotangent.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  if (largest === 0) return run(1);
  const own = Math.floor(Math.log2(largest));
  for (let exponent = FIRST_EXPONENT; ; exponent -= STEP) {
    const scale = 2 ** (exponent - own);
    const gradients = await run(scale);
    if (exponent > LAST_EXPONENT && !gradients.every(allFinite)) continue;
    return gradients.map((gradient) => gradient.map((value) => value / scale));
  }
}
