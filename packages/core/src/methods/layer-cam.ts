import type { Method } from './method.js';
import { elementwiseSum } from './weighted-sum.js';

/** Each place weighted by its own positive gradient: relu(sum_k relu(g_k) A_k). Sharp in early layers too. */
export const layerCam: Method = {
  name: 'layer-cam',
  title: 'LayerCAM',
  paper: {
    title: 'Jiang et al., LayerCAM: Exploring Hierarchical Class Activation Maps for Localization, 2021',
    url: 'https://ieeexplore.ieee.org/document/9462463',
  },
  needs: ['activations', 'gradients'],
  signed: false,
  map: ({ activations, gradients }) => elementwiseSum(activations, gradients, (a, g) => (g > 0 ? g * a : 0)),
};
