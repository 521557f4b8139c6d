// What the registry's methods are to someone who chooses one: a line on what the map means, and what it costs.
import { findMethod, type Method } from '@saywhy/core';

const lines: Readonly<Record<string, string>> = {
  'grad-cam': 'Which places of a layer raise the score, weighing each feature by its average gradient.',
  'guided-grad-cam': 'Grad-CAM, sharpened to the edges that guided backpropagation finds there.',
  'hires-cam': 'Gradient times activation place by place: what the layer gave to the score, and nothing else.',
  'grad-cam++': 'Grad-CAM that keeps several instances of a class, by weights of its own for each place.',
  'x-grad-cam': 'Grad-CAM with weights that make the map add up to the score as far as they can.',
  'layer-cam': 'Only places with a positive gradient count: finer maps at early layers.',
  cam: 'The class’s own weights in the last linear layer: exact, for models that end in average pooling.',
  'eigen-cam': 'What the layer responds to most, whatever the class.',
  saliency: 'How much the score changes when a pixel does.',
  'input-x-gradient': 'Each pixel times its gradient: its share in the score, to first order.',
  'guided-backprop': 'The gradient, with negative parts cut off at every activation.',
  deconvnet: 'Positive signals traced back to the picture, whatever fired on the way.',
  'deconv-grad-cam': 'Grad-CAM, sharpened by the deconvolution’s edges.',
  occlusion: 'How far the score falls when a patch of the picture is covered.',
};

export const lineOf = ({ name, paper }: Method): string => lines[name] ?? paper.title;

/** How dear a method is, cheap ones first. */
export type Effort = 'instant' | 'pass' | 'many';

export function effortOf({ needs }: Method): Effort {
  if (needs.includes('runs')) return 'many';
  return needs.includes('input-gradients') ? 'pass' : 'instant';
}

const costs: Readonly<Record<Effort, string>> = {
  instant: 'no run of its own, or one short backward run',
  pass: 'one backward run through the whole model',
  many: 'many runs of the model',
};

export function costOf(method: Method): string {
  if (effortOf(method) !== 'instant') return costs[effortOf(method)];
  return method.needs.includes('gradients') ? 'one short backward run' : 'no backward run';
}

/** Whether a method gives a value for each cell of a layer, or for each pixel of the model's input. */
export const ofLayer = ({ needs }: Method): boolean =>
  needs.includes('activations') && !needs.includes('input-gradients');

export const recordOf = (name: string): Method => findMethod(name);

/** The method that is wanted, or where a model does not have it the first of those that it has. */
export const methodFor = (wanted: string, methods: readonly string[]): string =>
  methods.includes(wanted) ? wanted : (methods[0] ?? wanted);

export type Family = 'layer' | 'pixels' | 'runs';

export function familyOf(method: Method): Family {
  if (effortOf(method) === 'many') return 'runs';
  return ofLayer(method) ? 'layer' : 'pixels';
}

export const families: readonly { readonly name: Family; readonly title: string }[] = [
  { name: 'layer', title: 'Places of a layer' },
  { name: 'pixels', title: 'Pixels of the picture' },
  { name: 'runs', title: 'By trying it out' },
];
