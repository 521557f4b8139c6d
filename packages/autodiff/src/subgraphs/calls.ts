// What the nodes that hold graphs do with them: which graph input is which tensor, and what is known of their results.
import type { GraphProto } from 'onnx-buf';
import type { DataType, Dimension, Model, Shape, TensorType } from '../model/types.js';
import type { AnyCall, Tensor } from '../operators/record.js';
import { factorsOf, numbersOf } from '../operators/shapes.js';
import { inferTensors, lookupIn } from '../shapes/infer.js';
import { graphModel, graphOf, heldGraphs } from './graph-model.js';

/** How many graphs may stand inside one another: each is gone through several times for the one around it. */
const MAX_DEPTH = 8;

/** Why a node's graphs are not looked into, if so. */
export function whyClosed(opType: string, { attributes, opset }: AnyCall): string | undefined {
  if (opType === 'Scan' && opset < 9)
    return 'no rule for opset 8, where it has a batch; export the model with a newer one';
  const graphs = heldGraphs({ attributes });
  if (graphs.some(({ sparseInitializer }) => sparseInitializer.length > 0))
    return 'no rule: a graph in it holds sparse weights; export the model with dense ones';
  const depth = (graph: GraphProto, below: number): number =>
    Math.max(
      below,
      ...graph.node.flatMap(({ attribute }) =>
        attribute.flatMap(({ g }) => (g && below <= MAX_DEPTH ? [depth(g, below + 1)] : [])),
      ),
    );
  return graphs.some((graph) => depth(graph, 1) > MAX_DEPTH)
    ? `no rule: more than ${MAX_DEPTH} graphs stand inside one another in it`
    : undefined;
}

/** Both branches of an If, as Models whose inputs are what they capture. */
export function branchesOf({ inputs, attributes, opset }: AnyCall): readonly Model[] {
  const captures = inputs.slice(1).filter((input) => input !== undefined);
  return ['then_branch', 'else_branch'].map((name) => {
    const graph = graphOf(attributes[name]);
    if (!graph) throw new Error(`it has no ${name}`);
    return graphModel(graph, [], captures, opset);
  });
}

/** What is known of the results of an If: what both branches agree on. */
export function inferBranches(call: AnyCall): readonly TensorType[] {
  const names = symbolsOf(call.inputs);
  const [first, second] = branchesOf(call).map((branch) => typesOfResults(branch, names));
  return first!.map((result, index) => joined(result, second![index] ?? { type: 'other' }));
}

/** A tensor that the body of a loop reads one slice of in every round, or that it makes one slice of. */
export interface Sliced {
  /** The body's input or output. */
  readonly name: string;
  readonly axis: number;
  /** Whether the last slice comes first. */
  readonly isReversed: boolean;
}

/** What Loop and Scan have in common: a body that is run again and again, and hands its state on. */
export interface Iteration {
  readonly body: Model;
  /** The body's input and output for each part of the state, and what is known of it before every round. */
  readonly states: readonly {
    readonly input: string;
    readonly output: string;
    readonly initial: Tensor;
    readonly type: Tensor;
  }[];
  /** What is read in slices, with the whole tensor; only a Scan has such. */
  readonly slices: readonly (Sliced & { readonly whole: Tensor })[];
  /** The outputs that are put together of slices, behind those of the state. */
  readonly stacked: readonly Sliced[];
  /** The inputs of a Loop's body that are no state: the number of the round, and whether it is run. */
  readonly round: string | undefined;
  readonly condition: string | undefined;
  readonly captures: readonly Tensor[];
}

/** A Loop or Scan, taken apart. */
export function iterationOf(opType: string, call: AnyCall): Iteration {
  const graph = graphOf(call.attributes.body);
  if (!graph) throw new Error('it has no body');
  return opType === 'Loop' ? loopOf(graph, call) : scanOf(graph, call);
}

