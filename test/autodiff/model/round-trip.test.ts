// What is read and written again is the same model: compared by ONNX's own schema, and by running it.
import { readdirSync, readFileSync } from 'node:fs';
import { create, createRegistry, equals, fromBinary, toBinary } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { modules, parseModel, requiredInputs, writeModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  FunctionProtoSchema,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  SparseTensorProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
} from 'onnx-buf';
import * as ort from 'onnxruntime-node';
import { buildModel, floats, integers } from '../../support/model.js';
import { normal } from '../../support/random.js';

const nets = new URL('../../fixtures/nets/', import.meta.url);
const files = [
  ...readdirSync(nets)
    .filter((name) => name.endsWith('.onnx'))
    .map((name) => new URL(name, nets)),
  new URL('../../../models/efficientnet-lite0.onnx', import.meta.url),
];
const nameOf = (url: URL) => url.pathname.split('/').at(-1)!;
const decode = (bytes: Uint8Array) => fromBinary(ModelProtoSchema, bytes);

function expectSame(a: ModelProto, b: ModelProto) {
  expect(equals(ModelProtoSchema, a, b, { unknown: true, registry: createRegistry() })).to.equal(true);
}

/** How often each field stands in a file, counted without the code under test. */
function fieldCounts(bytes: Uint8Array): Map<number, number> {
  const counts = new Map<number, number>();
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    reader.skip(type, field);
    counts.set(field, (counts.get(field) ?? 0) + 1);
  }
  return counts;
}

async function outputs(bytes: Uint8Array): Promise<number[][]> {
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const next = normal(3);
  const feeds = Object.fromEntries(
    requiredInputs(parseModel(bytes).graph).map(({ name, shape }) => {
      const sizes = shape!.map((size) => (typeof size === 'number' ? size : 1));
      const count = sizes.reduce((a, b) => a * b, 1);
      return [name, new ort.Tensor('float32', Float32Array.from({ length: count }, next), sizes)];
    }),
  );
  const results = await session.run(feeds);
  await session.release();
  return Object.values(results).map(({ data }) => [...(data as Float32Array)]);
}

/** y = Relu(x + w), as a decoded model that tests change. */
function small(): ModelProto {
  return decode(
    buildModel({
      opset: 17,
      inputs: [{ name: 'x', shape: ['n', 2] }],
      outputs: [{ name: 'y', shape: ['n', 2] }],
      nodes: [
        { op: 'Add', inputs: ['x', 'w'], outputs: ['sum'] },
        { op: 'Relu', inputs: ['sum'], outputs: ['y'] },
      ],
      initializers: [floats('w', [2], [1, -2])],
      metadata: { author: 'someone' },
    }),
  );
}
const encode = (model: ModelProto) => toBinary(ModelProtoSchema, model);

