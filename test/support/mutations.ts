// Mutations of good models, by seed: what a broken disk, a broken exporter or an attacker might make of them.
import { clone, create } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  type ModelProto,
  type NodeProto,
  NodeProtoSchema,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import { operatorSchemas } from '../../packages/autodiff/src/schema/operators.js';

export type Random = () => number;

/** Sizes, positions and counts that no good model has. */
const monsters = [-1n, 0n, 1n, 2n ** 31n, 2n ** 40n, 10n ** 12n, 2n ** 62n, -(2n ** 63n), 2n ** 63n - 1n];

const pick = <T>(next: Random, list: readonly T[]): T => list[Math.floor(next() * list.length)]!;
const index = (next: Random, length: number) => Math.floor(next() * length);

/** Changes, drops, doubles or inserts bytes. */
export function mutateBytes(bytes: Uint8Array, next: Random): Uint8Array {
  let result = bytes;
  const times = 1 + index(next, 4);
  for (let n = 0; n < times && result.length > 0; n++) {
    const at = index(next, result.length);
    const length = 1 + index(next, 16);
    const made = Uint8Array.from({ length }, () => index(next, 256));
    result = pick(next, [
      () => spliced(result, at, 1, made.subarray(0, 1)),
      () => spliced(result, at, length),
      () => spliced(result, at, 0, made),
      () => spliced(result, at, length, made),
      () => spliced(result, at, 0, result.subarray(at, at + length * 8)),
      () => result.subarray(0, at),
    ])();
  }
  return result;
}

function spliced(bytes: Uint8Array, at: number, dropped: number, put: Uint8Array = new Uint8Array()): Uint8Array {
  return Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + dropped)]);
}

/**
 * Changes what a model says, in ways that protobuf still reads.
 *
 * @param donor another model, from which parts are taken over
 */
export function mutateModel(model: ModelProto, next: Random, donor: () => ModelProto): ModelProto {
  const times = 1 + index(next, 3);
  for (let n = 0; n < times; n++) pick(next, mutations)(model, next, donor);
  return model;
}

type Mutation = (model: ModelProto, next: Random, donor: () => ModelProto) => unknown;

function names(model: ModelProto): string[] {
  const graph = model.graph!;
  return [
    ...graph.input.map(({ name }) => name),
    ...graph.initializer.map(({ name }) => name),
    ...graph.node.flatMap(({ output }) => output),
    '',
    '__proto__',
    'constructor',
  ];
}

function tensors(model: ModelProto): TensorProto[] {
  const graph = model.graph!;
  return [...graph.initializer, ...graph.node.flatMap(({ attribute }) => attribute.flatMap(({ t }) => t ?? []))];
}

/** One that is not in the model where it has none. */
function someNode(model: ModelProto, next: Random): NodeProto {
  return pick(next, model.graph!.node) ?? create(NodeProtoSchema);
}

function someTensor(model: ModelProto, next: Random): TensorProto {
  return pick(next, tensors(model)) ?? create(TensorProtoSchema);
}

function someValue(model: ModelProto, next: Random, more: readonly ValueInfoProto[] = []): ValueInfoProto {
  return pick(next, [...model.graph!.input, ...model.graph!.output, ...more]) ?? create(ValueInfoProtoSchema);
}

function someAttribute(model: ModelProto, next: Random): AttributeProto {
  const all = model.graph!.node.flatMap(({ attribute }) => attribute);
  return all.length > 0 ? pick(next, all) : create(AttributeProtoSchema);
}

const operators = [...Object.keys(operatorSchemas), 'toString', '__proto__'];

