import type { Method } from './method.js';
import { channelWeights, weightedSum } from './weighted-sum.js';

/**
 * Grad-CAM with each place's positive gradient weighted by how much of the class score it accounts for: w_k = sum relu(g) g^2 / (2 g^2 + (sum A_k) g^3 + eps).
 *
 * @param epsilon keeps the quotient finite; pytorch-grad-cam's 1e-6 by default. Gradients are small (5e-4), so it weighs in: the map depends on the scale of
 *   the scores.
 */
export function gradCamPlusPlus({ epsilon = 1e-6 }: { readonly epsilon?: number } = {}): Method {
  return {
    name: 'grad-cam++',
    title: 'Grad-CAM++',
    paper: {
      title: 'Chattopadhyay et al., Grad-CAM++: Improved Visual Explanations for Deep Convolutional Networks, 2018',
      url: 'https://arxiv.org/abs/1710.11063',
    },
    needs: ['activations', 'gradients'],
    signed: false,
    map: ({ activations, gradients }) =>
      weightedSum(
        activations,
        channelWeights(activations, gradients, (a, g) => weight(a, g, epsilon)),
      ),
  };
}

function weight(a: Float32Array, g: Float32Array, epsilon: number): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]!;
  let total = 0;
  for (let i = 0; i < g.length; i++) {
    const x = g[i]!;
    if (x > 0) total += (x * x * x) / (2 * x * x + sum * x * x * x + epsilon);
  }
  return total;
}
