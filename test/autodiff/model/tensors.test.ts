// The elements of constants, whichever of ONNX's fields and types hold them.
import { create, fromBinary } from '@bufbuild/protobuf';
import { type DataType, makeInitializer, parseModel, readTensor, replaceWeights, writeModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import { ModelProtoSchema, type TensorProto, TensorProtoSchema, TensorProto_DataType as Type } from 'onnx-buf';
import * as ort from 'onnxruntime-node';
import { fromFloat16Bits, toBfloat16Bits, toFloat16Bits } from '../../../packages/autodiff/src/model/data-types.js';
import { buildModel, floats, integers } from '../../support/model.js';
import { random } from '../../support/random.js';
import { throwsCode } from '../../support/throws-code.js';

const none = new Map<string, Uint8Array>();
const tensor = (fields: Partial<TensorProto>) => create(TensorProtoSchema, fields as TensorProto);

/** What ONNX Runtime makes of float32 numbers in another type: raw bits. */
async function castByRuntime(values: Float32Array, to: Type): Promise<Uint16Array> {
  const bytes = buildModel({
    opset: 17,
    inputs: [{ name: 'x', shape: [values.length] }],
    outputs: [{ name: 'y', type: 'float16' }],
    nodes: [{ op: 'Cast', inputs: ['x'], outputs: ['y'], attributes: { to } }],
  });
  const session = await ort.InferenceSession.create(bytes);
  const { y } = await session.run({ x: new ort.Tensor('float32', values, [values.length]) });
  const data = y!.data as unknown as Uint16Array;
  return new Uint16Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength));
}

describe('half precision', () => {
  it('reads back every float16 that is written', () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const value = fromFloat16Bits(bits);
      if (Number.isNaN(value)) expect(Number.isNaN(fromFloat16Bits(toFloat16Bits(value)))).to.equal(true);
      else expect(toFloat16Bits(value), String(value)).to.equal(bits);
    }
  });

  it('rounds as ONNX Runtime does', async () => {
    const next = random(5);
    const ties = Array.from({ length: 2000 }, () => {
      const bits = Math.floor(next() * 0x7bff);
      return (fromFloat16Bits(bits) + fromFloat16Bits(bits + 1)) / 2;
    });
    const spread = Array.from({ length: 2000 }, () => (next() - 0.5) * 2 ** (40 * next() - 26));
    const values = Float32Array.from([...ties, ...spread, 65519, 65520, 65504, 1e-8, -0, Number.POSITIVE_INFINITY]);
    const expected = await castByRuntime(values, Type.FLOAT16);
    expect([...values].map(toFloat16Bits)).to.deep.equal([...expected]);
  });

  it('rounds bfloat16 to even', () => {
    // 1 + 2^-8 lies between 1 (0x3f80) and 1 + 2^-7 (0x3f81); 1 + 3 * 2^-8 between 0x3f81 and 0x3f82.
    expect([1, 1 + 2 ** -8, 1 + 3 * 2 ** -8, 1 + 2 ** -8 + 2 ** -20, -2].map(toBfloat16Bits)).to.deep.equal([
      0x3f80, 0x3f80, 0x3f82, 0x3f81, 0xc000,
    ]);
  });
});

