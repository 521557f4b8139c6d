// The layer to explain of a model whose scores still lie in space: its last feature map is little but the scores themselves.
import { inferTensors, type Model, type Shape, type Value } from '@saywhy/autodiff';
import { arrangementOf } from '../model/inputs.js';
import type { FeatureLayout, LayerInfo } from '../types.js';

/** Pixels along an axis whose size the file leaves open: any encoder halves them without a rest. */
const OPEN_SIZE = 512;

/**
 * Of a segmentation, the last of the coarsest feature maps: an encoder's end, as Seg-Grad-CAM takes it, and not a pooled context.
 * @param features those with a gradient, in the order of the forward pass
 * @param input the picture's
 */
export function coarsest(
  model: Model,
  features: readonly LayerInfo[],
  scores: string,
  input: string,
): LayerInfo | undefined {
  const end = endOf(model, scores);
  const inner = features.filter(({ tensor }) => !end.has(tensor));
  const tensors = inferTensors(withSizes(model, input));
  const shapeOf = (tensor: string) => tensors.get(tensor)?.shape ?? [];
  const all = placesOf(shapeOf(input), arrangementOf(shapeOf(input)));
  const sized = inner.flatMap((layer) => {
    const places = placesOf(shapeOf(layer.tensor), layer.layout);
    const isContext = all !== undefined && places !== undefined && all / places > MOST_SHRUNK ** 2;
    return places === undefined || isContext ? [] : [{ layer, places }];
  });
  const fewest = Math.min(...sized.map(({ places }) => places));
  const least = sized.flatMap(({ layer, places }) => (places === fewest ? [layer] : []));
  const named = least.filter(({ module }) => module !== undefined);
  const among = named.length > 0 ? named : least;
  return among.findLast((layer) => isActivated(model, layer)) ?? lastFeature(model, among) ?? inner.at(-1);
}

/** Of feature maps the last; where that is one of tokens the last sum, which ends a block. */
export function lastFeature(model: Model, features: readonly LayerInfo[]): LayerInfo | undefined {
  const last = features.at(-1);
  if (last?.layout !== 'tokens') return last;
  const ends = ({ tensor }: LayerInfo) => {
    const node = model.graph.producers.get(tensor);
    return node?.opType === 'Add' && node.inputs.every((name) => !model.graph.initializers.has(name));
  };
  return features.findLast(ends) ?? last;
}

/** Whether a feature map is what an activation function gives. */
function isActivated(model: Model, { tensor, layout }: LayerInfo): boolean {
  const node = model.graph.producers.get(tensor);
  if (!node || layout === 'tokens') return false;
  const gates = node.inputs.map((name) => model.graph.producers.get(name)?.opType ?? '');
  return activations.test(node.opType) || (node.opType === 'Mul' && gates.some((type) => /Sigmoid|Tanh/.test(type)));
}

const activations = /(lu|Clip|Swish|Mish)$/;

/** How much smaller than the picture an encoder's last maps may be, in height and width. */
const MOST_SHRUNK = 64;

/** What only resizes and moves the scores, and the layer that makes them. */
function endOf(model: Model, scores: string): ReadonlySet<string> {
  const end = new Set([scores]);
  for (let name = scores; ; ) {
    const node = model.graph.producers.get(name);
    if (!node || !moves.test(node.opType)) return end;
    name = node.inputs[0]!;
    end.add(name);
  }
}

const moves = /^(Resize|Upsample|Transpose|Reshape|Identity|Cast|Slice|Squeeze|Unsqueeze|Softmax|Sigmoid)$/;

function placesOf(shape: Shape, layout: FeatureLayout): number | undefined {
  const space =
    layout === 'tokens' ? shape.slice(1, 2) : layout === 'channels-last' ? shape.slice(1, -1) : shape.slice(2);
  return space.length > 0 && space.every((size) => typeof size === 'number')
    ? (space as readonly number[]).reduce((product, size) => product * size, 1)
    : undefined;
}

/** The model for pictures of one size, where the file leaves it open: what the sizes of its maps are to each other. */
function withSizes(model: Model, input: string): Model {
  const { inputs } = model.graph;
  const sized = ({ shape, ...value }: Value): Value => ({
    ...value,
    shape: shape?.map((size, axis) => (typeof size === 'number' || axis === 0 ? size : OPEN_SIZE)),
  });
  return { ...model, graph: { ...model.graph, inputs: inputs.map((one) => (one.name === input ? sized(one) : one)) } };
}

/**
 * Of a detector, the last feature map that every candidate is made of: later ones belong to boxes of one size.
 * @param path every tensor with a gradient between the picture and the scores, in the order of the forward pass
 */
export function lastShared(
  model: Model,
  features: readonly LayerInfo[],
  path: readonly string[],
): LayerInfo | undefined {
  const onPath = new Set(path);
  const lastUse = new Map<string, number>();
  model.graph.nodes.forEach((node, i) => {
    if (node.outputs.some((name) => onPath.has(name))) for (const name of node.inputs) lastUse.set(name, i);
  });
  const open = new Set<string>();
  const cuts = new Set<string>();
  model.graph.nodes.forEach((node, i) => {
    for (const name of node.outputs) if (onPath.has(name)) open.add(name);
    for (const name of open) if ((lastUse.get(name) ?? Number.POSITIVE_INFINITY) <= i) open.delete(name);
    if (open.size === 1) cuts.add([...open][0]!);
  });
  return features.findLast(({ tensor }) => cuts.has(tensor));
}
