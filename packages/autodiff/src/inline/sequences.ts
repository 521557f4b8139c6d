// Sequences and optionals of which it is known before anything runs which tensors they hold: what is taken from them is those tensors.

import type { NodeProto } from 'onnx-buf';
import { nodeFromProto } from '../model/encode.js';
import { indexGraph, uses } from '../model/graph.js';
import { create, toBinary } from '../model/messages.js';
import { NodeProtoSchema } from '../model/onnx.js';
import { makeTensor } from '../model/tensor-data.js';
import { type Model, type Node, opsetOf } from '../model/types.js';
import type { Tensor } from '../operators/record.js';
import { numbersOf, resolveAxis } from '../operators/shapes.js';
import { inferTensors } from '../shapes/infer.js';
import { graphOf } from '../subgraphs/graph-model.js';
import { concatenated, constant, identity, integer, unsqueezed, withList } from './nodes.js';
import { splice } from './splice.js';

/** Tensors of a sequence, or the one of an optional. */
type Members = readonly string[];

/** What a node is when the sequences that it reads are known: the members of the one that it gives, or nodes without sequences. */
type Resolved = { readonly members?: Members; readonly nodes?: readonly NodeProto[] };

interface Lookups {
  readonly known: ReadonlyMap<string, Members>;
  readonly tensor: (name: string) => Tensor | undefined;
  readonly opset: number;
}

type Resolver = (node: Node, lookups: Lookups) => Resolved | undefined;

/** How many parts a tensor is split into at most. */
const MAX_PARTS = 1024;

const resolvers: Readonly<Record<string, Resolver>> = {
  SequenceConstruct: ({ inputs }) => ({ members: inputs }),
  SequenceEmpty: () => ({ members: [] }),
  Identity: ({ inputs: [input] }, { known }) => membersOnly(known.get(input!)),
  Optional: ({ inputs: [input] }, { known }) => (input ? { members: known.get(input) ?? [input] } : { members: [] }),
  OptionalGetElement: ({ inputs: [input], outputs: [output] }, { known, tensor }) => {
    const members = known.get(input!);
    const isTensor = tensor(input!)?.shape !== undefined;
    return members?.length === 1 ? single(members[0]!, output!) : isTensor ? single(input!, output!) : undefined;
  },
  OptionalHasElement: ({ inputs: [input = ''], outputs: [output] }, { known }) => {
    const members = input ? known.get(input) : [];
    return members && { nodes: [constant(output!, makeTensor('', 'bool', [], [members.length > 0 ? 1 : 0]))] };
  },
  SequenceLength: ({ inputs: [input], outputs: [output] }, { known }) => {
    const members = known.get(input!);
    return members && { nodes: [constant(output!, makeTensor('', 'int64', [], [members.length]))] };
  },
  SequenceAt: ({ inputs: [input, position], outputs: [output] }, lookups) => {
    const members = lookups.known.get(input!);
    const at = placeOf(position, members, lookups);
    return members && at !== undefined && members[at] ? single(members[at], output!) : undefined;
  },
  SequenceInsert: ({ inputs: [input, element, position] }, lookups) => {
    const members = lookups.known.get(input!);
    const at = position ? placeOf(position, members, lookups) : members?.length;
    return members && at !== undefined
      ? { members: [...members.slice(0, at), element!, ...members.slice(at)] }
      : undefined;
  },
  SequenceErase: ({ inputs: [input, position] }, lookups) => {
    const members = lookups.known.get(input!);
    const at = position ? placeOf(position, members, lookups) : members && members.length - 1;
    return members && at !== undefined ? { members: members.filter((_, index) => index !== at) } : undefined;
  },
  ConcatFromSequence: ({ inputs: [input], outputs: [output], attributes }, { known, opset }) => {
    const members = known.get(input!);
    if (!members?.length) return undefined;
    const axis = attributes.axis as number;
    if (attributes.new_axis !== 1) return { nodes: [concatenated(members, output!, axis)] };
    const parts = members.map((_, index) => `${output}/${index}`);
    const made = members.flatMap((member, index) => unsqueezed(member, parts[index]!, axis, opset));
    return { nodes: [...made, concatenated(parts, output!, axis)] };
  },
  SplitToSequence: splitToSequence,
  SequenceMap: sequenceMap,
};

function membersOnly(members: Members | undefined): Resolved | undefined {
  return members && { members };
}

function single(from: string, to: string): Resolved {
  return { nodes: [identity(from, to)] };
}

