// Which tensor holds the scores, and what kind of scores they are.
import {
  type DataType,
  inferTensors,
  isFloating,
  type Model,
  type Node,
  resolveTensor,
  type Shape,
} from '@saywhy/autodiff';
import { SaywhyError } from '../errors.js';
import { nearest } from '../nearest.js';
import type { ScoreKind, Source } from '../types.js';
import { scoreKinds } from './metadata.js';

export interface FoundScores {
  readonly tensor: string;
  readonly type: 'float32' | 'float16' | 'float64';
  readonly shape: Shape | undefined;
  readonly kind: ScoreKind;
  readonly kindFrom: Source;
  /** The operator at the model's end that was looked through: the scores are its input. */
  readonly through?: string;
  /** The scores were named as the output of such an operator: they are probabilities. */
  readonly normalized: boolean;
}

export interface Stated {
  readonly scores?: string | undefined;
  readonly kind?: ScoreKind | undefined;
  readonly kindFrom?: Source;
  readonly labels?: readonly string[] | undefined;
  /** Outputs that are known to be something else. */
  readonly others?: readonly string[];
}

const normalizers = new Set(['Softmax', 'LogSoftmax', 'Sigmoid']);

/**
 * The tensor to explain. A softmax or sigmoid at the model's end is looked through, since where it saturates its gradient vanishes; naming its output
 * asks for the probability itself.
 * @throws SaywhyError `unknown-tensor`, `no-scores`, `unknown-score-kind`
 */
export function findScores(model: Model, stated: Stated): FoundScores {
  const named = stated.scores === undefined ? undefined : resolveTensor(model, stated.scores);
  const output = named ?? likelyOutput(model, stated.others ?? []);
  const last = lastOperator(model, output);
  const through = named === undefined && last ? last : undefined;
  const tensor = through ? through.inputs[0]! : output;
  const { type, shape } = inferTensors(model).get(tensor) ?? {};
  const found = stated.kind
    ? { kind: checkKind(stated.kind), kindFrom: stated.kindFrom ?? ('option' as const) }
    : kindOf(last?.opType, classesIn(shape), stated.labels);
  return {
    tensor,
    type: checkType(type, tensor),
    shape,
    ...found,
    ...(through && { through: through.opType }),
    normalized: !through && last !== undefined && last.opType !== 'LogSoftmax',
  };
}

/** The last floating-point output with one number a class: of shape [batch, classes], or the like with sizes of 1. */
function likelyOutput(model: Model, others: readonly string[]): string {
  const tensors = inferTensors(model);
  const outputs = model.graph.outputs.filter(
    ({ name }) => isFloating(tensors.get(name)?.type ?? 'other') && !others.includes(name),
  );
  const flat = outputs.filter(({ name }) => {
    const shape = tensors.get(name)?.shape;
    return shape?.slice(2).every((size) => size === 1);
  });
  const chosen = outputs.length === 1 ? outputs[0] : (outputs.find(({ name }) => name === 'logits') ?? flat.at(-1));
  if (chosen) return chosen.name;
  const names = model.graph.outputs.map(({ name }) => name).join(', ');
  throw new SaywhyError(
    'no-scores',
    `None of the model's outputs (${names}) looks like the scores of classes. Name the tensor with \`scores\`.`,
  );
}

/** The softmax or sigmoid that makes a tensor, whatever only reshapes or copies it afterwards. */
function lastOperator(model: Model, tensor: string): Node | undefined {
  const producer = model.graph.producers.get(tensor);
  if (producer?.domain !== '') return undefined;
  if (normalizers.has(producer.opType)) return producer;
  const copies = ['Identity', 'Cast', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze'].includes(producer.opType);
  return copies ? lastOperator(model, producer.inputs[0]!) : undefined;
}

function kindOf(
  operator: string | undefined,
  classes: number | undefined,
  labels: readonly string[] | undefined,
): { kind: ScoreKind; kindFrom: Source } {
  if (operator === 'Softmax' || operator === 'LogSoftmax') return { kind: 'softmax', kindFrom: 'graph' };
  if (operator === 'Sigmoid') return { kind: classes === 1 ? 'binary' : 'multilabel', kindFrom: 'graph' };
  if (classes === 1) return { kind: labels?.length === 2 ? 'binary' : 'regression', kindFrom: 'guess' };
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

function checkKind(kind: ScoreKind): ScoreKind {
  if (scoreKinds.includes(kind)) return kind;
  const near = nearest(kind, scoreKinds).map((name) => ` Did you mean ${name}?`)[0] ?? '';
  throw new SaywhyError(
    'unknown-score-kind',
    `Unknown kind of scores "${kind}".${near} Use one of: ${scoreKinds.join(', ')}.`,
  );
}

function checkType(type: DataType | undefined, tensor: string): FoundScores['type'] {
  if (type === 'float16' || type === 'float64') return type;
  // Of a tensor that inference cannot see through it is what nearly all are.
  if (type === 'float32' || type === 'other' || type === undefined) return 'float32';
  throw new SaywhyError('no-scores', `"${tensor}" holds ${type}; scores are floating-point numbers.`);
}
