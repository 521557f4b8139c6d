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
import type { Detection, InputInfo, ScoreKind, Source } from '../types.js';
import { boxesOutput, findDetection, isNumbered, isYolo, refuseSuppressed, scoresBeside } from './detection.js';
import { scoreKinds } from './metadata.js';
import { findKind, isSpatial } from './score-kind.js';

export { classesIn } from './score-kind.js';

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
  /** Of a detector. */
  readonly detection?: Detection;
}

export interface Stated {
  readonly scores?: string | undefined;
  readonly kind?: ScoreKind | undefined;
  readonly kindFrom?: Source;
  readonly detection?: Partial<Detection> | undefined;
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
export function findScores(model: Model, picture: InputInfo, stated: Stated): FoundScores {
  const named = stated.scores === undefined ? undefined : resolveTensor(model, stated.scores);
  if (named === undefined) refuseSuppressed(model, picture);
  const output = named ?? likelyOutput(model, stated);
  const last = lastOperator(model, output);
  const through = named === undefined ? last : undefined;
  const tensors = inferTensors(model);
  const kind = stated.kind && checkKind(stated.kind);
  if (kind === 'detection' || (!kind && isDetector(model, output, picture, stated))) {
    const normalizer = through && { operator: through.opType, input: through.inputs[0]! };
    const found = findDetection(model, output, picture, stated.labels, stated.detection ?? {}, normalizer);
    const { type, shape } = tensors.get(found.tensor) ?? {};
    const kindFrom = kind ? (stated.kindFrom ?? 'option') : 'guess';
    return { ...found, type: checkType(type, found.tensor), shape, kind: 'detection', kindFrom, normalized: false };
  }
  const tensor = through?.inputs[0] ?? output;
  const { type, shape } = tensors.get(tensor) ?? {};
  const found = kind
    ? { kind, kindFrom: stated.kindFrom ?? ('option' as const) }
    : findKind(model, output, last?.opType, shape, stated.labels);
  return {
    tensor,
    type: checkType(type, tensor),
    shape,
    ...found,
    ...(through && { through: through.opType }),
    normalized: !through && last !== undefined && last.opType !== 'LogSoftmax',
  };
}

function isDetector(model: Model, output: string, picture: InputInfo, { detection }: Stated): boolean {
  const boxes = boxesOutput(model);
  const beside = boxes !== undefined && scoresBeside(model, boxes).includes(output);
  const alone = isNumbered(model, output) || isYolo(inferTensors(model).get(output)?.shape, picture);
  return detection !== undefined || beside || alone;
}

/**
 * The scores of a detector's boxes, or its only list of candidates; else the last floating-point output with one number a class: of shape [batch, classes], or the like with sizes of 1; else
 * the only one with classes at places.
 */
function likelyOutput(model: Model, { others = [], kind }: Stated): string {
  const tensors = inferTensors(model);
  const outputs = model.graph.outputs.flatMap(({ name }) =>
    isFloating(tensors.get(name)?.type ?? 'other') && !others.includes(name) ? [name] : [],
  );
  const shapeOf = (name: string) => tensors.get(name)?.shape;
  const boxes = boxesOutput(model);
  const lists = outputs.filter((name) => kind === 'detection' && shapeOf(name)?.length === 3);
  // Four numbers are a box: where that lies apart under another name, no list is all that there is of a candidate.
  const joined = lists.some((name) => shapeOf(name)![2] === 4) ? [] : lists;
  const beside = boxes ? scoresBeside(model, boxes) : joined;
  const flat = outputs.filter((name) =>
    shapeOf(name)
      ?.slice(2)
      .every((size) => size === 1),
  );
  const spatial = outputs.filter((name) => isSpatial(shapeOf(name)));
  const named = [...logitNames, ...mainNames].find((name) => outputs.includes(name));
  const chosen =
    outputs.length === 1
      ? outputs[0]
      : beside.length === 1
        ? beside[0]
        : logitNames.includes(named ?? '')
          ? named
          : (flat.at(-1) ?? (spatial.length === 1 ? spatial[0] : named));
  if (chosen !== undefined) return chosen;
  const names = model.graph.outputs.map(({ name }) => name).join(', ');
  throw new SaywhyError(
    'no-scores',
    `None of the model's outputs (${names}) looks like the scores of classes. Name the tensor with \`scores\`.`,
  );
}

/** As PyTorch's and Hugging Face's models call their scores; as those of torchvision call the best of several segmentations. */
const logitNames: readonly string[] = ['logits', 'pred_logits'];
const mainNames: readonly string[] = ['out'];

/** The softmax or sigmoid that makes a tensor, whatever only reshapes or copies it afterwards. */
function lastOperator(model: Model, tensor: string): Node | undefined {
  const producer = model.graph.producers.get(tensor);
  if (producer?.domain !== '') return undefined;
  if (normalizers.has(producer.opType)) return producer;
  const copies = ['Identity', 'Cast', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze'].includes(producer.opType);
  return copies ? lastOperator(model, producer.inputs[0]!) : undefined;
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