describe('a model that is read and written', () => {
  for (const file of files)
    it(`says the same: ${nameOf(file)}`, () => {
      const bytes = readFileSync(file);
      const written = writeModel(parseModel(bytes));
      expectSame(decode(written), decode(bytes));
      expect(fieldCounts(written).get(7), 'graph fields').to.equal(1);
      expectSame(decode(writeModel(parseModel(written))), decode(written));
    });

  it('computes the same', async () => {
    for (const file of files.filter((url) => /residual|swin/.test(nameOf(url)))) {
      const bytes = readFileSync(file);
      expect(await outputs(writeModel(parseModel(bytes))), nameOf(file)).to.deep.equal(await outputs(bytes));
    }
  });

  it('keeps every weight and node as a view of the bytes', () => {
    const bytes = readFileSync(files.at(-1)!);
    const { graph } = parseModel(bytes);
    expect(graph.initializers.size).to.be.above(50);
    for (const { encoded, proto } of graph.initializers.values()) {
      expect(encoded.buffer).to.equal(bytes.buffer);
      expect(proto.rawData.buffer).to.equal(bytes.buffer);
    }
    for (const { encoded } of graph.nodes) expect(encoded.buffer).to.equal(bytes.buffer);
  });

  it('keeps fields that this version of ONNX does not know', () => {
    const model = small();
    const unknown = [{ no: 9999, wireType: WireType.LengthDelimited, data: Uint8Array.of(3, 1, 2, 3) }];
    model.$unknown = unknown;
    model.graph!.$unknown = unknown;
    model.graph!.node[1]!.$unknown = unknown;
    model.graph!.initializer[0]!.$unknown = unknown;
    const written = decode(writeModel(parseModel(encode(model))));
    expectSame(written, model);
    expect(written.graph!.node[1]!.$unknown).to.deep.equal(unknown);
  });

  it('keeps functions, other domains, documentation and annotations', () => {
    const model = small();
    model.producerName = 'a tool';
    model.docString = 'about the model';
    model.opsetImport.push({ ...model.opsetImport[0]!, domain: 'com.example', version: 3n });
    model.functions.push(create(FunctionProtoSchema, { name: 'Twice', domain: 'com.example', input: ['a'] }));
    model.graph!.docString = 'about the graph';
    model.graph!.quantizationAnnotation.push({
      $typeName: 'onnx.TensorAnnotation',
      tensorName: 'sum',
      quantParameterTensorNames: [],
    });
    const parsed = parseModel(encode(model));
    expect([...parsed.opset]).to.deep.equal([
      ['', 17],
      ['com.example', 3],
    ]);
    expectSame(decode(writeModel(parsed)), model);
  });

  it('reads a graph that is split over several fields as one, and writes one', () => {
    const [whole, tail] = [small(), create(ModelProtoSchema)];
    const output = whole.graph!.output.pop()!;
    tail.graph = create(GraphProtoSchema, { node: [whole.graph!.node.pop()!], output: [output] });
    const bytes = Buffer.concat([encode(whole), encode(tail)]);
    const model = parseModel(bytes);
    expect(model.graph.nodes.map(({ opType }) => opType)).to.deep.equal(['Add', 'Relu']);
    const written = writeModel(model);
    expect(fieldCounts(written).get(7)).to.equal(1);
    expectSame(decode(written), decode(bytes));
    expectSame(decode(written), small());
  });

  it('writes each metadata key once, with its last value', () => {
    const model = small();
    model.metadataProps.push({ ...model.metadataProps[0]!, value: 'someone else' });
    const parsed = parseModel(encode(model));
    expect(parsed.metadata.get('author')).to.equal('someone else');
    const written = decode(writeModel({ ...parsed, metadata: new Map([...parsed.metadata, ['more', 'text']]) }));
    expect(written.metadataProps.map(({ key, value }) => [key, value])).to.deep.equal([
      ['author', 'someone else'],
      ['more', 'text'],
    ]);
  });

  it('takes the standard domain by both of its names', () => {
    const model = small();
    model.opsetImport[0]!.domain = 'ai.onnx';
    for (const node of model.graph!.node) node.domain = 'ai.onnx';
    const parsed = parseModel(encode(model));
    expect(parsed.opset.get('')).to.equal(17);
    expect(parsed.graph.nodes.map(({ domain }) => domain)).to.deep.equal(['', '']);
    expectSame(decode(writeModel(parsed)), model);
  });

  it('puts nodes in order', async () => {
    const model = small();
    const expected = await outputs(encode(model));
    model.graph!.node.reverse();
    const parsed = parseModel(encode(model));
    expect(parsed.graph.nodes.map(({ opType }) => opType)).to.deep.equal(['Add', 'Relu']);
    expect(await outputs(writeModel(parsed))).to.deep.equal(expected);
  });

  it('indexes who makes and who uses a tensor, sub-graphs included', () => {
    const branch = create(GraphProtoSchema, {
      name: 'branch',
      node: small().graph!.node.slice(1),
      output: small().graph!.output,
    });
    const bytes = buildModel({
      opset: 17,
      inputs: [
        { name: 'x', shape: [2] },
        { name: 'c', shape: [], type: 'bool' },
      ],
      outputs: [{ name: 'z' }],
      nodes: [
        { op: 'Neg', inputs: ['x'], outputs: ['sum'] },
        { op: 'If', inputs: ['c'], outputs: ['z'], name: 'choice' },
      ],
    });
    const model = decode(bytes);
    model.graph!.node[1]!.attribute = ['then_branch', 'else_branch'].map((name) =>
      create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.GRAPH, g: branch }),
    );
    const { graph } = parseModel(encode(model));
    expect(graph.producers.get('z')?.name).to.equal('choice');
    expect(graph.consumers.get('sum')?.map(({ name }) => name)).to.deep.equal(['choice']);
    expect(graph.nodes[1]!.captures).to.deep.equal(['sum']);
  });

  it('knows that weights below IR version 4 are inputs that need no feed', () => {
    const model = small();
    model.irVersion = 3n;
    model.graph!.input.push({ ...model.graph!.input[0]!, name: 'w' });
    const { graph, irVersion } = parseModel(encode(model));
    expect(irVersion).to.equal(3);
    expect(graph.inputs.map(({ name }) => name)).to.deep.equal(['x', 'w']);
    expect(requiredInputs(graph).map(({ name }) => name)).to.deep.equal(['x']);
  });

  it('takes a negative size for one that is settled at run time', () => {
    const model = small();
    const { type } = model.graph!.input[0]!;
    if (type?.value.case === 'tensorType') type.value.value.shape!.dim[0]!.value = { case: 'dimValue', value: -1n };
    expect(parseModel(encode(model)).graph.inputs[0]!.shape).to.deep.equal(['?', 2]);
  });

  it('keeps sparse weights', () => {
    const model = small();
    model.graph!.initializer = [];
    model.graph!.sparseInitializer.push(
      create(SparseTensorProtoSchema, {
        dims: [2n],
        values: create(TensorProtoSchema, {
          name: 'w',
          dims: [1n],
          dataType: TensorProto_DataType.FLOAT,
          floatData: [1],
        }),
        indices: integers('', [1], [0]),
      }),
    );
    const parsed = parseModel(encode(model));
    expect([...parsed.graph.sparse]).to.deep.equal(['w']);
    expectSame(decode(writeModel(parsed)), model);
  });

  it('finds no modules in a model of unknown origin', () => {
    expect(modules(parseModel(encode(small()))).size).to.equal(0);
  });
});
