import { SaywhyError } from './errors.js';
import { makeValue, withNames } from './model/encode.js';
import { ancestorNodes, describe, indexGraph } from './model/graph.js';
import { type Graph, hasTensor, type Model, type Node, type Value } from './model/types.js';
import { nearest } from './nearest.js';
import { lookupIn } from './shapes/infer.js';

export interface ExtractOptions {
  /** Tensors that become the inputs. A graph input is kept only if it is named or still needed. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/**
 * The part of a model between some tensors and some others, as a Model of its own: what the outputs need, cut off at the inputs.
 * @throws SaywhyError `unknown-tensor`; `unsupported-type` for a cut at a tensor whose type cannot be told
 */
export function extract(model: Model, options: ExtractOptions): Model {
  const { graph } = model;
  const [inputs, outputs] = [new Set(options.inputs), new Set(options.outputs)];
  for (const name of [...inputs, ...outputs]) if (!hasTensor(graph, name)) throw unknownTensor(graph, name);
  const { nodes, needed } = ancestorNodes(graph.nodes, outputs, inputs);
  const made = new Set(nodes.flatMap((node) => node.outputs));
  const kept = graph.inputs.filter(({ name }) => needed.has(name) && !inputs.has(name));
  const declare = declarations(model);
  return {
    ...model,
    graph: indexGraph({
      ...graph,
      nodes: nodes.map((node) => withoutInputs(node, inputs)),
      initializers: new Map([...graph.initializers].filter(([name]) => needed.has(name) && !inputs.has(name))),
      inputs: [...[...inputs].map(declare).map(checkType), ...kept],
      outputs: [...outputs].map(declare),
      // What was declared of an output that is one no longer stays known.
      valueInfo: new Map(
        [...graph.valueInfo, ...graph.outputs.map((value) => [value.name, value] as const)].filter(
          ([name]) => made.has(name) && !outputs.has(name) && !inputs.has(name),
        ),
      ),
    }),
  };
}

/** What the file says of a tensor, or else what is inferred. */
function declarations(model: Model): (name: string) => Value {
  const { graph } = model;
  const tensor = lookupIn(model);
  const said = new Map<string, Value>([
    ...graph.valueInfo,
    ...[...graph.inputs, ...graph.outputs].map((value) => [value.name, value] as const),
  ]);
  return (name) => {
    const inferred = tensor(name);
    const declared = said.get(name);
    return declared && (declared.type !== 'other' || inferred.type === 'other') ? declared : makeValue(name, inferred);
  };
}

function checkType(value: Value): Value {
  if (value.type !== 'other' || value.encoded.length > makeValue(value.name, { type: 'other' }).encoded.length)
    return value;
  throw new SaywhyError(
    'unsupported-type',
    `The model cannot be cut at "${value.name}", whose type is not known. Run ONNX's shape inference on the file first.`,
  );
}

/** A node of which another output is needed still makes the tensor that is now an input: under a name that nothing uses. */
function withoutInputs(node: Node, inputs: ReadonlySet<string>): Node {
  return node.outputs.some((name) => inputs.has(name))
    ? withNames(node, {
        outputs: node.outputs.map((name) => (inputs.has(name) ? `${describe(node)}/unused/${name}` : name)),
      })
    : node;
}

function unknownTensor(graph: Graph, name: string): SaywhyError {
  const near = nearest(name, [...graph.inputs.map((input) => input.name), ...graph.producers.keys()]);
  const hint = near.length > 0 ? ` Did you mean ${near.map((other) => `"${other}"`).join(' or ')}?` : '';
  return new SaywhyError('unknown-tensor', `The model has no tensor "${name}".${hint}`);
}