function loopOf(graph: GraphProto, { inputs, opset }: AnyCall): Iteration {
  const count = graph.input.length - 2;
  const initials = inputs.slice(2, 2 + count) as readonly Tensor[];
  const captures = inputs.slice(2 + count).filter((input) => input !== undefined);
  const [round, condition] = [graph.input[0]!.name, graph.input[1]!.name];
  const first = [scalar(round, 'int64'), scalar(condition, 'bool')];
  const { body, types } = settled(graph, first, initials, [], captures, opset, 1);
  return {
    body,
    states: initials.map((initial, index) => ({
      input: graph.input[index + 2]!.name,
      output: graph.output[index + 1]!.name,
      initial,
      type: types[index]!,
    })),
    slices: [],
    stacked: graph.output.slice(1 + count).map(({ name }) => ({ name, axis: 0, isReversed: false })),
    round,
    condition,
    captures,
  };
}

function scanOf(graph: GraphProto, { inputs, attributes, opset }: AnyCall): Iteration {
  const sliced = attributes.num_scan_inputs as number;
  const count = graph.input.length - sliced;
  const initials = inputs.slice(0, count) as readonly Tensor[];
  const captures = inputs.slice(graph.input.length).filter((input) => input !== undefined);
  const list = (name: string, index: number) => (attributes[name] as readonly number[] | undefined)?.[index] ?? 0;
  const slices = (inputs.slice(count, graph.input.length) as readonly Tensor[]).map((whole, index) => ({
    name: graph.input[count + index]!.name,
    axis: resolved(list('scan_input_axes', index), whole.shape?.length),
    isReversed: list('scan_input_directions', index) === 1,
    whole,
  }));
  const parts = slices.map(({ name, whole, axis }) => ({
    name,
    type: whole.type,
    shape: whole.shape?.filter((_, dimension) => dimension !== axis),
  }));
  const { body, types } = settled(graph, [], initials, parts, captures, opset, 0);
  const known = inferTensors(body);
  return {
    body,
    states: initials.map((initial, index) => ({
      input: graph.input[index]!.name,
      output: graph.output[index]!.name,
      initial,
      type: types[index]!,
    })),
    slices,
    stacked: graph.output.slice(count).map(({ name }, index) => ({
      name,
      axis: resolved(list('scan_output_axes', index), rankAfter(known.get(name))),
      isReversed: list('scan_output_directions', index) === 1,
    })),
    round: undefined,
    condition: undefined,
    captures,
  };
}

function rankAfter(tensor: Tensor | undefined): number | undefined {
  return tensor?.shape && tensor.shape.length + 1;
}

function resolved(axis: number, rank: number | undefined): number {
  return axis < 0 && rank !== undefined ? axis + rank : axis;
}

function scalar(name: string, type: DataType): Tensor {
  return { name, type, shape: [] };
}

/**
 * The body with what holds of its state before every round: what is so at first, and stays so in a round that begins with it.
 * @param skip how many outputs of the body come before those of the state
 */
function settled(
  graph: GraphProto,
  before: readonly Tensor[],
  initials: readonly Tensor[],
  behind: readonly Tensor[],
  captures: readonly Tensor[],
  opset: number,
  skip: number,
): { readonly body: Model; readonly types: readonly Tensor[] } {
  const names = symbolsOf([...initials, ...behind, ...captures]);
  let types = initials.map(({ type, shape }, index) => ({
    name: graph.input[before.length + index]!.name,
    type,
    shape,
  }));
  for (;;) {
    const body = graphModel(graph, [...before, ...types, ...behind], captures, opset);
    const results = typesOfResults(body, names).slice(skip);
    const next = types.map((type, index) => ({ ...type, ...joined(type, results[index] ?? { type: 'other' }) }));
    // Each time less is known, so that this ends.
    if (next.every((type, index) => sameType(type, types[index]!))) return { body, types };
    types = next;
  }
}

function sameType(a: TensorType, b: TensorType): boolean {
  return (
    a.type === b.type &&
    a.shape?.length === b.shape?.length &&
    (a.shape ?? []).every((size, axis) => size === b.shape![axis])
  );
}

