// Gradients that a model came with, as its user names them.
import { inferTensors, isFloating, type Model } from '@saywhy/autodiff';
import { SaywhyError } from '../errors.js';
import { channelAxes } from '../layers/channels.js';
import type { Features } from '../layers/features.js';
import { nearest } from '../nearest.js';
import type { ForeignGradient, InputInfo, LayerInfo } from '../types.js';
import { arrangementOf } from './inputs.js';
import type { FoundScores } from './scores.js';

export interface Selector extends Omit<InputInfo, 'kind'> {
  /** The scores' cotangent, or the index of a class. */
  readonly kind: 'cotangent' | 'class';
}

export interface ForeignModel {
  readonly picture: InputInfo;
  readonly selector: Selector | undefined;
  /** The output that holds the gradient of an activation. */
  gradientOf(activation: string): string;
  readonly features: Features;
}

/** @throws SaywhyError `unknown-output` */
export function foreignModel(
  model: Model,
  gradients: Readonly<Record<string, ForeignGradient>>,
  inputs: readonly InputInfo[],
  picture: InputInfo,
  scores: FoundScores,
): ForeignModel {
  const outputs = new Map(Object.values(gradients).map(({ activation, gradient }) => [activation, gradient]));
  const known = model.graph.outputs.map(({ name }) => name);
  const inputNames = inputs.map(({ name }) => name);
  for (const [activation, gradient] of outputs)
    for (const name of [gradient, ...(inputNames.includes(activation) ? [] : [activation])])
      if (!known.includes(name)) {
        const near = nearest(name, known)[0];
        throw new SaywhyError(
          'unknown-output',
          `\`gradients\` names "${name}", which is no output of the model.${near ? ` Did you mean "${near}"?` : ''} It has: ${known.join(', ')}.`,
        );
      }
  const others = inputs.filter((input) => input !== picture);
  const selector = others.map((input) => selectorOf(input, scores)).find((found) => found !== undefined);
  const features = foreignFeatures(model, gradients, picture);
  return { picture, selector, gradientOf: (activation) => outputs.get(activation)!, features };
}

function selectorOf(input: InputInfo, scores: FoundScores): Selector | undefined {
  const shape = scores.shape ?? [];
  const like = input.shape.length === shape.length && input.shape.at(-1) === shape.at(-1);
  if (isFloating(input.type) && like) return { ...input, kind: 'cotangent' };
  const single = input.shape.every((size) => size === 1 || typeof size === 'string') && input.shape.length <= 1;
  return (input.type === 'int64' || input.type === 'int32') && single ? { ...input, kind: 'class' } : undefined;
}

function foreignFeatures(
  model: Model,
  gradients: Readonly<Record<string, ForeignGradient>>,
  picture: InputInfo,
): Features {
  const tensors = inferTensors(model);
  const axes = channelAxes(model, picture.name, arrangementOf(picture.shape));
  const layers = Object.entries(gradients).flatMap(([name, { activation }]): LayerInfo[] => {
    const shape = tensors.get(activation)?.shape ?? [];
    const axis = axes.get(activation) ?? (shape.length === 3 ? 2 : 1);
    const layout = shape.length === 3 ? 'tokens' : axis === 1 ? 'channels-first' : 'channels-last';
    return activation === picture.name ? [] : [{ name, tensor: activation, shape, layout }];
  });
  return {
    byTensor: new Map(layers.map((layer) => [layer.tensor, layer])),
    differentiable: new Set(Object.values(gradients).map(({ activation }) => activation)),
    listed: layers,
    auto: layers.at(-1),
    last: layers.at(-1),
    grids: new Map(),
  };
}
