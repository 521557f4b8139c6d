import type { GraphProto } from 'onnx-buf';
import { SaywhyError } from '../errors.js';
import { makeNode, makeValue } from '../model/encode.js';
import { ancestorNodes, type GraphParts, indexGraph, uses } from '../model/graph.js';
import { makeTensor } from '../model/tensor-data.js';
import {
  type Attributes,
  type DataType,
  type Model,
  type Node,
  opsetOf,
  requiredInputs,
  type TensorType,
  type Value,
} from '../model/types.js';
import type { AttributesOf, StandardName, Tensor } from '../operators/record.js';
import { isStatic, nameUnknown, numbersOf } from '../operators/shapes.js';
import { toVersion } from '../schema/read.js';
import { inferCall, inferTensors, makeCall, rememberTensors } from '../shapes/infer.js';
import { makeGraph } from '../subgraphs/graph-model.js';
import { Names, outputName } from './names.js';

/** Integer constants are folded up to this many elements, so that a shape is read off the graph but no weight is ever computed here. */
const FOLD_LIMIT = 4096;

/**
 * Adds nodes to a model, each written for the model's own opset. Equal nodes are merged, and what can be computed from known integers is: a constant
 * has no name until a node uses it.
 */
export class Emitter {
  readonly model: Model;
  readonly opset: number;
  private readonly tensors: Map<string, Tensor>;
  private readonly added: Node[] = [];
  /** For each added tensor, which of the added nodes makes it. */
  private readonly makers = new Map<string, number>();
  private readonly inputs: Value[] = [];
  private readonly outputs: Value[] = [];
  private readonly merged = new Map<string, readonly Tensor[]>();
  private readonly names: Names;
  /** Where each dimension that is settled at run time can be read off: from an axis of a graph input. */
  private readonly symbols = new Map<string, { readonly tensor: Tensor; readonly axis: number }>();
  private scope = '';

  /** Nodes up to here come before those of the model: they define its inputs. */
  private head = 0;

  /**
   * @param outer for a graph inside a node: the builder of the graph around it, whose tensors it may use
   * @param place put before every name that is made, so that none is like one of a graph around it
   */
  constructor(
    model: Model,
    private readonly outer?: Emitter,
    place = '',
  ) {
    this.model = model;
    this.opset = opsetOf(model);
    this.tensors = new Map(inferTensors(model));
    this.names = new Names(this.tensors.keys(), outer?.names, place);
    for (const { name } of requiredInputs(model.graph)) this.learnSymbols(this.tensor(name));
  }

  /** A tensor of the graph. */
  tensor(name: string): Tensor {
    return this.tensors.get(name) ?? this.outer?.tensor(name) ?? { name, type: 'other' };
  }

  /**
   * The graph input, and its axis, that has a symbolic dimension. The latest one: a backward part then reads it off the cotangent, and needs no tensor
   * of the forward part for it.
   */
  sourceOf(symbol: string): { readonly tensor: Tensor; readonly axis: number } | undefined {
    return this.symbols.get(symbol) ?? this.outer?.sourceOf(symbol);
  }

  /** Names of the nodes that follow begin with this. */
  enter(scope: string): void {
    this.scope = scope;
  }

  constant(type: DataType, shape: readonly number[], value: readonly number[]): Tensor {
    return { name: '', type, shape, value };
  }

  /**
   * Emits a node of the standard operator set by its newest signature, and gives its first output: an existing tensor where an equal node is there
   * already, a constant where the value is known.
   */
  emit<K extends StandardName>(
    opType: K,
    inputs: readonly (Tensor | undefined)[],
    attributes: Partial<AttributesOf<K>> = {},
  ): Tensor {
    return this.emitAll(opType, inputs, attributes, 1)[0]!;
  }