/** A position in a sequence, from its end where it is negative. */
function placeOf(position: string | undefined, members: Members | undefined, { tensor }: Lookups): number | undefined {
  const at = numbersOf(tensor(position ?? ''))?.[0];
  return at === undefined || !members ? undefined : resolveAxis(at, members.length);
}

function splitToSequence(
  { inputs: [input, split], outputs: [output], attributes }: Node,
  { tensor, opset }: Lookups,
): Resolved | undefined {
  const shape = tensor(input!)?.shape;
  const axis = resolveAxis((attributes.axis as number | undefined) ?? 0, shape?.length ?? 0);
  const size = shape?.[axis];
  if (typeof size !== 'number') return undefined;
  const wanted = split ? numbersOf(tensor(split)) : [1];
  if (!wanted) return undefined;
  const isList = split !== undefined && split !== '' && tensor(split)?.shape?.length === 1;
  const each = wanted[0]!;
  if (!isList && (each < 1 || size / each > MAX_PARTS)) return undefined;
  const sizes = isList
    ? wanted
    : Array.from({ length: Math.ceil(size / each) }, (_, index) => Math.min(each, size - index * each));
  const parts = sizes.map((_, index) => `${output}/${index}`);
  if (parts.length === 0 || parts.length > MAX_PARTS) return undefined;
  const isSqueezed = !split && attributes.keepdims === 0;
  const raw = isSqueezed ? parts.map((part) => `${part}/kept`) : parts;
  const splitting = withList('Split', [input!], raw, 'split', sizes, opset, [integer('axis', axis)]);
  const squeezing = isSqueezed
    ? parts.flatMap((part, index) => unsqueezed(raw[index]!, part, axis, opset, 'Squeeze'))
    : [];
  return { members: parts, nodes: [...splitting, ...squeezing] };
}

/** The body for each member; further inputs are sequences of as many, or the same tensor every time. */
function sequenceMap({ inputs, outputs, attributes }: Node, { known }: Lookups): Resolved | undefined {
  const body = graphOf(attributes.body);
  const first = known.get(inputs[0]!);
  // Of several results only one can be handed on here.
  if (!body || !first || body.output.length !== 1 || body.initializer.length > 0) return undefined;
  const members = first.map((_, index) => `${outputs[0]}/${index}`);
  const nodes = members.flatMap((member, index) => {
    const bindings = new Map(body.input.map(({ name }, at) => [name, known.get(inputs[at]!)?.[index] ?? inputs[at]!]));
    return splice({ nodes: body.node, bindings, results: [[body.output[0]!.name, member]], prefix: `${member}/` })
      .nodes;
  });
  return { members, nodes };
}

/** Replaces what is taken from known sequences by the tensors that it is. Gives the model itself where there is none. */
export function inlineSequences(model: Model): Model {
  const { graph } = model;
  const isSequence = ({ domain, opType }: Node) =>
    domain === '' && opType !== 'Identity' && Object.hasOwn(resolvers, opType);
  if (!graph.nodes.some(isSequence)) return model;
  const tensors = inferTensors(model);
  const known = new Map<string, Members>();
  const lookups: Lookups = { known, tensor: (name) => tensors.get(name), opset: opsetOf(model) };
  let count = 0;
  const nodes = graph.nodes.flatMap((node): Node[] => {
    const isKnown = node.domain === '' && Object.hasOwn(resolvers, node.opType);
    const read = isKnown ? resolvers[node.opType]?.(node, lookups) : undefined;
    if (!read) return [node];
    if (read.members) known.set(node.outputs[0]!, read.members);
    if (read.nodes) count++;
    const made = (read.nodes ?? []).map((proto) => nodeFromProto(proto, toBinary(NodeProtoSchema, proto)));
    if (!read.members) return made;
    // A sequence stays, for whoever still reads it.
    return made.length === 0 ? [node] : [...made, construct(read.members, node.outputs[0]!)];
  });
  if (count === 0) return model;
  const used = new Set(graph.outputs.map(({ name }) => name));
  const kept = nodes.reverse().filter((node) => {
    const isUsed = node.outputs.some((name) => used.has(name) || !known.has(name));
    if (isUsed) for (const name of uses(node)) used.add(name);
    return isUsed;
  });
  return { ...model, graph: indexGraph({ ...graph, nodes: kept.reverse() }) };
}

function construct(members: Members, output: string): Node {
  const name = `${output}/SequenceConstruct`;
  const proto = create(NodeProtoSchema, { name, opType: 'SequenceConstruct', input: [...members], output: [output] });
  return nodeFromProto(proto, toBinary(NodeProtoSchema, proto));
}
