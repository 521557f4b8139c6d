import type { Method } from './method.js';

/** The gradient with respect to the picture. The map shows its largest magnitude over the colours. */
export const saliency: Method = {
  name: 'saliency',
  title: 'Saliency (gradient)',
  paper: {
    title:
      'Simonyan et al., Deep Inside Convolutional Networks: Visualising Image Classification Models and Saliency Maps, 2013',
    url: 'https://arxiv.org/abs/1312.6034',
  },
  needs: ['input-gradients'],
  signed: false,
  map: ({ inputGradients }) => inputGradients,
};
