// How a detector writes its candidates: two outputs as DETR's, or one as YOLO's, with a score a class or the class's number.
import { type Dimension, inferTensors, isFloating, type Model, type Shape } from '@saywhy/autodiff';
import { SaywhyError } from '../errors.js';
import type { Detection, InputInfo } from '../types.js';
import { arrangementOf } from './inputs.js';
import { shapeOf } from './score-kind.js';

export interface FoundDetection {
  /** The tensor to explain, where it is not the output itself. */
  readonly tensor: string;
  readonly through?: string;
  readonly detection: Detection;
}

/** The boxes that lie in an output of their own: [N, candidates, 4]. */
export function boxesOutput(model: Model): { readonly name: string; readonly shape: Shape } | undefined {
  const found = model.graph.outputs.filter(({ name, type }) => {
    const shape = shapeOf(model, name);
    return isFloating(type) && shape?.length === 3 && shape[2] === 4 && /box/i.test(name);
  });
  return found.length === 1 ? { name: found[0]!.name, shape: shapeOf(model, found[0]!.name)! } : undefined;
}

/** Outputs with a list of numbers for each of the boxes. */
export function scoresBeside(model: Model, boxes: { readonly name: string; readonly shape: Shape }): string[] {
  return model.graph.outputs.flatMap(({ name, type }) => {
    const shape = shapeOf(model, name);
    const fits = name !== boxes.name && isFloating(type) && shape?.length === 3 && shape[1] === boxes.shape[1];
    return fits && !/hidden|point|mask/i.test(name) ? [name] : [];
  });
}

/**
 * What is left where a model suppresses boxes itself and writes three lists, as torchvision's do: boxes [n, 4], scores [n] and classes [n], all of them with or
 * without a batch before.
 * @throws SaywhyError `no-scores` with what to do, since n differs from picture to picture
 */
export function refuseSuppressed(model: Model, picture: InputInfo): void {
  const outputs = model.graph.outputs.map(({ name, type }) => ({ name, type, shape: shapeOf(model, name) ?? [] }));
  const isPicture = (size: Dimension | undefined) => size === 1 || size === picture.shape[0];
  const boxes = outputs.find(
    ({ type, shape }) => isFloating(type) && shape.length > 1 && shape.at(-1) === 4 && !isPicture(shape.at(-2)),
  );
  const lists = outputs.filter(({ shape }) => {
    const [count, boxCount] = [shape.at(-1), boxes?.shape.at(-2)];
    return shape.length + 1 === boxes?.shape.length && (count === boxCount || typeof count === 'string');
  });
  const classes = lists.find(({ name, type }) => !isFloating(type) || /class|label/i.test(name));
  if (!boxes || !classes || !lists.some((list) => list !== classes && isFloating(list.type))) return;
  const [from, scored] = model.graph.nodes.find(({ opType }) => opType === 'NonMaxSuppression')?.inputs ?? [];
  const read = from === undefined ? '' : ` The suppression reads boxes from "${from}" and scores from "${scored}".`;
  throw new SaywhyError(
    'no-scores',
    `The model suppresses boxes itself: ${[boxes, ...lists].map(({ name }) => `"${name}"`).join(', ')} are those that are left, a different number for each picture. Name scores [1, candidates, classes] from before that with \`scores\`, and their boxes with \`detection: { boxes }\`.${read}`,
  );
}

/**
 * How many candidates a detector has that looks at every cell of its grids: of strides 8, 16, 32 (and 64), with one anchor a cell or three. That no other model
 * has as many numbers by chance is what makes it a detector.
 */
function isCountOfCells(count: number, picture: Pick<InputInfo, 'shape'>): boolean {
  const last = arrangementOf(picture.shape) === 'channels-last';
  const [height, width] = last ? picture.shape.slice(1, 3) : picture.shape.slice(2);
  if (typeof height !== 'number' || typeof width !== 'number') return false;
  const cells = (strides: readonly number[]) =>
    strides.reduce((sum, stride) => sum + Math.ceil(height / stride) * Math.ceil(width / stride), 0);
  return [
    [8, 16, 32],
    [8, 16, 32, 64],
    [16, 32],
  ].some((strides) => [1, 3].some((anchors) => count === anchors * cells(strides)));
}

/** Whether an output is one list of candidates with box and scores, as YOLO's. */
export function isYolo(shape: Shape | undefined, picture: Pick<InputInfo, 'shape'>): boolean {
  if (shape?.length !== 3) return false;
  const [, first, second] = shape;
  const [count, numbers] = candidatesOf(shape) === 'rows' ? [first, second] : [second, first];
  return typeof count === 'number' && typeof numbers === 'number' && numbers >= 5 && isCountOfCells(count, picture);
}

/**
 * Whether an output is what a model leaves of its candidates: [1, boxes, 4 + 1 + 1 + n], joined of box, score, a class that was counted, and what else there is of
 * it, as YOLOv10 writes it. Its shape alone may be that of other detectors too.
 */
