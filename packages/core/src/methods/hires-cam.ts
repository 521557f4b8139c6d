import type { Method } from './method.js';
import { elementwiseSum } from './weighted-sum.js';

/** Gradient times activation at each place: relu(sum_k g_k A_k). Faithful where the head is linear in the layer. */
export const hiresCam: Method = {
  name: 'hires-cam',
  title: 'HiResCAM',
  paper: {
    title:
      'Draelos and Carin, Use HiResCAM instead of Grad-CAM for faithful explanations of convolutional neural networks, 2020',
    url: 'https://arxiv.org/abs/2011.08891',
  },
  needs: ['activations', 'gradients'],
  signed: false,
  map: ({ activations, gradients }) => elementwiseSum(activations, gradients, (a, g) => g * a),
};
