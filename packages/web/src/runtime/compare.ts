// WebGPU has computed wrong numbers without a word, on some machines and, in some of onnxruntime's kernels, on all: before it is trusted with a part of a
// model, that part runs once on both.
import { isFloating, type Model, parseModel, requiredInputs, type Value } from '@saywhy/autodiff';
import { fromFloats, type ModelBytes, SaywhyError, type Session, type Tensor, toFloats } from '@saywhy/core';

/**
 * Above this, the copy for wasm and its run would cost more than they tell. ResNet-50 is 98 MB, ViT-B 340.
 */
export const COMPARED_BYTES = 128e6;

/**
 * Relative L2 distances from which numbers are wrong rather than rounded. What is computed forward stays within 1e-3 on a GPU (float16: 1e-2). A gradient may
 * differ more where a unit lies within rounding of a kink and passes its whole gradient or none; wrong kernels were off by 0.2 to 1.6.
 */
const TOLERANCE = { forward: { float32: 1e-2, float16: 5e-2 }, gradient: { float32: 0.1, float16: 0.2 } };

/** Of these, two runs never agree. */
const random = /^(Random|Bernoulli|Multinomial)/;

/** The root of the mean square below which numbers are rounding alone. */
const NOTHING = 1e-6;

/** Pixels a side, where the model leaves it open: the second where the first is too small for it. */
const SIDES = [64, 224];

export type OpenOn = (device: 'webgpu' | 'wasm') => Promise<Session>;

export interface Compared {
  /** On WebGPU, and warm. */
  readonly session: Session;
  /** Why some of its numbers were not compared, as the end of a sentence. */
  readonly unchecked?: string | undefined;
}

/**
 * Runs a part of the model on noise, on WebGPU and on wasm, and compares every floating-point output.
 * @throws SaywhyError `device-unavailable` where they differ
 */
export async function openCompared(model: ModelBytes, open: OpenOn): Promise<Compared> {
  const part = parseModel(model);
  const session = await open('webgpu');
  try {
    const reference = await runOnWasm(part, open);
    if (typeof reference === 'string') return { session, unchecked: reference };
    return { session, unchecked: await compare(part, await session.run(reference.feeds), reference.results) };
  } catch (error) {
    await session.release();
    throw error;
  }
}

type Results = Readonly<Record<string, Tensor>>;

/** What wasm says, or why it says nothing. */
async function runOnWasm(
  part: Model,
  open: OpenOn,
): Promise<{ feeds: Record<string, Tensor>; results: Results } | string> {
  const { nodes } = part.graph;
  const chance = nodes.find(({ opType }) => random.test(opType));
  if (chance) return `two runs of ${chance.opType} never agree`;
  let reason: unknown;
  let session: Session | undefined;
  try {
    session = await open('wasm');
    for (const side of SIDES)
      try {
        const feeds = Object.fromEntries(requiredInputs(part.graph).map((input) => [input.name, noise(input, side)]));
        return { feeds, results: await session.run(feeds) };
      } catch (error) {
        reason = error;
      }
  } catch (error) {
    reason = error;
  } finally {
    await session?.release();
  }
  return `wasm cannot run it on noise (${reason instanceof Error ? reason.message.replace(/\.$/, '') : reason})`;
}

/** @returns what could not be compared */
async function compare({ graph }: Model, found: Results, expected: Results): Promise<string | undefined> {
  let unchecked: string | undefined;
  try {
    for (const { name, type } of graph.outputs) {
      if (type !== 'float32' && type !== 'float16') continue;
      const { error, skipped, of } = await distance(found[name]!, expected[name]!);
      if (skipped > 0) unchecked ??= `noise leads to no finite numbers in ${skipped} of ${of} places of "${name}"`;
      const kind = name.includes('gradient/') ? 'gradient' : 'forward';
      if (error <= TOLERANCE[kind][type]) continue;
      const by = Number.isFinite(error)
        ? `differs from wasm's by ${(100 * error).toPrecision(2)} %`
        : 'is not a number';
      throw new SaywhyError(
        'device-unavailable',
        `WebGPU computes wrong numbers here: "${name}" of this model ${by}. Use { device: 'wasm' }; a newer browser or graphics driver may help.`,
      );
    }
  } finally {
    for (const tensor of Object.values(found)) tensor.dispose();
  }
  return unchecked;
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

/** Relative L2 distance over what noise leads to finite numbers; NaN where only the first has none there. */
async function distance(found: Tensor, expected: Tensor): Promise<{ error: number; skipped: number; of: number }> {
  const [a, b] = await Promise.all([toFloats(found), toFloats(expected)]);
  let [difference, norm, skipped] = [0, 0, 0];
  for (let i = 0; i < b.length; i++) {
    if (!Number.isFinite(b[i])) {
      skipped++;
      continue;
    }
    difference += (a[i]! - b[i]!) ** 2;
    norm += b[i]! ** 2;
  }
  const smallest = NOTHING * Math.sqrt(b.length - skipped);
  const error = difference === 0 ? 0 : Math.sqrt(difference) / Math.max(Math.sqrt(norm), smallest);
  return { error, skipped, of: b.length };
}