  /** Emits a node with several outputs; see `emit`. */
  emitAll<K extends StandardName>(
    opType: K,
    inputs: readonly (Tensor | undefined)[],
    attributes: Partial<AttributesOf<K>>,
    outputCount: number,
  ): readonly Tensor[] {
    const call = makeCall(opType, inputs, attributes, this.opset, outputCount);
    const types = inferCall(opType, call);
    const folded = types.map(({ type, shape, value: known }) => {
      // A tensor without elements is known as well: onnxruntime leaves out an Expand that makes one.
      const value = isStatic(shape) && shape.includes(0) && type !== 'other' ? [] : known;
      const isKnown =
        value && value.length <= FOLD_LIMIT && isStatic(shape) && value.every((element) => typeof element === 'number');
      return isKnown ? this.constant(type, shape, value as readonly number[]) : undefined;
    });
    if (folded.length > 0 && folded.every((tensor) => tensor !== undefined)) return folded;

    const named = inputs.map((input) => input && this.named(input));
    const key = JSON.stringify([opType, outputCount, named.map((input) => input?.name), attributes]);
    const known = this.merged.get(key);
    if (known) return known;
    const written = toVersion(opType, this.opset, named, attributes, numbersOf);
    const name = this.names.unique(this.scope + opType, outputCount);
    const outputs = types.map((type, index) => {
      const output = outputName(name, index);
      return { ...type, name: output, shape: nameUnknown(type.shape, output) };
    });
    this.append(
      opType,
      name,
      withoutTrailing(written.inputs).map((input) => (input ? this.named(input).name : '')),
      outputs,
      written.attributes,
      written.kinds,
    );
    this.merged.set(key, outputs);
    return outputs;
  }

  /** Adds a graph input. */
  input(name: string, type: TensorType): Tensor {
    this.names.claim(name);
    const tensor = { name, ...type };
    this.inputs.push(makeValue(name, type));
    this.tensors.set(name, tensor);
    this.names.take(name);
    this.learnSymbols(tensor);
    return tensor;
  }

  /** Makes a tensor a graph output under a name of its own. */
  output(name: string, tensor: Tensor, { type, shape }: TensorType = tensor): void {
    this.names.claim(name);
    const source = this.named(tensor);
    this.append('Identity', this.names.unique(`${name}/Identity`), [source.name], [{ name, type, shape }], {}, {});
    this.outputs.push(makeValue(name, { type, shape }));
  }

  /** A name for something that is not emitted yet. */
  reserve(base: string): string {
    return this.names.unique(this.scope + base);
  }

  /** An input of the graph that is built for an attribute. */
  formal(name: string, { type, shape }: TensorType): Tensor {
    return this.know({ name: this.names.unique(name), type, shape });
  }

  /** Gives an input of the model its value, so that it is none any more: before anything that reads it is emitted. */
  define(name: string, tensor: Tensor): void {
    const source = this.named(tensor);
    this.append('Identity', this.names.unique(`${name}/Identity`), [source.name], [{ ...source, name }], {}, {});
    this.head = this.added.length;
  }

  /** Emits a node that holds graphs, under a name that was reserved for it; types are those of its outputs. */
  emitGraphs(
    opType: 'If' | 'Loop' | 'Scan',
    name: string,
    inputs: readonly (Tensor | undefined)[],
    attributes: Attributes,
    types: readonly TensorType[],
  ): readonly Tensor[] {
    const outputs = types.map(({ type, shape }, index) => {
      const output = outputName(name, index);
      return { name: output, type, shape: nameUnknown(shape, output) };
    });
    const kinds = Object.fromEntries(
      Object.entries(attributes).map(([key, value]) => [
        key,
        typeof value === 'number' ? 'int' : Array.isArray(value) ? 'ints' : 'graph',
      ]),
    );
    const names = inputs.map((input) => (input ? this.named(input).name : ''));
    this.append(opType, name, names, outputs, attributes, kinds);
    return outputs;
  }

