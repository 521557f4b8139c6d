// Shape inference with constant propagation: what every tensor's type, shape and, for small constants, elements are before anything runs.
import { dataTypeName } from '../model/data-types.js';
import { readTensor } from '../model/tensor-data.js';
import {
  type Attributes,
  type DataType,
  type Dimension,
  type Initializer,
  isFloating,
  type Model,
  type Node,
  type Shape,
  type TensorType,
} from '../model/types.js';
import { operatorOf } from '../operators/index.js';
import type { AnyCall, Tensor } from '../operators/record.js';
import { formalName, read, schemaOf } from '../schema/read.js';

/** Constants whose elements are read: shapes, axes, scales, bounds; never weights. */
const INTEGER_LIMIT = 4096;
const FLOAT_LIMIT = 64;

const known = new WeakMap<Model, ReadonlyMap<string, Tensor>>();

/** What is known of every tensor of a model's graph. */
export function inferTensors(model: Model): ReadonlyMap<string, Tensor> {
  const before = known.get(model);
  if (before) return before;
  const tensors = new Map<string, Tensor>();
  const opset = model.opset.get('') ?? 0;
  for (const { name, type, shape } of model.graph.inputs)
    tensors.set(name, { name, type, shape: nameUnknown(shape, name) });
  for (const initializer of model.graph.initializers.values())
    tensors.set(initializer.name, constantTensor(initializer, model.external));
  const declared = new Map<string, TensorType>(model.graph.valueInfo);
  for (const output of model.graph.outputs) declared.set(output.name, output);
  for (const node of model.graph.nodes)
    inferNode(node, tensors, opset, model.external).forEach((inferred, index) => {
      const name = node.outputs[index];
      if (name) tensors.set(name, reconcile(name, inferred, declared.get(name)));
    });
  known.set(model, tensors);
  return tensors;
}

interface Inferred extends TensorType {
  readonly value?: readonly Dimension[] | undefined;
}

function inferNode(
  node: Node,
  tensors: ReadonlyMap<string, Tensor>,
  opset: number,
  external: Model['external'],
): readonly Inferred[] {
  if (node.opType === 'Constant' && node.domain === '') return [constantValue(node.attributes, external)];
  const unknown: Inferred[] = node.outputs.map(() => ({ type: 'other' }));
  if (node.domain !== '') return unknown;
  const inputs = node.inputs.map((name) => (name === '' ? undefined : tensors.get(name)));
  return inferCall(node.opType, makeCall(node.opType, inputs, node.attributes, opset, node.outputs.length));
}

/** The types, shapes and known elements of the outputs of a call. */
export function inferCall(opType: string, call: AnyCall): readonly Inferred[] {
  const record = operatorOf(opType);
  const first = call.inputs[0]?.type ?? 'other';
  const shapes = record?.shape?.(call);
  const types = record?.type?.(call);
  return Array.from({ length: call.outputCount }, (_, index) => ({
    type: (Array.isArray(types) ? types[index] : index === 0 ? types : undefined) ?? (record ? first : 'other'),
    shape: isListOfShapes(shapes) ? shapes[index] : index === 0 ? (shapes as Shape | undefined) : undefined,
    value: index === 0 ? limited(record?.value?.(call)) : undefined,
  }));
}

/** A node as records see it: by its newest signature, inputs under their formal names. */
export function makeCall(
  opType: string,
  given: readonly (Tensor | undefined)[],
  attributes: Attributes,
  opset: number,
  outputCount: number,
): AnyCall {
  const call = read(opType, opset, given, attributes);
  const inputs = [...call.inputs];
  for (const { index, value, type } of call.given) {
    const elements = typeof value === 'number' ? [value] : value;
    const shape = typeof value === 'number' ? [] : [value.length];
    inputs[index] = { name: '', type: type === 'int64' ? type : (given[0]?.type ?? 'float32'), shape, value: elements };
  }
  const formal: Record<string, Tensor | undefined> = {};
  (schemaOf(opType)?.signatures.at(-1)?.inputs ?? []).forEach((name, index) => {
    if (!name.endsWith('...')) formal[formalName(name)] = inputs[index];
  });
  return { ...formal, inputs: Array.from(inputs), attributes: call.attributes, opset, outputCount };
}

function constantTensor({ name, type, shape, proto }: Initializer, external: Model['external']): Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  const readable = count <= (isFloating(type) ? FLOAT_LIMIT : INTEGER_LIMIT) && type !== 'string' && type !== 'other';
  const supplied = proto.externalData.every(({ key, value }) => key !== 'location' || external.has(value));
  return { name, type, shape, value: readable && supplied ? readTensor(proto, external) : undefined };
}

function constantValue(attributes: Attributes, external: Model['external']): Inferred {
  const [kind, value] = Object.entries(attributes)[0] ?? [];
  if (kind === 'value' && typeof value === 'object' && '$typeName' in value && value.$typeName === 'onnx.TensorProto') {
    const shape = value.dims.map(Number);
    return constantTensor(
      { name: '', type: dataTypeName(value.dataType), shape, proto: value, encoded: value.rawData },
      external,
    );
  }
  const type: DataType = kind?.startsWith('value_float')
    ? 'float32'
    : kind?.startsWith('value_int')
      ? 'int64'
      : 'string';
  if (typeof value === 'number') return { type, shape: [], value: [value] };
  if (Array.isArray(value))
    return { type, shape: [value.length], value: type === 'string' ? undefined : (value as number[]) };
  return { type };
}

function limited(value: readonly Dimension[] | undefined): readonly Dimension[] | undefined {
  return value && value.length <= INTEGER_LIMIT ? value : undefined;
}

function isListOfShapes(shapes: unknown): shapes is readonly (Shape | undefined)[] {
  return (
    Array.isArray(shapes) && shapes.length > 0 && shapes.every((shape) => shape === undefined || Array.isArray(shape))
  );
}

/** What was inferred, completed by what the file declares: a number is worth more than a name, a name more than nothing. */
function reconcile(name: string, inferred: Inferred, declared: TensorType | undefined): Tensor {
  const type = inferred.type === 'other' ? (declared?.type ?? 'other') : inferred.type;
  const other = declared?.shape;
  const shape =
    inferred.shape?.map((size, axis) =>
      typeof size === 'string' && other?.length === inferred.shape?.length ? merge(size, other?.[axis]) : size,
    ) ?? other;
  return { name, type, shape: nameUnknown(shape, name), value: inferred.value };
}

function merge(inferred: string, declared: Dimension | undefined): Dimension {
  return typeof declared === 'number' ? declared : inferred === '?' ? (declared ?? '?') : inferred;
}

/** Gives each unknown dimension a name of its own, so that equal names mean equal sizes. */
function nameUnknown(shape: Shape | undefined, tensor: string): Shape | undefined {
  return shape?.map((size, axis) => (size === '?' ? `${tensor}[${axis}]` : size));
}
