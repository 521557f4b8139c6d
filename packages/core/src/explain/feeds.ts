// From what a user passes to what the model is fed.
import type { Tensor as OrtTensor } from 'onnxruntime-common';
import { Tensor } from 'onnxruntime-common';
import { SaywhyError } from '../errors.js';
import { type Picture, type Preprocess, preprocess, type Rectangle } from '../images/index.js';
import { type Arrangement, arrangementOf } from '../model/inputs.js';
import { nearest } from '../nearest.js';
import type { View } from '../targets/view.js';
import { allFinite, countOf, floatsIn, fromFloats } from '../tensors/numbers.js';
import type { DataType, Input, InputInfo, TensorInput } from '../types.js';
import type { Remembered, Seen } from './remembered.js';

export interface Fed {
  /** Tensors that nobody writes to; of an input that equals the one before, the same. */
  readonly feeds: Readonly<Record<string, OrtTensor>>;
  /** What of the picture the model sees; absent for a tensor. */
  readonly region?: Rectangle;
  /** The picture's input as numbers, as the model has it. */
  readonly values: () => Float32Array;
  readonly shape: readonly number[];
  readonly arrangement: Arrangement;
  readonly view: View;
}

export interface FeedPlan {
  readonly inputs: readonly InputInfo[];
  readonly picture: InputInfo;
  readonly preprocess: Preprocess | undefined;
  readonly remembered: Remembered;
}

/**
 * @throws SaywhyError `invalid-input`, `missing-input`, `unknown-input`, `input-shape`, `not-finite`, `no-preprocess`, and what `preprocess` throws
 */
export function feed(input: Input, plan: FeedPlan): Fed {
  const given = byName(input, plan);
  const { remembered, picture } = plan;
  let region: Rectangle | undefined;
  let size: readonly [number, number] | undefined;
  const feeds: Record<string, OrtTensor> = {};
  for (const info of plan.inputs) {
    const value = given[info.name];
    if (value === undefined) throw missing(info, plan);
    if (typeof value === 'object' && isPicture(value)) {
      const seen = remembered.picture(info.name, value, () => see(value, info, plan.preprocess));
      feeds[info.name] = remembered.tensor(info.name, seen.tensor, () => seen.tensor);
      if (info === picture) [region, size] = [seen.region, [value.height, value.width]];
    } else feeds[info.name] = fromTensor(value, info, remembered);
  }
  const fed = feeds[picture.name]!;
  const shape = fed.dims;
  const arrangement = arrangementOf(shape);
  const [height = 1, width = 1] = arrangement === 'channels-last' ? shape.slice(1, 3) : shape.slice(2);
  return {
    feeds,
    ...(region && { region }),
    values: () => floatsIn(fed.data, fed.type),
    shape,
    arrangement,
    view: {
      picture: size ?? [height, width],
      region: region ?? { x: 0, y: 0, width, height },
      input: [height, width],
    },
  };
}

function byName(input: Input, { inputs, picture }: FeedPlan): Readonly<Record<string, Picture | TensorInput | string>> {
  if (typeof input !== 'object' || input === null)
    throw new SaywhyError(
      'invalid-input',
      `A picture is { data, width, height } and a tensor { data, shape }; this is ${input === null ? 'null' : typeof input}.`,
    );
  if (isPicture(input) || isTensor(input)) return { [picture.name]: input };
  const known = inputs.map(({ name }) => name);
  for (const name of Object.keys(input))
    if (!known.includes(name)) {
      const near = nearest(name, known)[0];
      throw new SaywhyError(
        'unknown-input',
        `The model has no input "${name}".${near ? ` Did you mean "${near}"?` : ''} It has: ${known.join(', ')}.`,
      );
    }
  return input;
}

function isPicture(input: object): input is Picture {
  return 'width' in input && 'height' in input && 'data' in input;
}

function isTensor(input: object | string): input is TensorInput {
  return (
    typeof input === 'object' && 'shape' in input && 'data' in input && ArrayBuffer.isView((input as TensorInput).data)
  );
}

function missing(info: InputInfo, { inputs, picture }: FeedPlan): SaywhyError {
  const names = inputs.map(({ name }) => `"${name}"`).join(', ');
  return new SaywhyError(
    'missing-input',
    `The model also needs "${info.name}" (${info.kind === 'text' ? 'a text, or ' : ''}${info.type} [${info.shape}]). Pass all inputs by name: ${names}, of which "${picture.name}" may be a picture.`,
  );
}

