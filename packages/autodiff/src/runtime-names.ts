import { withNames } from './model/encode.js';
import { indexGraph } from './model/graph.js';
import { toBinary } from './model/messages.js';
import { TensorProtoSchema } from './model/onnx.js';
import { initializerFromBytes } from './model/tensor-data.js';
import type { Initializer, Model } from './model/types.js';

/** Sizes that ONNX Runtime's fusion of MatMul and Add reshapes to. */
const MADE_BY_FUSION = /^gemm_(in|out)put_shape/;

/**
 * The same model without weights that are called as ONNX Runtime calls those of its fusions: a file that it optimised and wrote has them. Where it fuses what
 * was added to such a file, it takes the old weight for the new one, and does not load the model ("Shape of initializer gemm_output_shape does not match",
 * 1.30).
 */
export function withoutRuntimeNames(model: Model): Model {
  const { graph } = model;
  const captured = new Set(graph.nodes.flatMap(({ captures }) => captures));
  const declared = new Set([...graph.inputs, ...graph.outputs].map(({ name }) => name));
  const names = new Map(
    [...graph.initializers.keys()]
      .filter((name) => MADE_BY_FUSION.test(name) && !captured.has(name) && !declared.has(name))
      .map((name) => [name, `forward/${name}`]),
  );
  if (names.size === 0) return model;
  const nameOf = (name: string) => names.get(name) ?? name;
  const initializers = [...graph.initializers].map(
    ([name, weight]) => [nameOf(name), names.has(name) ? renamed(weight, nameOf(name)) : weight] as const,
  );
  const nodes = graph.nodes.map((node) =>
    node.inputs.some((name) => names.has(name)) ? withNames(node, { inputs: node.inputs.map(nameOf) }) : node,
  );
  return { ...model, graph: indexGraph({ ...graph, nodes, initializers: new Map(initializers) }) };
}

function renamed({ proto }: Initializer, name: string): Initializer {
  proto.name = name;
  return initializerFromBytes(toBinary(TensorProtoSchema, proto));
}
