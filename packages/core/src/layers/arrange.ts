// From a layer's tensor as the model has it to [C, ...space]: without batch, class tokens and registers.
import { SaywhyError } from '../errors.js';
import type { Floats } from '../methods/method.js';
import { countOf } from '../tensors/numbers.js';
import type { FeatureLayout } from '../types.js';

/** Class tokens and registers stand before the patches; more than this is no token model. */
const MOST_EXTRA_TOKENS = 32;

/**
 * @param grid the patches' rows and columns, where they are known; otherwise they form a square.
 * @param candidates how many tokens stand behind the patches where there are that many more: those of a detector that appends them
 * @throws SaywhyError `not-a-grid` for tokens that form none; `batch` for more than one picture
 */
export function arrange(
  tensor: Floats,
  layout: FeatureLayout,
  grid: readonly number[] | undefined,
  name: string,
  candidates = 0,
): Floats {
  const { data, shape } = tensor;
  if (shape[0] !== 1)
    throw new SaywhyError('batch', `"${name}" came back as [${shape}] for one picture; its first axis should be 1.`);
  if (layout === 'channels-first') return { data, shape: shape.slice(1) };
  const channels = shape.at(-1)!;
  if (layout === 'channels-last') return transpose(data, 0, channels, shape.slice(1, -1));
  const behind = grid && shape[1]! - countOf(grid) >= candidates ? candidates : 0;
  const space = gridOf(shape[1]! - behind, grid);
  if (!space)
    throw new SaywhyError(
      'not-a-grid',
      `The ${shape[1]! - behind} tokens of "${name}" form no grid of patches. Choose another layer; \`saywhy inspect\` lists them.`,
    );
  return transpose(data, shape[1]! - behind - countOf(space), channels, space);
}

/** [rows, C] to [C, ...space], leaving out the first rows. */
function transpose(data: Float32Array, skip: number, channels: number, space: readonly number[]): Floats {
  const cells = countOf(space);
  const out = new Float32Array(channels * cells);
  for (let cell = 0, from = skip * channels; cell < cells; cell++)
    for (let c = 0; c < channels; c++) out[c * cells + cell] = data[from++]!;
  return { data: out, shape: [channels, ...space] };
}

/** The rows and columns of patches that so many tokens are; undefined where they are none. */
export function gridOf(tokens: number, grid: readonly number[] | undefined): readonly number[] | undefined {
  const extra = tokens - countOf(grid ?? []);
  if (grid && extra >= 0 && extra <= MOST_EXTRA_TOKENS) return grid;
  for (let first = 0; first <= MOST_EXTRA_TOKENS && first < tokens; first++) {
    const side = Math.round(Math.sqrt(tokens - first));
    if (side * side === tokens - first && side > 1) return [side, side];
  }
  return undefined;
}
