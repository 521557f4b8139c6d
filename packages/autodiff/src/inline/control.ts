// Branches and loops whose course is known before anything runs: exporters write an If where PyTorch looked at a shape (LRN, squeeze), and a Loop for a loop in
// a scripted module; and shapes are known.

import type { GraphProto, NodeProto } from 'onnx-buf';
import { nodeFromProto } from '../model/encode.js';
import { indexGraph } from '../model/graph.js';
import { clone, toBinary } from '../model/messages.js';
import { NodeProtoSchema, TensorProtoSchema } from '../model/onnx.js';
import { initializerFromBytes, makeTensor } from '../model/tensor-data.js';
import { type Initializer, type Model, type Node, opsetOf } from '../model/types.js';
import { numbersOf } from '../operators/shapes.js';
import { inferTensors, lookupIn } from '../shapes/infer.js';
import { roundsOf } from '../subgraphs/calls.js';
import { graphOf } from '../subgraphs/graph-model.js';
import { callOf, nodeStep } from '../view.js';
import { concatenated, constant, identity, unsqueezed } from './nodes.js';
import { tensorsOf } from './scopes.js';
import { freePrefix, splice } from './splice.js';

/** A loop is written out only where that gives no more nodes; longer ones are run backwards as they are. */
const MAX_UNROLLED = 4096;

/** Replaces every If by the branch that is known to be taken, and every short Loop by its rounds. Gives the model itself where there is none. */
export function inlineControl(model: Model): Model {
  const initializers = new Map(model.graph.initializers);
  const taken = tensorsOf(model.graph);
  let count = 0;
  const nodes = model.graph.nodes.flatMap((node) => {
    const inlined = written(node, model, { initializers, taken });
    if (inlined) count++;
    return inlined?.map((proto) => nodeFromProto(proto, toBinary(NodeProtoSchema, proto))) ?? [node];
  });
  return count === 0 ? model : { ...model, graph: indexGraph({ ...model.graph, nodes, initializers }) };
}

/** The graph that a body is written into. */
interface Around {
  readonly initializers: Map<string, Initializer>;
  /** Names of its tensors. */
  readonly taken: ReadonlySet<string>;
}

function written(node: Node, model: Model, around: Around): NodeProto[] | undefined {
  if (node.domain !== '') return undefined;
  if (node.opType === 'If') return takenBranch(node, model, around);
  return node.opType === 'Loop' ? unrolled(node, model, around) : undefined;
}

function takenBranch(node: Node, model: Model, around: Around): NodeProto[] | undefined {
  const condition = numbersOf(inferTensors(model).get(node.inputs[0]!))?.[0];
  if (condition === undefined) return undefined;
  const branch = graphOf(node.attributes[condition ? 'then_branch' : 'else_branch']);
  if (!branch || branch.sparseInitializer.length > 0) return undefined;
  // Several nodes may have one name; tensors may not.
  const prefix = freePrefix(`${node.outputs.find((name) => name !== '')}/`, madeIn(branch), around.taken);
  return inlined(branch, around, prefix, new Map(), named(branch.output, node.outputs));
}

/** Results by what the node calls them; those that it leaves out get no name. */
function named(results: readonly { readonly name: string }[], outputs: readonly string[]) {
  return results.flatMap(({ name }, index) => (outputs[index] ? [[name, outputs[index]] as const] : []));
}

function madeIn(graph: GraphProto): string[] {
  return [...graph.initializer.map(({ name }) => name), ...graph.node.flatMap(({ output }) => output)];
}

/** A graph's nodes in the graph around it; its weights become that graph's. */
function inlined(
  graph: GraphProto,
  { initializers }: Around,
  prefix: string,
  bindings: ReadonlyMap<string, string>,
  results: readonly (readonly [string, string])[],
): NodeProto[] {
  const weights = graph.initializer.map(({ name }) => name);
  const { nodes, name } = splice({ nodes: graph.node, weights, bindings, results, prefix });
  for (const tensor of graph.initializer) {
    const proto = clone(TensorProtoSchema, tensor);
    proto.name = name(tensor.name);
    initializers.set(proto.name, initializerFromBytes(toBinary(TensorProtoSchema, proto)));
  }
  return nodes;
}

function unrolled(node: Node, model: Model, around: Around): NodeProto[] | undefined {
  const body = graphOf(node.attributes.body);
  const step = nodeStep(node);
  const opset = opsetOf(model);
  const rounds = roundsOf(callOf(step, lookupIn(model), opset));
  if (!body || typeof rounds !== 'number' || body.sparseInitializer.length > 0) return undefined;
  const count = body.input.length - 2;
  const stacked = body.output.slice(1 + count);
  // A tensor of no slices has no nodes to be made by.
  const isEmpty = rounds === 0 && stacked.some((_, index) => node.outputs[count + index]);
  if (isEmpty || rounds * (nodesIn(body) + 1) > MAX_UNROLLED) return undefined;

  const results = body.output.slice(1).map((_, at) => `result_${at}`);
  const inRounds = Array.from({ length: rounds }, (_, round) =>
    ['index', ...results, ...madeIn(body)].map((name) => `${round}/${name}`),
  );
  const wanted = `${node.outputs.find((name) => name !== '')}/`;
  const prefix = freePrefix(wanted, ['go', ...inRounds.flat()], around.taken);
  const made: NodeProto[] = [constant(`${prefix}go`, makeTensor('', 'bool', [], [1]))];
  const slices = stacked.map((): string[] => []);
  let states = node.inputs.slice(2, 2 + count);
  for (let round = 0; round < rounds; round++) {
    const place = `${prefix}${round}/`;
    const index = `${place}index`;
    made.push(constant(index, makeTensor('', 'int64', [], [round])));
    const inputs = [index, `${prefix}go`, ...states];
    const handed = body.output.slice(1).map(({ name }, at) => [name, place + results[at]!] as const);
    const bindings = new Map(body.input.map(({ name }, at) => [name, inputs[at]!]));
    made.push(...inlined(body, around, place, bindings, handed));
    states = handed.slice(0, count).map(([, outside]) => outside);
    for (const [at, [, outside]] of handed.slice(count).entries()) slices[at]!.push(outside);
  }
  for (const [at, state] of states.entries()) if (node.outputs[at]) made.push(identity(state, node.outputs[at]));
  for (const [at, parts] of slices.entries()) {
    const output = node.outputs[count + at];
    if (output) made.push(...stack(parts, output, opset));
  }
  return made;
}

function nodesIn(graph: GraphProto): number {
  const inner = graph.node.flatMap(({ attribute }) => attribute.flatMap(({ g }) => (g ? [nodesIn(g)] : [])));
  return inner.reduce((total, count) => total + count, graph.node.length);
}

/** Tensors along a new first axis. */
function stack(parts: readonly string[], output: string, opset: number): NodeProto[] {
  const made = parts.flatMap((part, index) => unsqueezed(part, `${output}/${index}`, 0, opset));
  return [
    ...made,
    concatenated(
      parts.map((_, index) => `${output}/${index}`),
      output,
      0,
    ),
  ];
}