const mutations: readonly Mutation[] = [
  (model, next) => {
    const { input } = someNode(model, next);
    input[index(next, input.length + 1)] = pick(next, names(model));
  },
  (model, next) => {
    const { output } = someNode(model, next);
    output[index(next, output.length + 1)] = pick(next, names(model));
  },
  (model, next) => someNode(model, next).input.pop(),
  (model, next) => someNode(model, next).output.pop(),
  (model, next) => {
    const { input } = someNode(model, next);
    if (input.length > 1) input.reverse();
  },
  (model, next) => {
    const { input } = someNode(model, next);
    input[index(next, input.length)] = '';
  },
  // Another operator with what the node reads and gives.
  (model, next, donor) => {
    const [node, other] = [someNode(model, next), someNode(donor(), next)];
    node.opType = other.opType;
    node.domain = other.domain;
    node.attribute = other.attribute;
  },
  (model, next, donor) => {
    someNode(model, next).attribute = someNode(donor(), next).attribute;
  },
  // One graph in another: as a branch, as a body, behind the other, with names that may meet.
  (model, next, donor) => {
    const name = pick(next, ['then_branch', 'else_branch', 'body']);
    const attribute = create(AttributeProtoSchema, {
      name,
      type: AttributeProto_AttributeType.GRAPH,
      g: donor().graph!,
    });
    someNode(model, next).attribute.push(attribute);
  },
  (model, next) => {
    const node = someNode(model, next);
    const branch = (name: string) => {
      const output = node.output.map((each) => ({ name: each }));
      const g = create(GraphProtoSchema, { name, node: [clone(NodeProtoSchema, node)], output });
      return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.GRAPH, g });
    };
    node.opType = pick(next, ['If', 'Loop', 'Scan']);
    node.attribute = [branch('then_branch'), branch('else_branch'), branch('body')];
  },
  (model, next, donor) => {
    const other = donor().graph!;
    model.graph!.node.push(...other.node);
    if (next() < 0.5) model.graph!.initializer.push(...other.initializer);
  },
  (model, next) => {
    someNode(model, next).opType = pick(next, operators);
  },
  (model, next) => {
    someNode(model, next).domain = pick(next, ['ai.onnx', 'com.microsoft', '__proto__']);
  },
  (model, next) => model.graph!.node.splice(index(next, model.graph!.node.length), 1),
  (model, next) => model.graph!.node.push(someNode(model, next)),
  (model, next) => model.graph!.node.reverse().push(someNode(model, next)),
  (model) => model.graph!.initializer.pop(),
  (model, next) => {
    const attribute = someAttribute(model, next);
    attribute.i = pick(next, monsters);
    attribute.f = Number(pick(next, monsters)) / 3;
    attribute.ints = attribute.ints.map((value) => (next() < 0.5 ? pick(next, monsters) : value));
  },
  (model, next) => someAttribute(model, next).ints.push(pick(next, monsters)),
  (model, next) => someAttribute(model, next).ints.pop(),
  (model, next) => {
    someAttribute(model, next).s = Uint8Array.of(255, 254);
  },
  (model, next) => {
    someAttribute(model, next).type = index(next, 15) as AttributeProto_AttributeType;
  },
  (model, next) => {
    someAttribute(model, next).name = pick(next, ['axis', 'axes', 'perm', '__proto__', 'kernel_shape', 'value']);
  },
  (model, next) => {
    const { attribute } = someNode(model, next);
    attribute.splice(index(next, attribute.length), 1);
  },
  (model, next) => {
    const name = pick(next, ['axis', 'axes', 'keepdims', 'group', 'strides', 'pads', 'dilations', 'auto_pad', 'mode']);
    const type = pick(next, [
      AttributeProto_AttributeType.INT,
      AttributeProto_AttributeType.INTS,
      AttributeProto_AttributeType.STRING,
    ]);
    const value = pick(next, monsters);
    someNode(model, next).attribute.push(create(AttributeProtoSchema, { name, type, i: value, ints: [value, value] }));
  },
  (model, next) => {
    const { dims } = someTensor(model, next);
    dims[index(next, dims.length + 1)] = pick(next, monsters);
  },
  (model, next) => {
    const integers = tensors(model).filter(({ dataType }) => dataType === 7);
    if (integers.length === 0) return;
    const tensor = pick(next, integers);
    const count = Math.max(1, tensor.rawData.length / 8);
    tensor.rawData = new Uint8Array(BigInt64Array.from({ length: count }, () => pick(next, monsters)).buffer);
  },
  (model, next) => {
    const tensor = someTensor(model, next);
    tensor.dataType = index(next, 24);
  },
  (model, next) => {
    const value = someValue(model, next, model.graph!.valueInfo);
    const type = value.type?.value;
    if (type?.case !== 'tensorType') return;
    const dims = type.value.shape?.dim ?? [];
    if (dims.length > 0) pick(next, dims).value = { case: 'dimValue', value: pick(next, monsters) };
  },
  (model, next) => {
    const value = someValue(model, next);
    const type = value.type?.value;
    if (type?.case !== 'tensorType') return;
    const dims = type.value.shape?.dim ?? [];
    if (next() < 0.3) type.value.elemType = index(next, 24);
    else
      for (const dim of dims) if (next() < 0.5) dim.value = { case: 'dimParam', value: pick(next, ['n', 'h', '-1']) };
  },
  // A weight that becomes an input, and one that is external.
  (model, next) => {
    const { initializer, input } = model.graph!;
    const [tensor] = initializer.splice(index(next, initializer.length), 1);
    if (tensor) input.push(create(ValueInfoProtoSchema, { name: tensor.name }));
  },
  (model, next) => {
    const tensor = someTensor(model, next);
    tensor.dataLocation = 1;
    tensor.externalData.push(
      create(StringStringEntryProtoSchema, { key: 'location', value: pick(next, ['w.bin', '../w']) }),
    );
  },
  (model, next) => {
    const value = someValue(model, next, model.graph!.valueInfo);
    const type = value.type?.value;
    if (type?.case === 'tensorType')
      pick(next, [() => type.value.shape?.dim.pop(), () => (type.value.shape = undefined)])();
  },
  (model, next) => {
    const value = someValue(model, next);
    value.name = pick(next, names(model));
  },
  (model, next) => {
    const [opset] = model.opsetImport;
    if (opset) opset.version = pick(next, [...monsters, 7n, 11n, 13n, 18n, 23n, 99n]);
  },
  (model, next) => {
    model.irVersion = pick(next, monsters);
  },
];
