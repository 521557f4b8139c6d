// Mutations of good models, by seed: what a broken disk, a broken exporter or an attacker might make of them.
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
} from 'onnx-buf';

export type Random = () => number;

/** Sizes, positions and counts that no good model has. */
const monsters = [-1n, 0n, 1n, 2n ** 31n, 2n ** 40n, 10n ** 12n, 2n ** 62n, -(2n ** 63n), 2n ** 63n - 1n];

const pick = <T>(next: Random, list: readonly T[]): T => list[Math.floor(next() * list.length)]!;
const index = (next: Random, length: number) => Math.floor(next() * length);

/** Changes, drops, doubles or inserts bytes. */
export function mutateBytes(bytes: Uint8Array, next: Random): Uint8Array {
  const copy = [...bytes];
  const times = 1 + index(next, 4);
  for (let n = 0; n < times; n++) {
    const at = index(next, copy.length);
    const length = 1 + index(next, 16);
    const random = Array.from({ length }, () => index(next, 256));
    pick(next, [
      () => copy.splice(at, 1, index(next, 256)),
      () => copy.splice(at, length),
      () => copy.splice(at, 0, ...random),
      () => copy.splice(at, length, ...random),
      () => copy.splice(at, 0, ...copy.slice(at, at + length * 8)),
      () => copy.splice(at),
    ])();
    if (copy.length === 0) break;
  }
  return Uint8Array.from(copy);
}

/** Changes what the model says, in ways that protobuf still reads. */
export function mutateModel(bytes: Uint8Array, next: Random): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes);
  const times = 1 + index(next, 3);
  for (let n = 0; n < times; n++) pick(next, mutations)(model, next);
  return toBinary(ModelProtoSchema, model);
}

type Mutation = (model: ModelProto, next: Random) => unknown;

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

function someNode(model: ModelProto, next: Random): NodeProto {
  return pick(next, model.graph!.node);
}

function someAttribute(model: ModelProto, next: Random): AttributeProto {
  const all = model.graph!.node.flatMap(({ attribute }) => attribute);
  return all.length > 0 ? pick(next, all) : create(AttributeProtoSchema);
}

const operators = [
  ...[
    'Conv',
    'ConvTranspose',
    'MaxPool',
    'AveragePool',
    'Reshape',
    'Slice',
    'Pad',
    'Concat',
    'Split',
    'Gather',
    'Resize',
  ],
  ...['Transpose', 'Squeeze', 'Unsqueeze', 'ReduceSum', 'ReduceMax', 'Softmax', 'MatMul', 'Gemm', 'Expand', 'Tile'],
  ...['Clip', 'Einsum', 'ConstantOfShape', 'Range', 'Shape', 'BatchNormalization', 'LayerNormalization', 'Where', 'If'],
  ...[
    'ScatterND',
    'CumSum',
    'DepthToSpace',
    'Cast',
    'Constant',
    'Flatten',
    'LRN',
    'TopK',
    'Loop',
    'toString',
    '__proto__',
  ],
];

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
    const { dims } = pick(next, tensors(model));
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
    const tensor = pick(next, tensors(model));
    tensor.dataType = index(next, 24);
  },
  (model, next) => {
    const value = pick(next, [...model.graph!.input, ...model.graph!.output, ...model.graph!.valueInfo]);
    const type = value.type?.value;
    if (type?.case !== 'tensorType') return;
    const dims = type.value.shape?.dim ?? [];
    if (dims.length > 0) pick(next, dims).value = { case: 'dimValue', value: pick(next, monsters) };
  },
  (model, next) => {
    const value = pick(next, [...model.graph!.input, ...model.graph!.output, ...model.graph!.valueInfo]);
    const type = value.type?.value;
    if (type?.case === 'tensorType')
      pick(next, [() => type.value.shape?.dim.pop(), () => (type.value.shape = undefined)])();
  },
  (model, next) => {
    const value = pick(next, [...model.graph!.input, ...model.graph!.output]);
    value.name = pick(next, names(model));
  },
  (model, next) => {
    const opset = pick(next, model.opsetImport);
    opset.version = pick(next, [...monsters, 7n, 11n, 13n, 18n, 23n, 99n]);
  },
  (model, next) => {
    model.irVersion = pick(next, monsters);
  },
];
