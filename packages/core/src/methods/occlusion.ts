import type { Method } from './method.js';

export interface OcclusionOptions {
  /** Side of the square patch, in pixels of the model's input: an eighth of the longer side by default. */
  readonly size?: number;
  /** From one patch to the next: half its side by default. */
  readonly stride?: number;
  /** What a patch holds, in the units of the model's input: 0, which is ImageNet's mean colour after the usual normalization. */
  readonly fill?: number;
}

/**
 * How much the score drops when a patch of the picture is covered; each place shows the mean over the patches that covered it. Needs no gradients, so it
 * works on any model, at the cost of one run for each patch. Negative where covering raises the score.
 */
export function occlusion(options: OcclusionOptions = {}): Method {
  return {
    name: 'occlusion',
    title: 'Occlusion',
    paper: {
      title: 'Zeiler and Fergus, Visualizing and Understanding Convolutional Networks, 2014',
      url: 'https://arxiv.org/abs/1311.2901',
    },
    needs: ['input', 'runs'],
    signed: true,
    // Loaded when it is first asked for: what a page gets at once is kept small.
    map: async (context) => (await import('./occlude.js')).occlude(context, options),
  };
}
