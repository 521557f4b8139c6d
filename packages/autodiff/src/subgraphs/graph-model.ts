// A graph inside a node (a branch, the body of a loop) as a Model of its own, and back. What it captures of the graphs around it are inputs like any other:
// so everything that works on models works on it.

import type { GraphProto } from 'onnx-buf';
import { makeValue, nodeFromProto, valueFromProto } from '../model/encode.js';
import { indexGraph } from '../model/graph.js';
import { create, fromBinary, toBinary } from '../model/messages.js';
import { GraphProtoSchema, NodeProtoSchema, TensorProtoSchema, ValueInfoProtoSchema } from '../model/onnx.js';
import { initializerFromBytes } from '../model/tensor-data.js';
import type { Attributes, AttributeValue, Model, Node, TensorType } from '../model/types.js';
import type { Tensor } from '../operators/record.js';
import { inferTensors } from '../shapes/infer.js';

/** The graph that an attribute is. */
export function graphOf(attribute: AttributeValue): GraphProto | undefined {
  const isGraph =
    typeof attribute === 'object' && '$typeName' in attribute && attribute.$typeName === 'onnx.GraphProto';
  return isGraph ? (attribute as GraphProto) : undefined;
}

/** The graphs that a node holds. */
export function heldGraphs({ attributes }: { readonly attributes: Attributes }): GraphProto[] {
  return Object.values(attributes).flatMap((value) => graphOf(value) ?? []);
}

/**
 * A node's graph as a Model.
 * @param formals what is known of its own inputs, in their order
 * @param captures the tensors of the graphs around it that it uses
 */
export function graphModel(
  graph: GraphProto,
  formals: readonly TensorType[],
  captures: readonly Tensor[],
  opset: number,
): Model {
  const own = graph.input.map(({ name }, index) => ({ name, ...(formals[index] ?? { type: 'other' as const }) }));
  const ownNames = new Set(own.map(({ name }) => name));
  const known = [...own, ...captures.filter(({ name }) => !ownNames.has(name))];
  const weights = graph.initializer.map((tensor) => initializerFromBytes(toBinary(TensorProtoSchema, tensor)));
  const values = (protos: GraphProto['valueInfo']) =>
    protos.map((proto) => valueFromProto(proto, toBinary(ValueInfoProtoSchema, proto)));
  const model: Model = {
    ...emptyModel(opset),
    graph: indexGraph({
      ...emptyModel(opset).graph,
      name: graph.name,
      nodes: graph.node.map((proto) => nodeFromProto(proto, toBinary(NodeProtoSchema, proto))),
      initializers: new Map(weights.map((weight) => [weight.name, weight])),
      inputs: known.map((tensor) => makeValue(tensor.name, tensor)),
      outputs: values(graph.output),
      sparse: new Set(graph.sparseInitializer.map(({ values }) => values?.name ?? '')),
      valueInfo: new Map(values(graph.valueInfo).map((value) => [value.name, value])),
    }),
  };
  inferTensors(model, known);
  return model;
}

/** A Model of nothing, for graphs that are made from scratch. */
export function emptyModel(opset: number): Model {
  const none = {
    nodes: [],
    initializers: new Map(),
    inputs: [],
    outputs: [],
    valueInfo: new Map(),
    sparse: new Set<string>(),
    rest: [],
  };
  return {
    graph: indexGraph({ name: '', ...none }),
    opset: new Map([['', opset]]),
    // Above 3, weights need not be inputs.
    irVersion: 8,
    metadata: new Map(),
    rest: [],
    external: new Map(),
  };
}

/** A graph for an attribute. */
export function makeGraph(
  model: Model,
  nodes: readonly Node[],
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
): GraphProto {
  const used = new Set(nodes.flatMap((node) => [...node.inputs, ...node.captures]));
  const value = (tensor: Tensor) => fromBinary(ValueInfoProtoSchema, makeValue(tensor.name, tensor).encoded);
  return create(GraphProtoSchema, {
    name: model.graph.name || 'graph',
    node: nodes.map(({ encoded }) => fromBinary(NodeProtoSchema, encoded)),
    initializer: [...model.graph.initializers.values()].filter(({ name }) => used.has(name)).map(({ proto }) => proto),
    input: inputs.map(value),
    output: outputs.map(value),
  });
}
