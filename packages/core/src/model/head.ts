// A head that is global average pooling and one linear layer: then the class's weights say directly what each channel counts (CAM).
import { type Initializer, inferTensors, type Model, type Node, readFloats } from '@saywhy/autodiff';
import { SaywhyError } from '../errors.js';

export interface LinearHead {
  readonly channels: number;
  readonly classes: number;
  /** [classes, channels], row by row. */
  readonly weights: Float32Array;
}

const copies = new Set(['Identity', 'Dropout', 'Flatten', 'Reshape', 'Squeeze', 'Unsqueeze', 'Cast']);

/** Whether CAM applies to a layer. */
export function hasLinearHead(model: Model, layer: string, scores: string): boolean {
  return findHead(model, chainTo(model, layer, scores)) !== undefined;
}

/**
 * The head between a layer and the scores.
 * @throws SaywhyError `not-applicable` where it is anything else
 */
export function linearHead(model: Model, layer: string, scores: string): LinearHead {
  const chain = chainTo(model, layer, scores);
  const head = findHead(model, chain);
  if (head) return readWeights(model, head);
  throw new SaywhyError(
    'not-applicable',
    `CAM needs a model that ends in global average pooling and one linear layer; between "${layer}" and the scores this one has ${describe(chain)}. Grad-CAM gives the same map where CAM applies, and works here too.`,
  );
}

interface Head {
  readonly node: Node;
  readonly weight: Initializer;
}

function findHead(model: Model, chain: readonly Node[] | undefined): Head | undefined {
  const at = chain?.findIndex(isLinear) ?? -1;
  if (!chain || at < 0) return undefined;
  const node = chain[at]!;
  const pools = chain.slice(0, at).filter(({ opType }) => !copies.has(opType));
  const rest = chain.slice(at + 1).filter(({ opType }) => !copies.has(opType));
  const pooled = pools.length === 1 && poolsAll(model, pools[0]!);
  const onlyBias = rest.every(
    ({ opType, inputs }) => opType === 'Add' && inputs.some((name) => constantOf(model, name)),
  );
  const weight = constantOf(model, node.inputs[1]!);
  if (!pooled || !onlyBias || !weight) return undefined;
  const { transA, group } = node.attributes;
  const plain = !transA && (group === undefined || group === 1);
  const pointwise = node.opType !== 'Conv' || weight.shape.slice(2).every((size) => size === 1);
  return plain && pointwise ? { node, weight } : undefined;
}

/** The nodes from a layer to the scores, if they form a chain. */
function chainTo(model: Model, layer: string, scores: string): Node[] | undefined {
  const chain: Node[] = [];
  for (let name = scores; name !== layer; ) {
    const node = model.graph.producers.get(name);
    if (!node) return undefined;
    chain.unshift(node);
    const data = node.inputs.filter(
      (input) => input !== '' && model.graph.producers.has(input) && !constantOf(model, input),
    );
    if (data.includes(layer)) return chain;
    const next = copies.has(node.opType) ? node.inputs[0] : data.length === 1 ? data[0] : undefined;
    if (next === undefined) return undefined;
    name = next;
  }
  return chain;
}

function isLinear(node: Node): boolean {
  return node.opType === 'Gemm' || node.opType === 'MatMul' || node.opType === 'Conv';
}

/** Whether a node averages every place of a map into one. */
function poolsAll(model: Model, node: Node): boolean {
  if (node.opType === 'GlobalAveragePool') return true;
  if (node.opType !== 'ReduceMean' && node.opType !== 'AveragePool') return false;
  const [before, after] = [node.inputs[0]!, node.outputs[0]!].map((name) => inferTensors(model).get(name)?.shape);
  if (!before || !after || before[1] !== after[1]) return false;
  return after.slice(2).every((size) => size === 1) && !(node.opType === 'AveragePool' && node.attributes.pads);
}

/** A weight, perhaps stored in half precision behind a Cast. */
export function constantOf(model: Model, name: string): Initializer | undefined {
  const weight = model.graph.initializers.get(name);
  if (weight) return weight;
  const producer = model.graph.producers.get(name);
  return producer && ['Cast', 'Identity'].includes(producer.opType)
    ? model.graph.initializers.get(producer.inputs[0]!)
    : undefined;
}

function readWeights(model: Model, { node, weight }: Head): LinearHead {
  const { transB, alpha } = node.attributes;
  const rowsAreClasses = node.opType === 'Conv' || (node.opType === 'Gemm' && transB === 1);
  const [first, second] = weight.shape as [number, number];
  const [classes, channels] = rowsAreClasses ? [first, second] : [second, first];
  const values = readFloats(weight.proto, model.external);
  const factor = typeof alpha === 'number' ? alpha : 1;
  const weights = new Float32Array(classes * channels);
  for (let k = 0; k < classes; k++)
    for (let c = 0; c < channels; c++)
      weights[k * channels + c] = factor * values[rowsAreClasses ? k * channels + c : c * classes + k]!;
  return { classes, channels, weights };
}

/** One weight for each channel: the rows of the classes, weighted by a target's derivative with respect to their scores. */
export function headWeights({ classes, channels, weights }: LinearHead, cotangent: Float32Array): Float32Array {
  const result = new Float32Array(channels);
  for (let k = 0; k < classes; k++) {
    const factor = cotangent[k]!;
    if (factor === 0) continue;
    for (let c = 0; c < channels; c++) result[c]! += factor * weights[k * channels + c]!;
  }
  return result;
}

function describe(chain: readonly Node[] | undefined): string {
  return chain ? chain.map(({ opType }) => opType).join(', ') || 'nothing' : 'more than a chain of operators';
}
