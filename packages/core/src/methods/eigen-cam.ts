import type { Method } from './method.js';

/**
 * The activation's first principal component over the places, channels centred; no class and no gradient is involved. A component's sign is arbitrary:
 * here its response of largest magnitude is positive.
 */
export const eigenCam: Method = {
  name: 'eigen-cam',
  title: 'Eigen-CAM',
  paper: {
    title: 'Muhammad and Yeasin, Eigen-CAM: Class Activation Map using Principal Components, 2020',
    url: 'https://arxiv.org/abs/2008.00299',
  },
  needs: ['activations'],
  signed: false,
  warning: {
    code: 'class-agnostic',
    message:
      'Eigen-CAM shows what the layer responds to most, whatever the target: its map is the same for every class.',
  },
  async map({ activations }) {
    const { principalComponent } = await import('./principal-component.js');
    const data = principalComponent(activations);
    const peak = data.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
    return { data: data.map((value) => Math.max(0, peak < 0 ? -value : value)), shape: activations.shape.slice(1) };
  },
};