describe('the elements of a constant', () => {
  const cases: [string, Partial<TensorProto>, number[]][] = [
    ['float_data', { dataType: Type.FLOAT, floatData: [1.5, -2] }, [1.5, -2]],
    ['double_data', { dataType: Type.DOUBLE, doubleData: [0.1, 2] }, [0.1, 2]],
    ['int32_data of int8', { dataType: Type.INT8, int32Data: [-1, 3] }, [-1, 3]],
    ['int32_data of bool', { dataType: Type.BOOL, int32Data: [1, 0] }, [1, 0]],
    ['int32_data of float16', { dataType: Type.FLOAT16, int32Data: [0x3c00, 0xc000] }, [1, -2]],
    ['int32_data of bfloat16', { dataType: Type.BFLOAT16, int32Data: [0x3f80, 0xc000] }, [1, -2]],
    ['int64_data', { dataType: Type.INT64, int64Data: [-5n, 7n] }, [-5, 7]],
    ['uint64_data of uint32', { dataType: Type.UINT32, uint64Data: [4294967295n, 0n] }, [4294967295, 0]],
    ['raw float16', { dataType: Type.FLOAT16, rawData: Uint8Array.of(0, 0x3c, 0, 0xc0) }, [1, -2]],
    ['raw uint16', { dataType: Type.UINT16, rawData: Uint8Array.of(1, 0, 255, 255) }, [1, 65535]],
  ];
  for (const [name, fields, expected] of cases)
    it(`is read from ${name}`, () => {
      expect(readTensor(tensor({ ...fields, dims: [2n] }), none)).to.deep.equal(expected);
    });

  const types: [DataType, number[]][] = [
    ['float32', [1.5, -3.25]],
    ['float64', [0.1, -1e300]],
    ['float16', [0.5, -65504]],
    ['bfloat16', [0.5, -2]],
    ['int64', [-(2 ** 53), 7]],
    ['uint64', [2 ** 53, 0]],
    ['int32', [-(2 ** 31), 2 ** 31 - 1]],
    ['uint32', [2 ** 32 - 1, 0]],
    ['int16', [-32768, 32767]],
    ['uint16', [65535, 0]],
    ['int8', [-128, 127]],
    ['uint8', [255, 0]],
    ['bool', [1, 0]],
  ];
  for (const [type, values] of types)
    it(`is what was written, ${type}`, () => {
      const made = makeInitializer('w', type, [2, 1], values);
      expect(made).to.include({ name: 'w', type });
      expect(made.shape).to.deep.equal([2, 1]);
      expect(readTensor(made.proto, none)).to.deep.equal(values);
    });

  it('saturates integers that mark an end', () => {
    const { proto } = makeInitializer('w', 'int64', [2], [Number.MAX_VALUE, Number.NEGATIVE_INFINITY]);
    const view = new DataView(proto.rawData.buffer, proto.rawData.byteOffset);
    expect([view.getBigInt64(0, true), view.getBigInt64(8, true)]).to.deep.equal([2n ** 63n - 1n, -(2n ** 63n)]);
  });

  it('must be as many as its shape says', () => {
    throwsCode(() => readTensor(tensor({ dataType: Type.FLOAT, dims: [3n], floatData: [1] }), none), 'invalid-model');
    throwsCode(() => readTensor(tensor({ dataType: Type.INT64, dims: [10n ** 12n] }), none), 'invalid-model');
    throwsCode(
      () => readTensor(tensor({ dataType: Type.FLOAT, dims: [1n], rawData: new Uint8Array(3) }), none),
      'invalid-model',
    );
  });

  it('is not read where it is no number', () => {
    for (const dataType of [Type.STRING, Type.COMPLEX64, Type.INT4, Type.FLOAT8E4M3FN, Type.UNDEFINED])
      throwsCode(() => readTensor(tensor({ dataType, dims: [1n] }), none), 'unsupported-type');
  });

  it('may be empty', () => {
    expect(readTensor(tensor({ dataType: Type.FLOAT, dims: [0n, 4n] }), none)).to.deep.equal([]);
  });
});

describe('weights', () => {
  const withWeight = (weight: TensorProto) =>
    buildModel({
      opset: 17,
      inputs: [{ name: 'x', shape: [1] }],
      outputs: [{ name: 'y' }],
      nodes: [{ op: 'Add', inputs: ['x', 'w'], outputs: ['y'] }],
      initializers: [weight],
    });
  const [Float, Int8] = [Type.FLOAT, Type.INT8];

  it('are refused when they hold another amount than their shape says', () => {
    for (const fields of [
      { dataType: Float, dims: [4n], floatData: [1, 2, 3] },
      { dataType: Float, dims: [10n ** 12n] },
      { dataType: Float, dims: [2n], rawData: new Uint8Array(4) },
      { dataType: Int8, dims: [-1n], rawData: new Uint8Array(1) },
      { dataType: Float, dims: [2n ** 62n, 2n ** 62n, 2n ** 62n], rawData: new Uint8Array(4) },
    ])
      throwsCode(() => parseModel(withWeight(tensor({ ...fields, name: 'w' }))), 'invalid-model');
  });

  it('of types that the engine does not compute with are kept', () => {
    const weight = tensor({ name: 'w', dataType: Type.INT4, dims: [3n], rawData: Uint8Array.of(0x21, 3) });
    const written = writeModel(parseModel(withWeight(weight)));
    expect([...fromBinary(ModelProtoSchema, written).graph!.initializer[0]!.rawData]).to.deep.equal([0x21, 3]);
  });

  it('can be replaced', async () => {
    const bytes = buildModel({
      opset: 17,
      inputs: [{ name: 'x', shape: [2] }],
      outputs: [{ name: 'y' }],
      nodes: [
        { op: 'Mul', inputs: ['x', 'w'], outputs: ['scaled'] },
        { op: 'Reshape', inputs: ['scaled', 'shape'], outputs: ['y'] },
      ],
      initializers: [floats('w', [2], [1, 2]), integers('shape', [2], [2, 1])],
    });
    const model = parseModel(bytes);
    const other = replaceWeights(model, ({ name }, read) =>
      name === 'w' ? read().map((value) => 10 * value) : undefined,
    );
    const session = await ort.InferenceSession.create(writeModel(other));
    const { y } = await session.run({ x: new ort.Tensor('float32', [1, 1], [2]) });
    expect([...(y!.data as Float32Array)]).to.deep.equal([10, 20]);
    expect(y!.dims).to.deep.equal([2, 1]);
    expect(readTensor(model.graph.initializers.get('w')!.proto, none), 'the old model').to.deep.equal([1, 2]);
    throwsCode(() => replaceWeights(model, () => [1, 2, 3]), 'invalid-argument');
  });
});
