// Maps that know nothing of the model: what any method has to beat.
import type { Method, MethodContext } from '../methods/method.js';
import { uniform } from './random.js';

/** Cells along each side of the random map: as many as the last layer of an ImageNet classifier has. */
const CELLS = 7;

/** Even noise of 7 x 7 cells, another for each picture. */
export const randomMap: Method = {
  name: 'random',
  title: 'Random map (baseline)',
  paper: { title: 'No method: even noise, which any method should beat', url: 'https://arxiv.org/abs/1810.03292' },
  needs: ['input'],
  signed: false,
  map({ input }) {
    const next = uniform(bitsOf(input.data));
    const shape = input.shape.slice(1).map((size) => Math.min(size, CELLS));
    const count = shape.reduce((product, size) => product * size, 1);
    return { data: Float32Array.from({ length: count }, next), shape };
  },
};

/** A Gaussian at the picture's centre, a quarter of each side wide: photographs have their object there. */
export const centreMap: Method = {
  name: 'centre',
  title: 'Centre of the picture (baseline)',
  paper: {
    title: 'Zhang et al., Top-down Neural Attention by Excitation Backprop, 2016 (the baseline of the pointing game)',
    url: 'https://arxiv.org/abs/1608.00507',
  },
  needs: ['input'],
  signed: false,
  map({ input }) {
    const [height = 1, width = 1] = input.shape.slice(1);
    const bell = (i: number, size: number) => Math.exp(-0.5 * ((i + 0.5 - size / 2) / (size / 4)) ** 2);
    const data = Float32Array.from(
      { length: height * width },
      (_, i) => bell(Math.floor(i / width), height) * bell(i % width, width),
    );
    return { data, shape: [height, width] };
  },
};

export const baselines: readonly Method[] = [randomMap, centreMap];

/** A number for each picture: of another value anywhere it is another. */
function bitsOf(values: MethodContext['input']['data']): number {
  return new Int32Array(Float32Array.from(values).buffer).reduce((sum, bits) => (Math.imul(sum, 31) + bits) | 0, 0);
}
