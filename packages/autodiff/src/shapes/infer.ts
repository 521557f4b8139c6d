// Shape inference with constant propagation: what every tensor's type, shape and, for small constants, elements are before anything runs. One pass
// over the nodes; what a file claims can make neither a shape nor a constant larger than the limits below.
import { explained } from '../errors.js';
import { fromFloat16Bits, toFloat16Bits } from '../model/data-types.js';
import { describe, qualifiedName } from '../model/graph.js';
import { elementCount } from '../model/tensor-data.js';
import {
  type Attributes,
  type DataType,
  type Dimension,
  type Model,
  type Node,
  opsetOf,
  requiredInputs,
  type Shape,
  type TensorType,
} from '../model/types.js';
import { operatorOf } from '../operators/index.js';
import { impossibleAxis, MAX_RANK } from '../operators/limits.js';
import type { AnyCall, AnyOperator, Tensor } from '../operators/record.js';
import { isStatic, nameUnknown, symbolOf } from '../operators/shapes.js';
import { constantElements, VALUE_LIMIT } from '../operators/tensors/constants.js';
import { formalInputs, missingInput, read } from '../schema/read.js';

/** Elements that are kept in one graph in all, but for lists as short as shapes are. */
const MAX_ELEMENTS = 2 ** 20;
const FEW = 64;

/** What integers of the narrow types can be. */
const RANGES: Partial<Record<DataType, readonly [number, number]>> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
};

/** What was inferred of models: they never change. */
const inferredOf = new WeakMap<Model, ReadonlyMap<string, Tensor>>();

/**
 * What is known of every tensor of a model's graph. An initializer that is an input as well (as all are below IR version 4) counts as the constant that
 * it is unless someone feeds it.
 * @param known more than the model says of some of its inputs
 */
export function inferTensors(model: Model, known: readonly Tensor[] = []): ReadonlyMap<string, Tensor> {
  const before = inferredOf.get(model);
  if (before) return before;
  const { graph } = model;
  const tensors = new Map<string, Tensor>();
  const opset = opsetOf(model);
  for (const { name, type, shape } of requiredInputs(graph))
    tensors.set(name, { name, type, shape: nameUnknown(declaredShape(shape), name) });
  for (const tensor of known) tensors.set(tensor.name, { ...tensor, shape: nameUnknown(tensor.shape, tensor.name) });
  for (const weight of graph.initializers.values()) {
    const { name, type, shape } = weight;
    tensors.set(name, { name, ...tidy({ type, shape, value: constantElements(weight, model.external) }) });
  }
  const outputs = new Map(graph.outputs.map((output) => [output.name, output]));
  let kept = 0;
  for (const node of graph.nodes) {
    const inferred = explained(describe(node), () => inferNode(node, tensors, opset));
    node.outputs.forEach((name, index) => {
      if (!name) return;
      const tensor = reconcile(name, inferred[index]!, graph.valueInfo.get(name), outputs.get(name));
      const size = tensor.value?.length ?? 0;
      if (size > FEW) kept += size;
      tensors.set(name, size > FEW && kept > MAX_ELEMENTS ? { ...tensor, value: undefined } : tensor);
    });
  }
  inferredOf.set(model, tensors);
  return tensors;
}

/** What is known of a tensor by its name: of one that the graph lacks, nothing. */
export type Lookup = (name: string) => Tensor;

export function lookupIn(model: Model): Lookup {
  return lookup(inferTensors(model));
}

function lookup(tensors: ReadonlyMap<string, Tensor>): Lookup {
  return (name) => tensors.get(name) ?? { name, type: 'other' };
}

/** Takes over what is known of a model's tensors from where it was made. */
export function rememberTensors(model: Model, tensors: ReadonlyMap<string, Tensor>): void {
  inferredOf.set(model, tensors);
}

interface Inferred extends TensorType {
  readonly value?: readonly Dimension[] | undefined;
}

function inferNode(node: Node, tensors: ReadonlyMap<string, Tensor>, opset: number): readonly Inferred[] {
  // What sub-graphs use comes behind, as in the steps of the walk.
  const tensor = lookup(tensors);
  const inputs = [...node.inputs, ...node.captures].map((name) => (name === '' ? undefined : tensor(name)));
  const opType = qualifiedName(node);
  return inferCall(opType, makeCall(opType, inputs, node.attributes, opset, node.outputs.length));
}

