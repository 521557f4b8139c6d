import type { Method } from './method.js';
import { channelWeights, weightedSum } from './weighted-sum.js';

/** As pytorch-grad-cam's. */
const EPSILON = 1e-7;

/** Channels weighted by their gradient's mean over their own activation: w_k = sum(g_k A_k) / (sum A_k + eps). */
export const xGradCam: Method = {
  name: 'x-grad-cam',
  title: 'XGrad-CAM',
  paper: {
    title: 'Fu et al., Axiom-based Grad-CAM: Towards Accurate Visualization and Explanation of CNNs, 2020',
    url: 'https://arxiv.org/abs/2008.02312',
  },
  needs: ['activations', 'gradients'],
  signed: false,
  map: ({ activations, gradients }) => weightedSum(activations, channelWeights(activations, gradients, weight)),
};

function weight(a: Float32Array, g: Float32Array): number {
  let products = 0;
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    products += g[i]! * a[i]!;
    sum += a[i]!;
  }
  return products / (sum + EPSILON);
}
