// Weights in files beside the model: where they may lie, and when they are needed.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  differentiate,
  externalLocations,
  extract,
  parseModel,
  readTensor,
  replaceWeights,
  writeModel,
} from '@saywhy/autodiff';
import { expect } from 'chai';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProto_DataType,
  TensorProtoSchema,
} from 'onnx-buf';
import * as ort from 'onnxruntime-node';
import { buildModel, floats } from '../../support/model.js';
import { throwsCode } from '../../support/throws-code.js';

const file = new Uint8Array(Float32Array.of(9, 9, 2, 3).buffer);

function external(name: string, dims: readonly number[], entries: Readonly<Record<string, string>>): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dataType: TensorProto_DataType.FLOAT,
    dims: dims.map(BigInt),
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
  });
}

/** y = (x * w)^2, with w = [2, 3] at byte 8 of a file. */
function bytes(location = 'weights.bin', rest: Readonly<Record<string, string>> = { offset: '8', length: '8' }) {
  return buildModel({
    opset: 17,
    inputs: [{ name: 'x', shape: [2] }],
    outputs: [{ name: 'y', shape: [2] }],
    nodes: [
      { op: 'Mul', inputs: ['x', 'w'], outputs: ['scaled'] },
      { op: 'Mul', inputs: ['scaled', 'scaled'], outputs: ['y'] },
    ],
    initializers: [external('w', [2], { location, ...rest })],
  });
}

const weight = (model: ReturnType<typeof parseModel>) =>
  readTensor(model.graph.initializers.get('w')!.proto, model.external);

describe('external data', () => {
  it('is read from the file that was given, however its path is spelled', () => {
    for (const [location, key] of [
      ['weights.bin', 'weights.bin'],
      ['./sub//weights.bin', 'sub/weights.bin'],
      ['sub\\weights.bin', './sub/weights.bin'],
      ['a..b/100%.bin', 'a..b/100%.bin'],
    ] as const)
      expect(weight(parseModel({ bytes: bytes(location), external: { [key]: file } })), location).to.deep.equal([2, 3]);
  });

  it('extends to the end of the file where no length is given', () => {
    const model = parseModel({ bytes: bytes('w', { offset: '8' }), external: { w: file } });
    expect(weight(model)).to.deep.equal([2, 3]);
  });

  it('is missed only where it is needed', async () => {
    const model = parseModel(bytes());
    expect(externalLocations(model)).to.deep.equal(['weights.bin']);
    throwsCode(() => weight(model), 'external-data-missing');
    throwsCode(() => replaceWeights(model, (_, read) => read()), 'external-data-missing');
    const joined = differentiate(model, { of: 'y', wrt: ['x'] });
    const part = extract(joined, { inputs: ['x', 'cotangent/y'], outputs: ['gradient/x'] });
    expect(externalLocations(part)).to.deep.equal(['weights.bin']);

    const options = { externalData: [{ path: 'weights.bin', data: file }] };
    const session = await ort.InferenceSession.create(writeModel(part), options);
    const one = new ort.Tensor('float32', [1, 1], [2]);
    const results = await session.run({ x: one, 'cotangent/y': one });
    // d (x w)^2 / dx = 2 x w^2
    expect([...(results['gradient/x']!.data as Float32Array)]).to.deep.equal([8, 18]);
  });

  it('is found by the runtime beside what is written', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'saywhy-'));
    try {
      await writeFile(join(folder, 'weights.bin'), file);
      await writeFile(
        join(folder, 'joined.onnx'),
        writeModel(differentiate(parseModel(bytes()), { of: 'y', wrt: ['x'] })),
      );
      const session = await ort.InferenceSession.create(join(folder, 'joined.onnx'));
      expect(session.outputNames).to.deep.equal(['y', 'gradient/x']);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  const outside = [
    '/etc/passwd',
    '../weights.bin',
    'sub/../../weights.bin',
    '..',
    '..\\weights.bin',
    'sub\\..\\..\\weights.bin',
    '\\\\server\\share\\w',
    'C:\\w.bin',
    'c:w.bin',
    'file:///w.bin',
    'https://example.org/w.bin',
    '%2e%2e/w.bin',
    '%252e%252e%2fw.bin',
    '.%2e/w.bin',
    '%2fetc/passwd',
    '.. /w.bin',
    '.../w.bin',
    'w.bin\0.txt',
    '',
    '.',
    'w'.repeat(5000),
  ];
  for (const location of outside)
    it(`may not lie in ${JSON.stringify(location.slice(0, 40))}`, () => {
      throwsCode(() => parseModel(bytes(location)), 'external-data-outside');
    });

  it('may not lie outside in constants and sub-graphs either', () => {
    const bad = external('w', [1], { location: '../w.bin' });
    const { TENSOR, TENSORS, GRAPH, GRAPHS } = AttributeProto_AttributeType;
    const nested = create(GraphProtoSchema, {
      node: [{ opType: 'Constant', output: ['c'], attribute: [{ name: 'value', type: TENSOR, t: bad }] }],
    });
    const attributes = [
      { type: TENSOR, t: bad },
      { type: TENSORS, tensors: [bad] },
      { type: GRAPH, g: create(GraphProtoSchema, { initializer: [bad] }) },
      { type: GRAPHS, graphs: [nested] },
    ];
    for (const attribute of attributes) {
      const model = fromBinary(
        ModelProtoSchema,
        buildModel({
          opset: 17,
          inputs: [],
          outputs: [{ name: 'y' }],
          nodes: [{ op: 'Thing', domain: 'com.example', inputs: [], outputs: ['y'] }],
        }),
      );
      model.graph!.node[0]!.attribute.push(create(AttributeProtoSchema, { name: 'a', ...attribute }));
      throwsCode(() => parseModel(toBinary(ModelProtoSchema, model)), 'external-data-outside');
    }
  });

  it('that is too short, or has no place, is an invalid model', () => {
    const read = (entries: Readonly<Record<string, string>>) => () =>
      weight(parseModel({ bytes: bytes('w', entries), external: { w: file } }));
    throwsCode(read({ offset: '8', length: '800' }), 'invalid-model');
    throwsCode(read({ offset: '800' }), 'invalid-model');
    throwsCode(read({ offset: '-8', length: '8' }), 'invalid-model');
    throwsCode(read({ offset: '1e99' }), 'invalid-model');
    throwsCode(read({ offset: 'here' }), 'invalid-model');
    throwsCode(read({ offset: '8', length: '4' }), 'invalid-model');
  });

  it('is listed for constants too, as the model names it', () => {
    const tensors = ['a', 'b', './a'].map((location, index) => external(`w${index}`, [1], { location }));
    const model = buildModel({
      opset: 17,
      inputs: [],
      outputs: [{ name: 'y' }],
      nodes: [
        { op: 'Constant', inputs: [], outputs: ['c'], attributes: { value: external('', [1], { location: 'c' }) } },
        { op: 'Sum', inputs: ['w0', 'w1', 'w2', 'w3', 'c'], outputs: ['y'] },
      ],
      initializers: [...tensors, floats('w3', [1], [1])],
    });
    expect(externalLocations(parseModel(model))).to.deep.equal(['a', 'b', './a', 'c']);
  });
});