  /** What was built as a graph for an attribute: the nodes that its outputs need. An output stands under a name of its own. */
  graph(inputs: readonly Tensor[], outputs: readonly Tensor[]): GraphProto {
    const results = outputs.map((tensor) => {
      const source = this.named(tensor);
      const result = { ...source, name: this.names.unique('result') };
      this.append('Identity', `${result.name}/Identity`, [source.name], [result], {}, {});
      return result;
    });
    const all = [...this.added.slice(0, this.head), ...this.model.graph.nodes, ...this.added.slice(this.head)];
    const { nodes } = ancestorNodes(
      all,
      results.map(({ name }) => name),
    );
    return makeGraph(this.model, nodes, inputs, results);
  }

  /** The added nodes by which some tensors lead to others, in order. */
  nodesBetween(from: readonly string[], to: readonly (Tensor | undefined)[]): Node[] {
    const reached = new Set(from);
    const found = new Set<number>();
    const open = to.flatMap((tensor) => (tensor ? [tensor.name] : []));
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      const maker = this.makers.get(name);
      if (maker === undefined || reached.has(name) || found.has(maker)) continue;
      found.add(maker);
      open.push(...uses(this.added[maker]!));
    }
    const inOrder = [...found].sort((a, b) => a - b).map((index) => this.added[index]!);
    return inOrder.filter((node) => {
      const depends = uses(node).some((name) => reached.has(name));
      if (depends) for (const name of node.outputs) reached.add(name);
      return depends;
    });
  }

  /** The model with what was added and is of use for the added outputs. */
  build(): Model {
    const { graph } = this.model;
    const { nodes } = ancestorNodes(
      this.added,
      this.outputs.map(({ name }) => name),
    );
    const parts: GraphParts = {
      ...graph,
      nodes: [...graph.nodes, ...nodes],
      inputs: [...graph.inputs, ...this.inputs],
      outputs: [...graph.outputs, ...this.outputs],
    };
    const built = { ...this.model, graph: indexGraph(parts) };
    rememberTensors(built, this.tensors);
    return built;
  }

  /** Gives a constant its node. Nodes rather than initializers: below IR version 4 an initializer would also have to be an input. */
  private named(tensor: Tensor): Tensor {
    if (tensor.name !== '') return tensor;
    const { type, shape, value } = tensor;
    // What has no elements by one shape that the file declares may have some by another.
    if (!isStatic(shape) || !value)
      throw new SaywhyError(
        'invalid-model',
        'The shapes that the model declares for its tensors contradict each other. Run ONNX’s shape inference on the file again, or export it anew.',
      );
    const key = JSON.stringify(['Constant', type, shape, value]);
    const known = this.merged.get(key);
    if (known) return known[0]!;
    const name = this.names.unique('constant');
    const named = { ...tensor, name };
    this.append(
      'Constant',
      `${name}/Constant`,
      [],
      [named],
      { value: makeTensor('', type, shape, value as readonly number[]) },
      { value: 'tensor' },
    );
    this.merged.set(key, [named]);
    return named;
  }

  private append(
    opType: string,
    name: string,
    inputs: readonly string[],
    outputs: readonly Tensor[],
    attributes: Attributes,
    kinds: Readonly<Record<string, string>>,
  ): void {
    for (const output of outputs) this.makers.set(output.name, this.added.length);
    this.added.push(
      makeNode({ name, opType, inputs, outputs: outputs.map((output) => output.name), attributes }, kinds),
    );
    for (const output of outputs) this.know(output);
  }

  /** Remembers a tensor that is made here. */
  private know(tensor: Tensor): Tensor {
    this.tensors.set(tensor.name, tensor);
    this.names.take(tensor.name);
    return tensor;
  }

  private learnSymbols(tensor: Tensor): void {
    tensor.shape?.forEach((size, axis) => {
      if (typeof size === 'string') this.symbols.set(size, { tensor, axis });
    });
  }
}

function withoutTrailing<T>(inputs: readonly (T | undefined)[]): (T | undefined)[] {
  return inputs.slice(0, inputs.findLastIndex((input) => input !== undefined) + 1);
}
