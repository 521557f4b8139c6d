import type { Method } from './method.js';
import { channelMeans, weightedSum } from './weighted-sum.js';

/** Channels weighted by the mean of their gradient: relu(sum_k <g_k> A_k). */
export const gradCam: Method = {
  name: 'grad-cam',
  title: 'Grad-CAM',
  paper: {
    title: 'Selvaraju et al., Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization, 2017',
    url: 'https://arxiv.org/abs/1610.02391',
  },
  needs: ['activations', 'gradients'],
  signed: false,
  map: ({ activations, gradients }) => weightedSum(activations, channelMeans(gradients)),
};
