// The model's inputs, and which of them takes the picture.
import { inferTensors, isFloating, type Model, requiredInputs, type Shape } from '@saywhy/autodiff';
import { SaywhyError } from '../errors.js';
import type { Channels, Preprocess } from '../images/index.js';
import type { InputInfo, InputKind } from '../types.js';

/** @param stated what is known of some inputs, by name */
export function inputsOf(model: Model, stated: Readonly<Record<string, InputKind>> = {}): InputInfo[] {
  const tensors = inferTensors(model);
  return requiredInputs(model.graph).map(({ name, type }) => {
    const shape = tensors.get(name)?.shape ?? [];
    return { name, type, shape, kind: stated[name] ?? kindOf(name, isFloating(type), shape.length) };
  });
}

/** By the names that transformers' exporters give. */
const named: readonly (readonly [RegExp, InputKind])[] = [
  [/mask$/, 'mask'],
  [/token_type_ids$/, 'types'],
  [/position_ids$/, 'positions'],
  [/(^|_)(ids|tokens|text|question|caption|prompt)$/, 'text'],
];

function kindOf(name: string, floating: boolean, rank: number): InputKind {
  if (/^(past_|use_cache)/.test(name)) return 'past';
  if (floating) return rank > 3 ? 'picture' : 'tensor';
  return named.find(([pattern]) => pattern.test(name))?.[1] ?? 'tensor';
}

/** The first input of rank 4 that is floating-point (or bytes); else of a higher rank; else the first that is floating-point. */
export function pictureInput(inputs: readonly InputInfo[]): InputInfo {
  const numeric = inputs.filter(({ type, kind }) => kind !== 'past' && (isFloating(type) || type === 'uint8'));
  const chosen =
    numeric.find(({ shape }) => shape.length === 4) ?? numeric.find(({ shape }) => shape.length > 4) ?? numeric[0];
  if (chosen) return chosen;
  throw new SaywhyError(
    'no-picture-input',
    `The model has no input that a picture fits: ${inputs.map(({ name, type, shape }) => `${name} (${type} [${shape}])`).join(', ') || 'none at all'}.`,
  );
}

export type Arrangement = 'channels-first' | 'channels-last';

/** Channels are few: the axis that holds 1, 3 or 4 of them, the first if both or neither do. */
export function arrangementOf(shape: Shape): Arrangement {
  const few = (size: number | string | undefined) => size === 1 || size === 3 || size === 4;
  return shape.length === 4 && few(shape.at(-1)) && !few(shape[1]) ? 'channels-last' : 'channels-first';
}

/**
 * What a model without any word on it was most likely trained with: ImageNet's usual steps at the model's own size. It is a guess, and said to be.
 */
export function guessPreprocess({ shape }: Pick<InputInfo, 'shape'>): Preprocess | undefined {
  if (shape.length !== 4) return undefined;
  const last = arrangementOf(shape) === 'channels-last';
  const [count, height, width] = last ? [shape[3], shape[1], shape[2]] : [shape[1], shape[2], shape[3]];
  const channels: Channels | undefined =
    count === 1 ? 'GRAY' : count === 3 || typeof count === 'string' ? 'RGB' : undefined;
  if (!channels) return undefined;
  const size = [typeof height === 'number' ? height : 224, typeof width === 'number' ? width : 224] as const;
  const color = channels === 'RGB';
  return {
    channels,
    layout: last ? 'NHWC' : 'NCHW',
    steps: [
      { resize: { shortest: Math.round(Math.max(...size) / 0.875), filter: 'bilinear' } },
      { crop: size },
      { rescale: 1 / 255 },
      { normalize: color ? { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } : { mean: 0.5, std: 0.5 } },
    ],
  };
}
