import type { Method } from './method.js';
import { weightedSum } from './weighted-sum.js';

/** Channels weighted by the class's row of the linear layer that follows global average pooling: relu(sum_k w_k A_k). */
export const cam: Method = {
  name: 'cam',
  title: 'CAM',
  paper: {
    title: 'Zhou et al., Learning Deep Features for Discriminative Localization, 2016',
    url: 'https://arxiv.org/abs/1512.04150',
  },
  needs: ['activations', 'head'],
  signed: false,
  map: ({ activations, head }) => weightedSum(activations, head),
};
