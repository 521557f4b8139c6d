// Half precision: gradients underflow, so the cotangent is fed times a power of two, and the gradients are divided by it in float32.
import { allFinite } from '../tensors/numbers.js';

/** What a run with a scaled cotangent gives, one array for each gradient. */
type Run = (scale: number) => Promise<Float32Array[]>;

const FIRST_SCALE = 2 ** 10;
const SMALLEST_SCALE = 2 ** -14;

/** Runs with the largest scale that does not overflow. */
export async function runScaled(run: Run): Promise<Float32Array[]> {
  for (let scale = FIRST_SCALE; ; scale /= 2 ** 6) {
    const gradients = await run(scale);
    if (scale > SMALLEST_SCALE && !gradients.every(allFinite)) continue;
    return gradients.map((gradient) => gradient.map((value) => value / scale));
  }
}
