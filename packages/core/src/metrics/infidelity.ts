import type { Floats } from '../methods/method.js';
import type { Metric } from './metric.js';
import { uniform } from './random.js';

const PATCHES = 48;

/** 1 in a square whose side is between a tenth and a third of the shorter side. */
export function randomPatch([height, width]: readonly number[], next: () => number): Uint8Array {
  const side = Math.max(1, Math.round(Math.min(height!, width!) * (0.1 + next() * (1 / 3 - 0.1))));
  const [top, left] = [height!, width!].map((size) => Math.floor(next() * (size - side + 1))) as [number, number];
  const patch = new Uint8Array(height! * width!);
  for (let y = top; y < top + side; y++) patch.fill(1, y * width! + left, y * width! + left + side);
  return patch;
}

/**
 * The part of the drops that the map's sums do not explain: the mean of (b * sum - drop)^2 over the mean of drop^2, where b is the scale that makes it smallest,
 * since maps have no unit. 0 where sums are proportional to drops, 1 where they say nothing of them, also where nothing drops.
 */
export function infidelityOf(sums: readonly number[], drops: readonly number[]): number {
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  const [ss, sd, dd] = [dot(sums, sums), dot(sums, drops), dot(drops, drops)];
  return ss > 0 && dd > 0 ? 1 - (sd * sd) / (ss * dd) : 1;
}

/** The sum of a map inside a patch. */
export function sumInside({ data }: Floats, patch: Uint8Array): number {
  return data.reduce((sum, value, i) => (patch[i] ? sum + value : sum), 0);
}

export const infidelity: Metric = {
  name: 'infidelity',
  title: 'Infidelity',
  what: "The part of the score's drops, when each of 48 random squares of the picture becomes 0, that is not proportional to the map's sum inside the square: 0 at best, 1 at worst.",
  paper: {
    title: 'Yeh et al., On the (In)fidelity and Sensitivity of Explanations, 2019',
    url: 'https://arxiv.org/abs/1901.09392',
  },
  needs: ['runs'],
  better: 'lower',
  summary: 'mean',
  async measure({ signed, input, scores, shared, seed }) {
    const { patches, drops } = await shared('patches', async () => {
      const next = uniform(seed);
      const patches = Array.from({ length: PATCHES }, () => randomPatch(signed.shape, next));
      // The first run is of the picture as it is.
      const [whole, ...covered] = await scores(1 + PATCHES, (index) => {
        const patch = patches[index - 1];
        return input.data.map((value, i) => (patch?.[i % patch.length] ? 0 : value));
      });
      return { patches, drops: covered.map((value) => whole! - value) };
    });
    const sums = patches.map((patch) => sumInside(signed, patch));
    return { value: infidelityOf(sums, drops) };
  },
};