function see(picture: Picture, info: InputInfo, spec: Preprocess | undefined): Seen {
  if (!spec)
    throw new SaywhyError(
      'no-preprocess',
      `Nothing says how a picture becomes "${info.name}" [${info.shape}]. Pass \`preprocess\`, or a tensor { data, shape }.`,
    );
  const { tensor, region } = preprocess(picture, spec);
  checkShape(tensor.shape, info, 'Preprocessing makes');
  return { tensor: fromFloats(tensor.data, info.type, tensor.shape), region };
}

function fromTensor(input: TensorInput | string, info: InputInfo, remembered: Remembered): OrtTensor {
  if (!isTensor(input))
    throw new SaywhyError(
      'invalid-input',
      `"${info.name}" wants ${info.type} [${info.shape}] as { data, shape }${info.kind === 'picture' ? ', or a picture' : ''}, not ${typeof input}.`,
    );
  const { data } = input;
  const shape = input.shape.length === info.shape.length - 1 ? [1, ...input.shape] : input.shape;
  if (countOf(shape) !== data.length)
    throw new SaywhyError(
      'input-shape',
      `A tensor of shape [${input.shape}] holds ${countOf(input.shape)} numbers, not ${data.length}.`,
    );
  checkShape(shape, info, 'The tensor is');
  const type = input.type ?? typeOf(data, info.type);
  const same = type === info.type;
  if (!same && data instanceof BigInt64Array)
    throw new SaywhyError('input-type', `"${info.name}" is ${info.type}; the tensor is int64.`);
  const wrap = (values: typeof data) => new Tensor(info.type as 'float32', values as Float32Array, shape);
  const tensor = same ? wrap(data) : fromFloats(Float32Array.from(data as Float32Array), info.type, shape);
  return remembered.tensor(info.name, tensor, () => {
    if ((data instanceof Float32Array || data instanceof Float64Array) && !allFinite(data))
      throw new SaywhyError('not-finite', `The tensor for "${info.name}" holds NaN or infinite values.`);
    return same ? wrap(data.slice()) : tensor;
  });
}

function typeOf(data: TensorInput['data'], wanted: DataType): DataType {
  if (data instanceof Uint16Array) return wanted === 'float16' ? 'float16' : 'uint16';
  if (data instanceof Uint8Array) return wanted === 'bool' ? 'bool' : 'uint8';
  return data.constructor.name.replace(/^Big|Array$/g, '').toLowerCase() as DataType;
}

function checkShape(shape: readonly number[], info: InputInfo, what: string): void {
  const fits =
    shape.length === info.shape.length && info.shape.every((size, i) => typeof size === 'string' || size === shape[i]);
  if (!fits)
    throw new SaywhyError(
      'input-shape',
      `${what} [${shape}]; the model's input "${info.name}" is [${info.shape}]. Give its size with \`preprocess\`, or a tensor of that shape.`,
    );
  if (shape.length > 1 && shape[0] !== 1)
    throw new SaywhyError(
      'batch',
      `One picture at a time: [${shape}] is a batch of ${shape[0]}. Use explainAll for several.`,
    );
}

/** [1, C, ...space] or [1, ...space, C] without its batch, channels first. */
export function channelsFirst(values: Float32Array, { shape, arrangement }: Pick<Fed, 'shape' | 'arrangement'>) {
  const channels = arrangement === 'channels-last' ? shape.at(-1)! : (shape[1] ?? 1);
  const space = arrangement === 'channels-last' ? shape.slice(1, -1) : shape.slice(2);
  const ordered = arrangement === 'channels-last' ? swap(values, countOf(space), channels) : values;
  return { data: ordered, shape: [channels, ...space] };
}

/** The inverse of `channelsFirst`, batch left out. */
export function asModelHasIt(
  values: Float32Array,
  { shape, arrangement }: Pick<Fed, 'shape' | 'arrangement'>,
): Float32Array {
  if (arrangement === 'channels-first') return values;
  const channels = shape.at(-1)!;
  return swap(values, channels, values.length / channels);
}

/** Transposes [rows, columns]. */
function swap(values: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let r = 0, from = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[c * rows + r] = values[from++]!;
  return out;
}
