import { describe, qualifiedName } from './model/graph.js';
import type { Attributes, Model, Node } from './model/types.js';
import { patternAt, type Use } from './operators/elementwise/patterns.js';
import { operatorOf } from './operators/index.js';
import type { AnyCall, AnyOperator, Tensor } from './operators/record.js';
import { formalInput } from './schema/read.js';
import { inferTensors, makeCall } from './shapes/infer.js';

/** A node as the walk sees it; or several that are one function, such as x * sigmoid(x). The forward graph stays as it is. */
export interface Step {
  readonly name: string;
  /** With its domain in front, unless it is a standard one. */
  readonly opType: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
  /** Absent where the engine has no record of the operator. */
  readonly operator: AnyOperator | undefined;
  /** The formal name of an input. */
  readonly formal: (index: number) => string;
  /** Tensors made on the way to the output, where several nodes are one function. */
  readonly inner: readonly string[];
  /** For messages. */
  readonly title: string;
}

/** @param apart tensors that stay visible: a function that makes one of them on its way is seen as its nodes */
export function view(model: Model, apart: readonly string[] = []): Step[] {
  const inferred = { graph: model.graph, tensors: inferTensors(model) };
  return model.graph.nodes.map((node) => {
    const use = patternAt(node, inferred);
    return use && !use.inner.some((name) => apart.includes(name)) ? patternStep(node, use) : nodeStep(node);
  });
}

export function nodeStep(node: Node): Step {
  const opType = qualifiedName(node);
  return {
    name: node.name || node.outputs[0] || opType,
    opType,
    // What sub-graphs use counts as input: no record knows what they do with it, so that it is never left out silently.
    inputs: node.captures.length > 0 ? [...node.inputs, ...node.captures] : node.inputs,
    outputs: node.outputs,
    attributes: node.attributes,
    operator: operatorOf(opType),
    formal: (index) => formalInput(opType, index) ?? `input ${index}`,
    inner: [],
    title: describe(node),
  };
}

function patternStep(node: Node, { pattern, inputs, inner }: Use): Step {
  return {
    name: node.name || node.outputs[0]!,
    opType: pattern.name,
    inputs,
    outputs: node.outputs,
    attributes: {},
    operator: pattern.operator,
    formal: (index) => pattern.formals[index]!,
    inner,
    title: describe(node),
  };
}

/** The call that a step is, with what is known of its inputs. */
export function callOf(step: Step, tensor: (name: string) => Tensor, opset: number): AnyCall {
  const inputs = step.inputs.map((name) => (name === '' ? undefined : tensor(name)));
  const call = makeCall(step.opType, inputs, step.attributes, opset, step.outputs.length);
  return { ...Object.fromEntries(inputs.map((input, index) => [step.formal(index), input])), ...call };
}
