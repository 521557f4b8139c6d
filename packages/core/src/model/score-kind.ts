// What kind of scores a tensor holds, by its shape, its name and what made it.
import { inferTensors, type Model, type Node, type Shape } from '@saywhy/autodiff';
import type { ScoreKind, Source } from '../types.js';

export interface FoundKind {
  readonly kind: ScoreKind;
  readonly kindFrom: Source;
}

/** @param operator the softmax or sigmoid that the scores go into */
export function findKind(
  model: Model,
  output: string,
  operator: string | undefined,
  shape: Shape | undefined,
  labels: readonly string[] | undefined,
): FoundKind {
  const classes = classesIn(shape);
  const normalizer = operator === 'LogSoftmax' ? 'Softmax' : operator;
  if (isSpatial(shape)) return { kind: 'segmentation', kindFrom: normalizer ? 'graph' : 'guess' };
  if (normalizer === 'Softmax') return { kind: 'softmax', kindFrom: 'graph' };
  if (normalizer === 'Sigmoid') return { kind: classes === 1 ? 'binary' : 'multilabel', kindFrom: 'graph' };
  if (classes === 1) return { kind: labels?.length === 2 ? 'binary' : 'regression', kindFrom: 'guess' };
  if (!labels && isNormalized(model, output)) return { kind: 'embedding', kindFrom: 'graph' };
  if (!labels && /embed/i.test(output)) return { kind: 'embedding', kindFrom: 'guess' };
  return { kind: 'softmax', kindFrom: 'guess' };
}

/** How many numbers a picture gets, where it is known. */
export function classesIn(shape: Shape | undefined): number | undefined {
  if (!shape) return undefined;
  const sizes = shape.length === 1 ? shape : shape.slice(1);
  return sizes.every((size) => typeof size === 'number')
    ? (sizes as readonly number[]).reduce((product, size) => product * size, 1)
    : undefined;
}

/** [N, C, H, W] or [N, H, W, C] with more than one place. */
export function isSpatial(shape: Shape | undefined): boolean {
  const isOne = (size: number | string) => size === 1;
  return shape?.length === 4 && !shape.slice(2).every(isOne) && !shape.slice(1, 3).every(isOne);
}

/** Whether a tensor was divided by its own length. */
function isNormalized(model: Model, tensor: string): boolean {
  const node = model.graph.producers.get(tensor);
  if (node?.opType === 'LpNormalization') return true;
  if (node?.opType !== 'Div') return false;
  const from = sourceOf(model, node.inputs[0]!);
  for (let length = producer(model, node.inputs[1]!); length; length = producer(model, length.inputs[0]!)) {
    if (sums.test(length.opType)) return leadsTo(model, length.inputs[0]!, from);
    if (!steps.test(length.opType)) return false;
  }
  return false;
}

const sums = /^Reduce(L2|Sum|SumSquare)$/;
/** What may stand between a sum of squares and the division by its root. */
const steps = /^(Sqrt|Pow|Clip|Max|Add|Expand|Cast|Identity|Unsqueeze|Reshape|Abs)$/;
const copies = /^(Identity|Cast|Abs|Pow|Mul)$/;

const producer = (model: Model, tensor: string): Node | undefined => model.graph.producers.get(tensor);

function sourceOf(model: Model, tensor: string): string {
  const node = producer(model, tensor);
  return node && /^(Identity|Cast)$/.test(node.opType) ? sourceOf(model, node.inputs[0]!) : tensor;
}

function leadsTo(model: Model, tensor: string, source: string): boolean {
  if (tensor === source) return true;
  const node = producer(model, tensor);
  return node !== undefined && copies.test(node.opType) && leadsTo(model, node.inputs[0]!, source);
}

/** The shape of a tensor, as far as inference knows it. */
export function shapeOf(model: Model, tensor: string): Shape | undefined {
  return inferTensors(model).get(tensor)?.shape;
}