/** The types, shapes and known elements of the outputs of a call. */
export function inferCall(opType: string, call: AnyCall): readonly Inferred[] {
  const record = operatorOf(opType);
  if (!record || missingInput(opType, call.inputs))
    return Array.from({ length: call.outputCount }, () => ({ type: 'other' as const }));
  const shapes = impossibleAxis(call.attributes) ? undefined : record.shape?.(call);
  const types = record.type?.(call);
  return Array.from({ length: call.outputCount }, (_, index) => {
    const type =
      (Array.isArray(types) ? types[index] : index === 0 ? types : undefined) ?? call.inputs[0]?.type ?? 'other';
    const shape = isListOfShapes(shapes) ? shapes[index] : index === 0 ? (shapes as Shape | undefined) : undefined;
    return tidy({ type, shape }, index === 0 ? (sound) => elementsOf(record, call, sound) : undefined);
  });
}

/** A node as records see it: by its newest signature, inputs under their formal names. */
export function makeCall(
  opType: string,
  written: readonly (Tensor | undefined)[],
  attributes: Attributes,
  opset: number,
  outputCount: number,
): AnyCall {
  const call = read(opType, opset, written, attributes);
  const inputs = [...call.inputs];
  for (const { index, value, type } of call.fromAttributes) {
    const elements = typeof value === 'number' ? [value] : value;
    const shape = typeof value === 'number' ? [] : [value.length];
    inputs[index] = {
      name: '',
      type: type === 'int64' ? type : (written[0]?.type ?? 'float32'),
      shape,
      value: elements,
    };
  }
  const formal: Record<string, Tensor | undefined> = {};
  formalInputs(opType).forEach((name, index) => {
    formal[name] = inputs[index];
  });
  return { ...formal, inputs: Array.from(inputs), attributes: call.attributes, opset, outputCount };
}

/** Elements are asked for only where the shape says that they are few. */
function elementsOf(record: AnyOperator, call: AnyCall, shape: Shape | undefined): readonly Dimension[] | undefined {
  if (!record.value || !isStatic(shape)) return undefined;
  return elementCount(shape) <= VALUE_LIMIT ? record.value(call) : undefined;
}

/** Makes sizes that cannot be into unknown ones, and elements into what their type can hold. */
function tidy(
  inferred: Inferred,
  elements: (shape: Shape | undefined) => readonly Dimension[] | undefined = () => inferred.value,
): Inferred {
  const { type } = inferred;
  const shape =
    inferred.shape && inferred.shape.length <= MAX_RANK ? Array.from(inferred.shape, possibleSize) : undefined;
  const value = elements(shape);
  const isWhole = value !== undefined && isStatic(shape) && elementCount(shape) === value.length;
  return { type, shape, value: isWhole ? value.map((element) => held(element, type)) : undefined };
}

function possibleSize(size: Dimension | undefined): Dimension {
  return typeof size === 'string' || (Number.isSafeInteger(size) && size! >= 0) ? size! : '?';
}

/** An element as its type holds it, rounded as arithmetic of that type rounds; '?' where it cannot. */
function held(element: Dimension, type: DataType): Dimension {
  if (typeof element === 'string') return element;
  if (type === 'float32') return Math.fround(element);
  if (type === 'float16') return fromFloat16Bits(toFloat16Bits(element));
  if (type === 'bool') return element === 0 ? 0 : 1;
  if (type === 'float64') return element;
  const [low, high] = RANGES[type] ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  return Number.isInteger(element) && element >= low && element <= high ? element : '?';
}

function isListOfShapes(shapes: unknown): shapes is readonly (Shape | undefined)[] {
  return (
    Array.isArray(shapes) && shapes.length > 0 && shapes.every((shape) => shape === undefined || Array.isArray(shape))
  );
}

/**
 * What was inferred, completed by what the file declares: a number is worth more than a name, a name more than nothing. The names in a graph output's
 * shape are what someone typed at export, often an input's name for a size that differs: of those only the numbers are believed.
 */
function reconcile(name: string, inferred: Inferred, declared?: TensorType, output?: TensorType): Tensor {
  const type = [inferred.type, declared?.type, output?.type].find((known) => known && known !== 'other') ?? 'other';
  const typed = output?.shape?.map((size) => (typeof size === 'number' ? size : '?'));
  const shape = [declaredShape(declared?.shape), declaredShape(typed)].reduce(complete, inferred.shape);
  return { name, type, shape: nameUnknown(shape, name), value: inferred.value };
}

function complete(inferred: Shape | undefined, declared: Shape | undefined): Shape | undefined {
  if (!inferred || inferred.length !== declared?.length) return inferred ?? declared;
  return inferred.map((size, axis) =>
    size === '?' || (typeof size === 'string' && typeof declared[axis] === 'number') ? declared[axis]! : size,
  );
}

/** A shape as the file gives it, without what is no size: negative numbers, names that read as numbers. */
function declaredShape(shape: Shape | undefined): Shape | undefined {
  if (!shape || shape.length > MAX_RANK) return undefined;
  return shape.map((size) => possibleSize(typeof size === 'string' ? symbolOf(size) : size));
}
