import type { Backward, Operator, Tensor } from '../record.js';
import { same, unknownRank } from '../shapes.js';

type Call = Backward<'LRN'>;

/** The mean of a window of channels, zeros beyond the ends counted. A window of even size reaches one channel further on one side: `mirrored`, on the other. */
function acrossChannels({ attributes, X, b }: Call, x: Tensor, mirrored: boolean): Tensor {
  const size = attributes.size!;
  const [less, more] = [Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2)];
  const columns = b.concat([b.sizes(X, [0]), b.integers([1]), b.sizes(X, [1]), b.integers([-1])], 0);
  const pads = mirrored ? [more, 0, less, 0] : [less, 0, more, 0];
  const mean = b.emit('AveragePool', [b.reshape(x, columns)], { kernel_shape: [size, 1], pads, count_include_pad: 1 });
  return b.reshapeLike(mean, X);
}

/** x d^-beta with d = bias + alpha mean(x^2): g d^-beta - 2 alpha beta x mean(g y / d), the second window mirrored. */
function ofInput(call: Call): Tensor {
  const { X, g, y, attributes, b } = call;
  const { alpha, beta, bias } = attributes;
  const d = b.add(b.mul(acrossChannels(call, b.mul(X, X), false), alpha), bias);
  // Not Pow, which is several times slower than a logarithm and an exponential.
  const shrunk = b.mul(g, b.exp(b.mul(b.log(d), -beta)));
  const others = acrossChannels(call, b.div(b.mul(g, y), d), true);
  return b.sub(shrunk, b.mul(b.mul(X, others), 2 * alpha * beta));
}

/** Local response normalization across channels (Krizhevsky et al., 2012). */
export const lrn: Operator<'LRN'> = {
  shape: same,
  unsupported: ({ X }) => unknownRank(X),
  grad: { X: ofInput },
};
