// The feature maps of a model: tensors that still know where in the picture they look.
import {
  differentiableTensors,
  inferTensors,
  isFloating,
  type Model,
  modules,
  type Node,
  requiredInputs,
  type Shape,
} from '@saywhy/autodiff';
import { arrangementOf } from '../model/inputs.js';
import type { FoundScores } from '../model/scores.js';
import { countOf } from '../tensors/numbers.js';
import type { FeatureLayout, LayerInfo } from '../types.js';
import { gridOf } from './arrange.js';
import { channelAxes } from './channels.js';
import { coarsest, lastFeature, lastShared } from './of-places.js';
import { patchesMatter } from './tokens.js';

export interface Features {
  /** Every feature map that the scores depend on, in the order of the forward pass, by tensor. */
  readonly byTensor: ReadonlyMap<string, LayerInfo>;
  /** Every tensor that has a gradient. */
  readonly differentiable: ReadonlySet<string>;
  /**
   * Feature maps that can be explained by gradients: `auto`, and results of modules where the file has modules, else all. They are left out once the scores
   * look at a class token alone.
   */
  readonly listed: readonly LayerInfo[];
  /** The last feature map with a gradient, before the spatial dimensions vanish. */
  readonly auto: LayerInfo | undefined;
  /** The same whether it has a gradient or not. */
  readonly last: LayerInfo | undefined;
  /** Patches of the picture that tokens stand for, [rows, columns], by tensor, where the model cuts the picture with convolutions: those before it. */
  readonly grids: ReadonlyMap<string, readonly number[]>;
  /** How many of the last tokens are a detector's candidates rather than patches. */
  readonly candidates?: number;
}

export function findFeatures(model: Model, input: string, found: FoundScores): Features {
  const { tensor: scores, kind } = found;
  const tensors = inferTensors(model);
  const inputShape = tensors.get(input)?.shape ?? [];
  const axes = channelAxes(model, input, arrangementOf(inputShape));
  const differentiable = differentiableTensors(model, scores);
  const paths = shortestPaths(model);
  const byTensor = new Map<string, LayerInfo>();
  const grids = new Map<string, readonly number[]>();
  let grid: readonly number[] | undefined;
  const path = between(model, input, scores);
  const texts = requiredInputs(model.graph).flatMap(({ name }) => {
    const shape = tensors.get(name)?.shape;
    return shape?.length === 2 && name !== input ? [shape[1]] : [];
  });
  const candidates = found.detection && found.shape?.[found.detection.candidates === 'rows' ? 1 : 2];
  for (const tensor of path) {
    const { type, shape } = tensors.get(tensor) ?? { type: 'other' as const };
    const axis = axes.get(tensor);
    if (!shape || axis === undefined || !isFloating(type)) continue;
    const layout = layoutOf(shape, axis, inputShape);
    // A detector's queries are no patches, nor are words, nor what boxes are chosen from.
    const suspect = texts.includes(shape[1]) || found.detection?.classAt !== undefined;
    const isGrid = typeof shape[1] !== 'number' || gridOf(shape[1], grid) !== undefined;
    const isOther = !isGrid || shape[1] === candidates || (suspect && shape[1] !== (grid && countOf(grid)));
    if (!layout || (layout === 'tokens' && isOther)) continue;
    if (layout === 'channels-first' && shape.slice(2).every((size) => typeof size === 'number'))
      grid = shape.slice(2) as number[];
    if (grid) grids.set(tensor, grid);
    const module = paths.get(tensor);
    byTensor.set(tensor, { name: module ?? tensor, tensor, ...(module !== undefined && { module }), shape, layout });
  }
  const all = [...byTensor.values()];
  const smooth = all.filter((layer) => differentiable.has(layer.tensor) && patchesMatter(model, layer, scores));
  const auto =
    kind === 'segmentation'
      ? coarsest(model, smooth, scores, input)
      : kind === 'detection'
        ? lastShared(
            model,
            smooth,
            path.filter((name) => differentiable.has(name)),
          )
        : lastFeature(model, smooth);
  const hasModules = smooth.some(({ module }) => module !== undefined);
  return {
    byTensor,
    differentiable,
    listed: hasModules ? smooth.filter((layer) => layer.module !== undefined || layer === auto) : smooth,
    auto,
    last: lastFeature(model, all),
    grids,
    ...(typeof candidates === 'number' && { candidates }),
  };
}

/** The same, but that `auto` is the last of the tensors that a file was prepared for, where that is a feature map with a gradient. */
export function preferring(features: Features, tensors: readonly string[]): Features {
  const wanted = tensors.findLast((tensor) => features.byTensor.has(tensor) && features.differentiable.has(tensor));
  return wanted === undefined ? features : { ...features, auto: features.byTensor.get(wanted) };
}

/** The layout of a feature map, or undefined for what has no spatial extent (any more). */
function layoutOf(shape: Shape, axis: number, input: Shape): FeatureLayout | undefined {
  // Windows are cut by making the batch larger: such tensors no longer know their place. A size that inference could not tell (named tensor[axis]) passes;
  // it is checked when the model has run.
  const unknown = typeof shape[0] === 'string' && /\[\d+\]$/.test(shape[0]);
  if (shape[0] !== input[0] && !unknown) return undefined;
  const space = shape.filter((_, i) => i !== 0 && i !== axis);
  if (space.length === 0 || space.every((size) => size === 1)) return undefined;
  if (space.length === input.length - 2) return axis === 1 ? 'channels-first' : 'channels-last';
  return shape.length === 3 && axis === 2 && input.length === 4 ? 'tokens' : undefined;
}

/** What is computed from a tensor on the way to another, in order. */
function between(model: Model, input: string, scores: string): string[] {
  const reached = new Set([input]);
  for (const node of model.graph.nodes)
    if (usedBy(node).some((name) => reached.has(name))) for (const name of node.outputs) reached.add(name);
  const needed = new Set([scores]);
  for (const node of [...model.graph.nodes].reverse())
    if (node.outputs.some((name) => needed.has(name))) for (const name of usedBy(node)) needed.add(name);
  return [...reached].filter((name) => name !== input && needed.has(name));
}

/** What the branches of a node use counts too. */
const usedBy = ({ inputs, captures }: Node): readonly string[] => [...inputs, ...captures];

/** The shortest of the module paths whose result a tensor is. */
function shortestPaths(model: Model): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  for (const [path, tensor] of modules(model)) {
    const known = paths.get(tensor);
    if (known === undefined || path.length < known.length) paths.set(tensor, path);
  }
  return paths;
}
