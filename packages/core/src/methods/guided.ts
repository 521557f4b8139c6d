// Methods whose backward pass differs from the derivative on purpose. Pleasant to look at; they fail sanity checks, and say so.
import { resizeMap } from '../images/resize-map.js';
import { gradCam } from './grad-cam.js';
import type { Method, MethodContext, Need } from './method.js';

const sanity = {
  code: 'fails-sanity-checks',
  message:
    'This method shows edges of the picture whatever the model has learned: its maps hardly change when the weights are randomised (Adebayo et al., 2018). Do not use it to judge a model.',
};

const springenberg = {
  title: 'Springenberg et al., Striving for Simplicity: The All Convolutional Net, 2014',
  url: 'https://arxiv.org/abs/1412.6806',
};
const zeiler = {
  title: 'Zeiler and Fergus, Visualizing and Understanding Convolutional Networks, 2014',
  url: 'https://arxiv.org/abs/1311.2901',
};

export const guidedBackprop: Method = {
  name: 'guided-backprop',
  title: 'Guided backpropagation',
  paper: springenberg,
  needs: ['input-gradients'],
  rules: 'guided-backpropagation',
  signed: false,
  warning: sanity,
  map: ({ inputGradients }) => inputGradients,
};

export const deconvnet: Method = {
  ...guidedBackprop,
  name: 'deconvnet',
  title: 'Deconvnet',
  paper: zeiler,
  rules: 'deconvnet',
};

const both: readonly Need[] = [...gradCam.needs, 'input-gradients'];

export const guidedGradCam: Method = {
  ...guidedBackprop,
  name: 'guided-grad-cam',
  title: 'Guided Grad-CAM',
  paper: gradCam.paper,
  needs: both,
  map: timesGradCam,
};

export const deconvGradCam: Method = {
  ...deconvnet,
  name: 'deconv-grad-cam',
  title: 'Deconvolution Grad-CAM',
  paper: gradCam.paper,
  needs: both,
  map: timesGradCam,
};

/** The fine map times the coarse one, brought to its size. */
async function timesGradCam(context: MethodContext) {
  const { data, shape } = context.inputGradients;
  const coarse = await gradCam.map(context);
  const weights = resizeMap(coarse.data, coarse.shape, shape.slice(1));
  return { data: data.map((value, i) => value * weights[i % weights.length]!), shape };
}