export function isNumbered(model: Model, output: string): boolean {
  const joined = model.graph.producers.get(output);
  if (joined?.opType === 'Identity') return isNumbered(model, joined.inputs[0]!);
  const widthOf = (tensor = '') => shapeOf(model, tensor)?.[2];
  const [box, score, counted] = joined?.inputs ?? [];
  const fits = joined?.opType === 'Concat' && widthOf(box) === 4 && widthOf(score) === 1 && widthOf(counted) === 1;
  return fits && isCounted(model, counted!);
}

/** Whether a tensor holds integers, if as floating-point numbers. */
function isCounted(model: Model, tensor: string): boolean {
  const node = model.graph.producers.get(tensor);
  if (!/^(Cast|Unsqueeze|Reshape)$/.test(node?.opType ?? '')) return false;
  const [source] = node!.inputs as [string];
  const { type = 'other' } = inferTensors(model).get(source) ?? {};
  return /^u?int/.test(type) || isCounted(model, source);
}

/** There are more candidates than numbers of each. */
function candidatesOf([, first, second]: Shape): 'rows' | 'columns' {
  return typeof first === 'number' && typeof second === 'number' && second > first ? 'columns' : 'rows';
}

/**
 * @param output the one that holds the scores
 * @throws SaywhyError `no-scores` where the output is no list of candidates
 */
export function findDetection(
  model: Model,
  output: string,
  picture: InputInfo,
  labels: readonly string[] | undefined,
  stated: Partial<Detection>,
  normalizer: { readonly operator: string; readonly input: string } | undefined,
): FoundDetection {
  const shape = shapeOf(model, output);
  const beside = stated.boxes ?? boxesOutput(model)?.name;
  if (beside !== undefined && beside !== output) {
    const numbers = shape?.[2];
    const normal = stated.activation ?? normalizer?.operator.toLowerCase();
    const apart = normal ? normal === 'softmax' : numbers !== 1 && numbers !== labels?.length;
    return {
      tensor: normalizer?.input ?? output,
      ...(normalizer && { through: normalizer.operator }),
      detection: {
        boxes: beside,
        format: 'cxcywh',
        unit: 'share',
        candidates: 'rows',
        firstClass: 0,
        ...(apart && { nothing: -1 }),
        activation: apart ? 'softmax' : 'sigmoid',
        ...stated,
      },
    };
  }
  if (shape?.length !== 3 && !stated.candidates)
    throw new SaywhyError(
      'no-scores',
      `"${output}" [${shape ?? 'unknown'}] is no list of candidates [1, candidates, numbers]: name the scores with \`scores\`, and the boxes with \`detection: { boxes }\`.`,
    );
  // Box, score and a class; box, objectness and the only class; or box and two classes.
  const isSix = stated.candidates !== 'columns' && stated.firstClass === undefined && shape?.[2] === 6;
  const isUnclear = isSix && labels?.length !== 2 && !isYolo(shape, picture);
  if (stated.classAt !== undefined || isNumbered(model, output) || (isUnclear && (labels?.length ?? 0) > 2))
    return {
      tensor: output,
      detection: {
        boxes: output,
        format: 'xyxy',
        unit: 'pixels',
        candidates: 'rows',
        firstClass: 4,
        classAt: 5,
        activation: 'none',
        ...stated,
      },
    };
  if (isUnclear)
    throw new SaywhyError(
      'no-scores',
      `"${output}" [${shape}] has 6 numbers a box, and nothing says which they are. Say \`detection: { classAt: 5 }\` for box, score and the number of its class, { firstClass: 5, objectness: 4 } for box, objectness and one class, { firstClass: 4 } for box and two classes.`,
    );
  const candidates = stated.candidates ?? candidatesOf(shape!);
  const logits = stated.firstClass === undefined ? logitsWithin(model, output) : undefined;
  const numbers = shape?.[candidates === 'rows' ? 2 : 1];
  const hasObjectness =
    !logits && candidates === 'rows' && !(typeof numbers === 'number' && numbers - 4 === labels?.length);
  return {
    tensor: logits ?? output,
    ...(logits !== undefined && { through: 'Sigmoid' }),
    detection: {
      boxes: output,
      format: 'cxcywh',
      unit: 'pixels',
      candidates,
      firstClass: logits !== undefined ? 0 : hasObjectness ? 5 : 4,
      ...(hasObjectness && { objectness: 4 }),
      activation: logits === undefined ? 'none' : 'sigmoid',
      ...stated,
    },
  };
}

/** What goes into the sigmoid of an output [boxes; sigmoid(classes); ...]: a saturated sigmoid has no gradient. */
function logitsWithin(model: Model, output: string): string | undefined {
  const joined = model.graph.producers.get(output);
  if (joined?.opType === 'Cast') return logitsWithin(model, joined.inputs[0]!);
  if (joined?.opType !== 'Concat') return undefined;
  const [boxes = '', classes = '', ...others] = joined.inputs;
  const last = model.graph.producers.get(classes);
  // Two sigmoids: the first is that of an objectness.
  if (others.some((name) => model.graph.producers.get(name)?.opType === 'Sigmoid')) return undefined;
  // Some join the boxes and the classes first, and the rest to that.
  if (last?.opType !== 'Sigmoid') return logitsWithin(model, boxes);
  return shapeOf(model, boxes)?.includes(4) ? last.inputs[0] : undefined;
}
