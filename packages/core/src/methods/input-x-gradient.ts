import type { Method } from './method.js';

/** Input times its gradient: what each value contributes, to first order. */
export const inputXGradient: Method = {
  name: 'input-x-gradient',
  title: 'Input x gradient',
  paper: {
    title:
      'Shrikumar et al., Not Just a Black Box: Learning Important Features Through Propagating Activation Differences, 2016',
    url: 'https://arxiv.org/abs/1605.01713',
  },
  needs: ['input', 'input-gradients'],
  signed: false,
  map: ({ input, inputGradients }) => ({
    data: inputGradients.data.map((gradient, i) => gradient * input.data[i]!),
    shape: inputGradients.shape,
  }),
};
