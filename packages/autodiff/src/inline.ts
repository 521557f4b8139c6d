// Branches whose condition is known before anything runs: exporters write an If where PyTorch looked at a shape (LRN, squeeze), and shapes are known.
import { clone, create, toBinary } from '@bufbuild/protobuf';
import { type GraphProto, type NodeProto, NodeProtoSchema, TensorProtoSchema } from 'onnx-buf';
import { nodeFromProto } from './model/encode.js';
import { indexGraph } from './model/graph.js';
import { initializerFromBytes } from './model/tensor-data.js';
import type { Initializer, Model, Node } from './model/types.js';
import { numbersOf } from './operators/shapes.js';
import { inferTensors } from './shapes/infer.js';

/** Conditions that hang on one another are settled one after the other; no exporter writes so long a chain. */
const MAX_ROUNDS = 16;

/**
 * Replaces every If whose condition follows from known shapes by the nodes of the branch that is taken. The same function, and the same tensors: only
 * those inside a branch get new names.
 */
export function inlineBranches(model: Model, rounds = MAX_ROUNDS): Model {
  if (rounds === 0) return model;
  const taken = new Map<Node, GraphProto>();
  for (const node of model.graph.nodes) {
    const branch = node.opType === 'If' && node.domain === '' ? takenBranch(node, model) : undefined;
    if (branch) taken.set(node, branch);
  }
  if (taken.size === 0) return model;
  const initializers = new Map(model.graph.initializers);
  const nodes = model.graph.nodes.flatMap((node) => {
    const branch = taken.get(node);
    return branch ? spliced(node, branch, initializers) : [node];
  });
  // What was inlined may settle the condition of a later If.
  return inlineBranches({ ...model, graph: indexGraph({ ...model.graph, nodes, initializers }) }, rounds - 1);
}

function takenBranch(node: Node, model: Model): GraphProto | undefined {
  const condition = numbersOf(inferTensors(model).get(node.inputs[0]!))?.[0];
  if (condition === undefined) return undefined;
  const branch = node.attributes[condition ? 'then_branch' : 'else_branch'];
  if (typeof branch !== 'object' || !('$typeName' in branch) || branch.$typeName !== 'onnx.GraphProto')
    return undefined;
  const nested = branch.node.some((inner) => inner.attribute.some(({ g, graphs }) => g || graphs.length > 0));
  return nested || branch.sparseInitializer.length > 0 ? undefined : branch;
}

function spliced(node: Node, branch: GraphProto, initializers: Map<string, Initializer>): Node[] {
  // Several nodes may have one name; tensors may not.
  const prefix = `${node.outputs.find((name) => name !== '')}/`;
  const made = new Set([...branch.node.flatMap(({ output }) => output), ...branch.initializer.map(({ name }) => name)]);
  const names = new Map([...made].map((name) => [name, prefix + name]));
  const links: NodeProto[] = [];
  branch.output.forEach(({ name }, index) => {
    const output = node.outputs[index];
    if (!output) return;
    const byNode = branch.node.some((inner) => inner.output.includes(name));
    if (byNode && names.get(name) === prefix + name) names.set(name, output);
    else links.push(create(NodeProtoSchema, { name: 'Identity', opType: 'Identity', input: [name], output: [output] }));
  });
  const renamed = (name: string) => names.get(name) ?? name;
  for (const tensor of branch.initializer) {
    const proto = clone(TensorProtoSchema, tensor);
    proto.name = renamed(tensor.name);
    initializers.set(proto.name, initializerFromBytes(toBinary(TensorProtoSchema, proto)));
  }
  return [...branch.node, ...links].map((original) => {
    const proto = clone(NodeProtoSchema, original);
    if (proto.name) proto.name = prefix + proto.name;
    proto.input = proto.input.map(renamed);
    proto.output = proto.output.map(renamed);
    return nodeFromProto(proto, toBinary(NodeProtoSchema, proto));
  });
}
