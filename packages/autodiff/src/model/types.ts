import type { GraphProto, TensorProto } from 'onnx-buf';
import type { ExternalReference } from './external.js';

/** Element types by the names that ONNX Runtime's JavaScript API uses; those it has no name for keep ONNX's. */
export type DataType =
  | 'float32'
  | 'float64'
  | 'float16'
  | 'bfloat16'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'bool'
  | 'string'
  | 'int4'
  | 'uint4'
  | 'int2'
  | 'uint2'
  | 'float8e4m3fn'
  | 'float8e4m3fnuz'
  | 'float8e5m2'
  | 'float8e5m2fnuz'
  | 'float4e2m1'
  | 'other';

/** A known size, or the name of one that is settled at run time: equal names are equal sizes, different names may be anything. */
export type Dimension = number | string;
export type Shape = readonly Dimension[];

export interface TensorType {
  readonly type: DataType;
  /** Absent where even the rank is unknown. */
  readonly shape?: Shape | undefined;
}

/** A graph input, a graph output, or an entry of `value_info`. */
export interface Value extends TensorType {
  readonly name: string;
  readonly encoded: Uint8Array;
}

/** A constant tensor. `encoded` is the whole message, a view of the file's bytes, copied as it is when the model is written. */
export interface Initializer {
  readonly name: string;
  readonly type: DataType;
  readonly shape: readonly number[];
  /** Where the elements lie, if not in the model itself. */
  readonly external: ExternalReference | undefined;
  readonly encoded: Uint8Array;
  /** Decoded anew at each access; its `rawData` is a view of the file's bytes. `readTensor` gives the elements. */
  readonly proto: TensorProto;
}

export type AttributeValue =
  | number
  | string
  | readonly number[]
  | readonly string[]
  | TensorProto
  | GraphProto
  | readonly TensorProto[]
  | readonly GraphProto[]
  | undefined;
export type Attributes = Readonly<Record<string, AttributeValue>>;

export interface Node {
  readonly name: string;
  readonly opType: string;
  /** Empty for the standard operators. */
  readonly domain: string;
  /** Names of tensors; an empty name is an optional input that was left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
  readonly metadata: Readonly<Record<string, string>>;
  /** Tensors of this graph that the node's sub-graphs (If, Loop, Scan) use. */
  readonly captures: readonly string[];
  readonly encoded: Uint8Array;
}

export interface Graph {
  readonly name: string;
  /** In topological order. */
  readonly nodes: readonly Node[];
  readonly initializers: ReadonlyMap<string, Initializer>;
  /** As declared: below IR version 4 these include every initializer. `requiredInputs` leaves those out. */
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly valueInfo: ReadonlyMap<string, Value>;
  /** The node that makes a tensor. */
  readonly producers: ReadonlyMap<string, Node>;
  /** The nodes that use a tensor, captures included. */
  readonly consumers: ReadonlyMap<string, readonly Node[]>;
  /** Tensors that sparse initializers give: the engine knows their names only. */
  readonly sparse: ReadonlySet<string>;
  /** Fields that the engine does not read (sparse initializers, quantization annotations, documentation), tag included, kept as they are. */
  readonly rest: readonly Uint8Array[];
}

/** An ONNX model that nothing changes: every function of this package gives a new one that shares the bytes of the old. */
export interface Model {
  readonly graph: Graph;
  /** The version of each operator set in use; the standard one is under `''`. */
  readonly opset: ReadonlyMap<string, number>;
  readonly irVersion: number;
  readonly metadata: ReadonlyMap<string, string>;
  /** The file's other fields (versions, producer, functions, ...), tag included, kept as they are: all but the graph and the metadata. */
  readonly rest: readonly Uint8Array[];
  /** External data by location (`externalLocations`); a file that was not supplied is absent. */
  readonly external: ReadonlyMap<string, Uint8Array>;
}

/** Whether a graph has a tensor of this name. */
export function hasTensor(
  graph: Pick<Graph, 'producers' | 'initializers' | 'sparse' | 'inputs'>,
  name: string,
): boolean {
  return (
    graph.producers.has(name) ||
    graph.initializers.has(name) ||
    graph.sparse.has(name) ||
    graph.inputs.some((input) => input.name === name)
  );
}

/** The graph inputs that must be fed: those that no initializer gives a value. */
export function requiredInputs(graph: Graph): Value[] {
  return graph.inputs.filter((input) => !graph.initializers.has(input.name));
}

/** Whether numbers of a type may be quantized ones; int64 holds positions, bool answers. */
export function isStandIn(type: DataType): boolean {
  return !isFloating(type) && !['int64', 'bool', 'string', 'other'].includes(type);
}

/** The version of the standard operators that a model is written for; 0 where it names none. */
export function opsetOf({ opset }: Pick<Model, 'opset'>): number {
  return opset.get('') ?? 0;
}

/** What a gradient of a tensor is like: that of integers that stand for real numbers is real. */
export function asReal<T extends TensorType>(tensor: T): T {
  return isStandIn(tensor.type) ? { ...tensor, type: 'float32' } : tensor;
}

export function isFloating(type: DataType): boolean {
  return type === 'float32' || type === 'float16' || type === 'float64' || type === 'bfloat16';
}