/** What is known of the results of a Loop or Scan: of its state, then of what is put together of slices. */
export function inferIteration(opType: string, call: AnyCall): readonly TensorType[] {
  const { body, states, slices, stacked, captures } = iterationOf(opType, call);
  const names = symbolsOf([...states.map(({ initial }) => initial), ...slices.map(({ whole }) => whole), ...captures]);
  const results = new Map(
    typesOfResults(body, names).map((result, index) => [body.graph.outputs[index]!.name, result]),
  );
  const rounds = opType === 'Loop' ? roundsOf(call) : (slices[0]?.whole.shape?.[slices[0].axis] ?? '?');
  return [
    ...states.map(({ type }) => outside(type, names)),
    ...stacked.map(({ name, axis }) => {
      const { type, shape } = results.get(name)!;
      return { type, shape: shape && [...shape.slice(0, axis), rounds, ...shape.slice(axis)] };
    }),
  ];
}

/** How often a Loop runs, where that is known: its condition always holds. */
export function roundsOf(call: AnyCall): Dimension {
  const [limit, condition] = call.inputs;
  const rounds = numbersOf(limit)?.[0];
  const graph = graphOf(call.attributes.body);
  if (rounds === undefined || !graph || (condition && numbersOf(condition)?.[0] !== 1)) return '?';
  const { body, condition: name } = loopOf(graph, call);
  const end = body.graph.outputs[0]!.name;
  return staysTrue(body, end, name!) ? Math.max(rounds, 0) : '?';
}

/** Whether the condition that a round ends with holds if that did which it began with. */
function staysTrue(body: Model, end: string, start: string): boolean {
  if (end === start || numbersOf(inferTensors(body).get(end))?.[0] === 1) return true;
  const maker = body.graph.producers.get(end);
  return maker?.opType === 'Identity' && maker.domain === '' && staysTrue(body, maker.inputs[0]!, start);
}

/** Names of sizes that mean the same outside of a graph as in it: those that come from outside. */
function symbolsOf(tensors: readonly (Tensor | undefined)[]): ReadonlySet<string> {
  return new Set(tensors.flatMap((tensor) => (tensor?.shape ?? []).flatMap((size) => factorsOf(size)?.symbols ?? [])));
}

function typesOfResults(model: Model, names: ReadonlySet<string>): readonly TensorType[] {
  const tensor = lookupIn(model);
  return model.graph.outputs.map(({ name }) => outside(tensor(name), names));
}

function outside({ type, shape }: TensorType, names: ReadonlySet<string>): TensorType {
  const isSame = (size: Dimension) => factorsOf(size)?.symbols.every((symbol) => names.has(symbol)) ?? false;
  return { type, shape: shape?.map((size) => (isSame(size) ? size : '?')) };
}

/** What holds of both. */
function joined(a: TensorType, b: TensorType): TensorType {
  const shape: Shape | undefined =
    a.shape && a.shape.length === b.shape?.length
      ? a.shape.map((size, axis) => (size === b.shape![axis] ? size : '?'))
      : undefined;
  return {
    type: a.type === b.type ? a.type : a.type === 'other' ? b.type : b.type === 'other' ? a.type : 'other',
    shape,
  };
}

/** A graph of a node, with the tensors that its inputs are outside, by their names inside. */
export interface Inside {
  readonly model: Model;
  readonly bindings: ReadonlyMap<string, string>;
}

/** The graphs of a node. */
export function insidesOf(opType: string, call: AnyCall): readonly Inside[] {
  const captures = (model: Model) => model.graph.inputs.map(({ name }) => [name, name] as const);
  if (opType === 'If') return branchesOf(call).map((model) => ({ model, bindings: new Map(captures(model)) }));
  const { body, states, slices } = iterationOf(opType, call);
  const own = [
    ...states.map(({ input, initial }) => [input, initial.name] as const),
    ...slices.map(({ name, whole }) => [name, whole.name] as const),
  ];
  return [{ model: body, bindings: new Map([...captures(body), ...own]) }];
}
