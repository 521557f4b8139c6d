// WebGPU has computed wrong numbers on some machines, without a word: before it is trusted with a model, that model runs once on both.
import { isFloating, type Model, parseModel, requiredInputs, type Value } from '@saywhy/autodiff';
import { fromFloats, type ModelBytes, SaywhyError, type Session, type Tensor, toFloats } from '@saywhy/core';

/**
 * Above this, the copy for wasm and its run would cost more than they tell. ResNet-50 is 98 MB, ViT-B 340.
 */
export const COMPARED_BYTES = 128e6;

/** Relative L2 distance from which numbers are wrong rather than rounded: float32 on a GPU stays below 1e-3, float16 below 1e-2. */
const TOLERANCE = { float32: 1e-2, float16: 5e-2 };

/** Pixels a side, where the model leaves it open: the second where the first is too small for it. */
const SIDES = [64, 224];

export type OpenOn = (device: 'webgpu' | 'wasm') => Promise<Session>;

/**
 * Runs a part of the model on noise, on WebGPU and on wasm, and compares every floating-point output: scores, and what the backward part is fed.
 * @returns the session on WebGPU, warm
 * @throws SaywhyError `device-unavailable` where they differ
 */
export async function openCompared(model: ModelBytes, open: OpenOn): Promise<Session> {
  const session = await open('webgpu');
  try {
    const part = parseModel(model);
    const { feeds, expected } = await reference(part, await open('wasm'));
    if (!expected) return session;
    const found = await session.run(feeds);
    for (const { name, type } of part.graph.outputs) {
      if (type !== 'float32' && type !== 'float16') continue;
      const error = await distance(found[name]!, expected[name]!);
      if (error <= TOLERANCE[type]) continue;
      const by = Number.isFinite(error) ? `by ${(100 * error).toPrecision(2)} %` : 'and are not numbers';
      throw new SaywhyError(
        'device-unavailable',
        `WebGPU computes wrong numbers on this machine: "${name}" of this model differ from wasm's ${by}. Use { device: 'wasm' }; a newer browser or graphics driver may help.`,
      );
    }
    for (const tensor of Object.values(found)) tensor.dispose();
    return session;
  } catch (error) {
    await session.release();
    throw error;
  }
}

/** What wasm says; nothing where the model cannot be fed without knowing more of it. */
async function reference(part: Model, session: Session) {
  try {
    for (const side of SIDES) {
      const feeds = Object.fromEntries(requiredInputs(part.graph).map((input) => [input.name, noise(input, side)]));
      try {
        const expected = await session.run(feeds);
        return { feeds, expected };
      } catch {
        // Another size may do; if none does, the picture's own will tell.
      }
    }
    return { feeds: {}, expected: undefined };
  } finally {
    await session.release();
  }
}

/** Seeded numbers from -1 to 1; of an integer input, zeros, which are valid indices too. */
function noise({ type, shape = [] }: Value, side: number): Tensor {
  const dims = shape.map((size, axis) => (typeof size === 'number' ? size : axis === 0 ? 1 : side));
  const count = dims.reduce((product, size) => product * size, 1);
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  return fromFloats(Float32Array.from({ length: count }, isFloating(type) ? next : () => 0), type, dims);
}

/** Relative L2 distance; NaN where either is no number. */
async function distance(found: Tensor, expected: Tensor): Promise<number> {
  const [a, b] = await Promise.all([toFloats(found), toFloats(expected)]);
  let [difference, norm] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    norm += b[i]! ** 2;
  }
  return difference === 0 ? 0 : Math.sqrt(difference / norm);
}
