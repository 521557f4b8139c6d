// Rounding has no derivative that differences could show: what stands here is PyTorch's, the estimator written out, or the same model in other operators.
import { create } from '@bufbuild/protobuf';
import { differentiableTensors, differentiate, parseModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import { type TensorProto, TensorProtoSchema, TensorProto_DataType as Type } from 'onnx-buf';
import { relativeError } from '../../support/golden.js';
import { checkGradients } from '../../support/gradient-check.js';
import { type GradientsOptions, gradientsOf } from '../../support/gradients.js';
import { type Attribute, buildModel, floats, type NodeSpec } from '../../support/model.js';
import { normal } from '../../support/random.js';
import { throwsCode } from '../../support/throws-code.js';

type Attributes = Readonly<Record<string, Attribute>>;
type Quantized = 'INT8' | 'UINT8' | 'INT16' | 'INT32' | 'UINT4' | 'FLOAT8E4M3FN';

/** A constant of a type that is quantized to; two elements of four bits share a byte. */
function whole(name: string, type: Quantized, shape: readonly number[], values: readonly number[]): TensorProto {
  const packed =
    type === 'UINT4'
      ? values.flatMap((value, index) => (index % 2 === 0 ? [value + 16 * (values[index + 1] ?? 0)] : []))
      : values;
  return create(TensorProtoSchema, { name, dataType: Type[type], dims: shape.map(BigInt), int32Data: [...packed] });
}

/** Quantized and dequantized again, with other nodes between. */
function thereAndBack(attributes: Attributes = {}, between: readonly NodeSpec[] = []): NodeSpec[] {
  const q = between.at(-1)?.outputs[0] ?? 'q';
  return [
    { op: 'QuantizeLinear', inputs: ['X', 'scale', 'zero'], outputs: ['q'], attributes },
    ...between,
    { op: 'DequantizeLinear', inputs: [q, 'scale', 'zero'], outputs: ['Y'], attributes },
  ];
}

function expectNear(found: readonly number[] | undefined, expected: readonly number[]): void {
  expect(found?.length).to.equal(expected.length);
  for (const [index, value] of expected.entries()) expect(found![index], `element ${index}`).to.be.closeTo(value, 1e-3);
}

const random = (count: number, seed: number, factor = 1) => {
  const next = normal(seed);
  return Array.from({ length: count }, () => factor * next());
};
const integersOf = (count: number, seed: number) =>
  random(count, seed, 40).map((v) => Math.max(-127, Math.min(127, Math.round(v))));

describe('gradients through QuantizeLinear and DequantizeLinear', () => {
  const points = [-0.55, -0.5, -0.31, 0, 0.04, 0.3, 1.02, 1.2, 1.24, 1.26, 3];
  const cotangent = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
  for (const opset of [21, 23, 24])
    it(`one scale, as torch._fake_quantize_learnable_per_tensor_affine from 0 to 15, opset ${opset}`, async () => {
      const options = { opset, initializers: [whole('zero', 'UINT4', [], [3])], cotangent };
      const { X, scale } = await gradientsOf({
        ...options,
        nodes: thereAndBack(),
        inputs: { X: points, scale: { shape: [], values: [0.1] } },
      });
      expectNear(X, [0, 0, 3, 4, 5, 6, 7, 8, 9, 0, 0]);
      expectNear(scale, [236.3]);
    });
  for (const opset of [10, 13, 19, 21, 23, 24])
    for (const type of ['UINT8', 'INT8'] as const)
      it(`one scale, ${type}, opset ${opset}`, async () => {
        const zero = type === 'UINT8' ? 128 : 0;
        for (const shape of [[], [1]]) {
          if (shape.length > 0 && opset === 10) continue;
          const { X, scale } = await gradientsOf({
            opset,
            nodes: thereAndBack(),
            initializers: [whole('zero', type, shape, [zero])],
            inputs: { X: [-13, -12.8, 0, 1.26, 12.7, 12.8], scale: { shape, values: [0.1] } },
          });
          expectNear(X, [0, 1, 1, 1, 1, 0]);
          expectNear(scale, [-128 + (13 - 12.6) + 127]);
        }
      });
  for (const opset of [13, 19, 21, 23, 24])
    for (const axis of [0, -2])
      it(`a scale each row, as torch._fake_quantize_learnable_per_channel_affine, axis ${axis}, opset ${opset}`, async () => {
        const { X, scale } = await gradientsOf({
          opset,
          nodes: thereAndBack({ axis }),
          initializers: [whole('zero', 'INT8', [2], [0, 10])],
          inputs: {
            X: { shape: [2, 4], values: [-2, -0.5, 0.26, 3.2, -2, -0.5, 0.26, 3.2] },
            scale: [0.02, 0.01],
          },
          cotangent: [1, 2, 3, 4, 5, 6, 7, 8],
        });
        expectNear(X, [1, 2, 3, 0, 0, 6, 7, 0]);
        expectNear(scale, [508, 246]);
      });
  for (const opset of [21, 24])
    for (const axis of [0, 1])
      it(`a scale each block of an axis, axis ${axis}, opset ${opset}`, async () => {
        const [rows, columns] = axis === 0 ? [5, 2] : [2, 5];
        const scales = axis === 0 ? [3, 2] : [2, 3];
        const at = (index: number) => {
          const [row, column] = [Math.floor(index / columns), index % columns];
          return axis === 0 ? Math.floor(row / 2) * 2 + column : row * 3 + Math.floor(column / 2);
        };
        const [x, g] = [random(10, 3), random(10, 4)];
        const step = [0.01, 0.02, 0.005, 0.03, 0.015, 0.008];
        const { X, scale } = await gradientsOf({
          opset,
          nodes: thereAndBack({ axis, block_size: 2 }),
          initializers: [whole('zero', 'INT8', scales, [0, 1, 2, 3, 4, 5])],
          inputs: { X: { shape: [rows, columns], values: x }, scale: { shape: scales, values: step } },
          cotangent: g,
        });
        const expected = { x: x.map(() => 0), scale: step.map(() => 0) };
        x.forEach((value, index) => {
          const block = at(index);
          const quotient = value / step[block]!;
          const unbounded = Math.round(quotient) + block;
          const isInside = unbounded >= -128 && unbounded <= 127;
          if (isInside) expected.x[index] = g[index]!;
          const bounded = Math.max(-128, Math.min(127, unbounded)) - block;
          expected.scale[block]! += g[index]! * (isInside ? bounded - quotient : bounded);
        });
        expect(expected.x.filter((value) => value === 0).length).to.be.within(1, 9);
        expectNear(X, expected.x);
        expectNear(scale, expected.scale);
      });
  it('of eight-bit floating point', async () => {
    const { X } = await gradientsOf({
      opset: 19,
      nodes: thereAndBack(),
      initializers: [whole('zero', 'FLOAT8E4M3FN', [], [0])],
      inputs: { X: [-500, -400, 0.3, 447, 480], scale: { shape: [], values: [1] } },
    });
    expectNear(X, [0, 1, 1, 1, 0]);
  });
  it('without a zero point, and with the type as an attribute', async () => {
    const nodes = (attributes: Attributes): NodeSpec[] => [
      { op: 'QuantizeLinear', inputs: ['X', 'scale'], outputs: ['q'], attributes },
      { op: 'DequantizeLinear', inputs: ['q', 'scale'], outputs: ['Y'] },
    ];
    const gradient = async (opset: number, attributes: Attributes = {}) =>
      (
        await gradientsOf({
          opset,
          nodes: nodes(attributes),
          initializers: [floats('scale', [], [0.5])],
          inputs: { X: [-70, -1, 1, 70, 200] },
        })
      ).X;
    for (const opset of [10, 13, 21]) expectNear(await gradient(opset), [0, 0, 1, 1, 0]);
    expectNear(await gradient(21, { output_dtype: Type.INT8 }), [0, 1, 1, 0, 0]);
    expectNear(await gradient(21, { output_dtype: Type.INT16 }), [1, 1, 1, 1, 1]);
  });
  it('of unknown size', async () => {
    const nodes = [{ op: 'Mul', inputs: ['A', 'A'], outputs: ['X'] }, ...thereAndBack({ axis: 1 })];
    const { A } = await gradientsOf({
      opset: 13,
      nodes,
      initializers: [whole('zero', 'INT8', [2], [0, 0]), floats('scale', [2], [0.1, 0.01])],
      inputs: { A: { shape: [2, 2], values: [1, 1, 3, 3] } },
    });
    expectNear(A, [2, 2, 6, 0]);
  });

  for (const [what, opsets, attributes, weights, scale] of [
    ['one scale', [10, 13, 19, 21, 23, 24], {}, whole('W', 'INT8', [2, 3], [1, -2, 3, 100, 5, -6]), []],
    ['a scale each row', [13, 19, 21, 24], { axis: 0 }, whole('W', 'UINT8', [2, 3], [1, 2, 3, 100, 5, 6]), [2]],
    ['a scale each column', [13, 24], {}, whole('W', 'INT8', [2, 3], [1, -2, 3, 100, 5, -6]), [3]],
    ['blocks', [21, 24], { block_size: 2 }, whole('W', 'INT8', [2, 3], [1, -2, 3, 100, 5, -6]), [2, 2]],
    ['a bias', [10, 13, 24], {}, whole('W', 'INT32', [2], [1000, -2000]), []],
  ] as const)
    for (const opset of opsets)
      it(`DequantizeLinear by its scale: ${what}, opset ${opset}`, () =>
        checkGradients({
          op: 'DequantizeLinear',
          opset,
          attributes,
          order: ['W', 'scale'],
          initializers: [weights],
          inputs: { scale: { shape: scale } },
        }));
});

describe('gradients through operators on quantized integers', () => {
  const shape = [1, 2, 4, 4];
  const options = (nodes: NodeSpec[], seed = 5): GradientsOptions => ({
    opset: 13,
    nodes,
    initializers: [whole('zero', 'UINT8', [], [128]), floats('scale', [], [0.02])],
    inputs: { X: { shape, values: random(32, seed) } },
  });
  const moves: readonly [op: string, attributes: Attributes][] = [
    ['Transpose', { perm: [0, 2, 3, 1] }],
    ['Flatten', {}],
    ['MaxPool', { kernel_shape: [2, 2], strides: [2, 2] }],
    ['Identity', {}],
  ];
  for (const [op, attributes] of moves)
    it(`${op} between is as ${op} behind`, async () => {
      const between = await gradientsOf(options(thereAndBack({}, [{ op, inputs: ['q'], outputs: ['r'], attributes }])));
      const [quantize, dequantize] = thereAndBack() as [NodeSpec, NodeSpec];
      const behind = await gradientsOf(
        options([quantize, { ...dequantize, outputs: ['Z'] }, { op, inputs: ['Z'], outputs: ['Y'], attributes }]),
      );
      expect(between.X!.some((value) => value !== 0)).to.equal(true);
      expect(between).to.deep.equal(behind);
    });
  it('two branches of integers are added up', async () => {
    const { X } = await gradientsOf({
      opset: 13,
      nodes: thereAndBack({}, [{ op: 'Concat', inputs: ['q', 'q'], outputs: ['r'], attributes: { axis: 0 } }]),
      initializers: [whole('zero', 'UINT8', [], [128]), floats('scale', [], [0.02])],
      inputs: { X: [0.5, 1, 100] },
      cotangent: [1, 2, 3, 4, 5, 6],
    });
    expectNear(X, [5, 7, 0]);
  });

  const weights = integersOf(18, 6);
  it('DynamicQuantizeLinear and MatMulInteger: the product with the weights that the integers stand for', async () => {
    for (const withZeros of [false, true]) {
      const { X } = await gradientsOf({
        opset: 11,
        nodes: [
          { op: 'DynamicQuantizeLinear', inputs: ['X'], outputs: ['q', 's', 'z'] },
          { op: 'MatMulInteger', inputs: ['q', 'W', 'z', ...(withZeros ? ['zeros'] : [])], outputs: ['i'] },
          { op: 'Cast', inputs: ['i'], outputs: ['f'], attributes: { to: 1 } },
          { op: 'Mul', inputs: ['s', 'scales'], outputs: ['both'] },
          { op: 'Mul', inputs: ['f', 'both'], outputs: ['Y'] },
        ],
        initializers: [
          whole('W', 'INT8', [3, 6], weights),
          whole('zeros', 'INT8', [6], [0, 1, 2, 3, 4, 5]),
          floats('scales', [6], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]),
        ],
        inputs: { X: { shape: [2, 3], values: random(6, 7) } },
      });
      const row = [0, 1, 2].map((k) =>
        [0, 1, 2, 3, 4, 5].reduce((sum, n) => sum + (weights[6 * k + n]! - (withZeros ? n : 0)) * (n + 1) * 0.1, 0),
      );
      expectNear(X, [...row, ...row]);
    }
  });
  it('DynamicQuantizeLinear: its scale alone has the derivative of the range', async () => {
    const scale = (X: number[]) =>
      gradientsOf({
        opset: 11,
        nodes: [{ op: 'DynamicQuantizeLinear', inputs: ['X'], outputs: ['q', 'Y', 'z'] }],
        inputs: { X },
        cotangent: [255],
      });
    expectNear((await scale([-2, 1, 3, 0])).X, [-1, 0, 1, 0]);
    expectNear((await scale([2, 1, 3, 3])).X, [0, 0, 0.5, 0.5]);
    expectNear((await scale([-2, -1, -3, -2])).X, [0, 0, -1, 0]);
  });
  it('DynamicQuantizeLinear: its zero point alone has none', async () => {
    const { X } = await gradientsOf({
      opset: 11,
      nodes: [
        { op: 'DynamicQuantizeLinear', inputs: ['X'], outputs: ['q', 's', 'z'] },
        { op: 'Cast', inputs: ['z'], outputs: ['Y'], attributes: { to: 1 } },
      ],
      inputs: { X: [-2, 1, 3] },
    });
    expect(X).to.deep.equal([0, 0, 0]);
  });
  it('MatMulInteger of what QuantizeLinear made', async () => {
    const { X } = await gradientsOf({
      opset: 13,
      nodes: [
        { op: 'QuantizeLinear', inputs: ['X', 'one'], outputs: ['q'] },
        { op: 'MatMulInteger', inputs: ['q', 'W', 'rows'], outputs: ['i'] },
        { op: 'Cast', inputs: ['i'], outputs: ['Y'], attributes: { to: 1 } },
      ],
      initializers: [
        floats('one', [], [1]),
        whole('W', 'UINT8', [2, 2], [1, 2, 3, 4]),
        whole('rows', 'UINT8', [], [5]),
      ],
      inputs: { X: { shape: [2, 2], values: [1, 2, 3, 4] } },
    });
    expectNear(X, [3, 7, 3, 7]);
  });
  it('ConvInteger is as Conv of what the integers stand for', async () => {
    const kernel = integersOf(54, 8);
    const attributes = { pads: [1, 1, 1, 1], strides: [2, 2] };
    const values = random(32, 9);
    const integer = await gradientsOf({
      opset: 11,
      nodes: [
        { op: 'DynamicQuantizeLinear', inputs: ['X'], outputs: ['q', 's', 'z'] },
        { op: 'ConvInteger', inputs: ['q', 'W', 'z'], outputs: ['i'], attributes },
        { op: 'Cast', inputs: ['i'], outputs: ['f'], attributes: { to: 1 } },
        { op: 'Mul', inputs: ['f', 's'], outputs: ['Y'] },
      ],
      initializers: [
        whole(
          'W',
          'UINT8',
          [3, 2, 3, 3],
          kernel.map((value) => value + 128),
        ),
      ],
      inputs: { X: { shape, values } },
    });
    const real = await gradientsOf({
      opset: 11,
      nodes: [{ op: 'Conv', inputs: ['X', 'W'], outputs: ['Y'], attributes }],
      initializers: [
        floats(
          'W',
          [3, 2, 3, 3],
          kernel.map((value) => value + 128),
        ),
      ],
      inputs: { X: { shape, values } },
    });
    expect(relativeError(integer.X!, real.X!)).to.be.below(1e-5);
  });
  for (const opset of [10, 13, 21])
    for (const perChannel of [false, true])
      it(`QLinearConv is as Conv between DequantizeLinear and QuantizeLinear, ${perChannel ? 'a scale each channel' : 'one scale'}, opset ${opset}`, async () => {
        if (opset < 13 && perChannel) return;
        const attributes = { pads: [1, 1, 1, 1] };
        const scales = perChannel ? [0.01, 0.02, 0.03] : [0.02];
        const initializers = [
          whole('W', 'INT8', [3, 2, 3, 3], integersOf(54, 8)),
          whole('B', 'INT32', [3], [100, -200, 50]),
          whole('zero', 'UINT8', [], [128]),
          whole('none', 'INT8', perChannel ? [3] : [], perChannel ? [0, 0, 0] : [0]),
          floats('scale', [], [0.02]),
          floats('scales', perChannel ? [3] : [], scales),
          floats(
            'bias',
            perChannel ? [3] : [],
            scales.map((value) => value * 0.02),
          ),
          floats('larger', [], [0.02]),
        ];
        const quantize = { op: 'QuantizeLinear', inputs: ['X', 'scale', 'zero'], outputs: ['q'] };
        const last = { op: 'DequantizeLinear', inputs: ['r', 'larger', 'zero'], outputs: ['Y'] };
        const axis: Attributes = perChannel ? { axis: 0 } : {};
        const fused = [
          quantize,
          {
            op: 'QLinearConv',
            inputs: ['q', 'scale', 'zero', 'W', 'scales', 'none', 'larger', 'zero', 'B'],
            outputs: ['r'],
            attributes,
          },
          last,
        ];
        const apart = [
          quantize,
          { op: 'DequantizeLinear', inputs: ['q', 'scale', 'zero'], outputs: ['x'] },
          { op: 'DequantizeLinear', inputs: ['W', 'scales', 'none'], outputs: ['w'], attributes: axis },
          { op: 'DequantizeLinear', inputs: ['B', 'bias'], outputs: ['b'], attributes: axis },
          { op: 'Conv', inputs: ['x', 'w', 'b'], outputs: ['c'], attributes },
          { op: 'QuantizeLinear', inputs: ['c', 'larger', 'zero'], outputs: ['r'] },
          last,
        ];
        const inputs = { X: { shape, values: random(32, 9) } };
        const [one, several] = [
          await gradientsOf({ opset, nodes: fused, initializers, inputs }),
          await gradientsOf({ opset, nodes: apart, initializers, inputs }),
        ];
        expect(one.X!.some((value) => value !== 0)).to.equal(true);
        expect(relativeError(one.X!, several.X!)).to.be.below(1e-5);
      });
  for (const opset of [10, 21])
    it(`QLinearMatMul is as MatMul between DequantizeLinear and QuantizeLinear, opset ${opset}`, async () => {
      const initializers = [
        whole('W', 'INT8', [3, 6], weights),
        whole('zero', 'UINT8', [], [128]),
        whole('none', 'INT8', [], [2]),
        floats('scale', [], [0.02]),
        floats('other', [], [0.01]),
        floats('larger', [], [0.03]),
      ];
      const quantize = { op: 'QuantizeLinear', inputs: ['X', 'scale', 'zero'], outputs: ['q'] };
      const last = { op: 'DequantizeLinear', inputs: ['r', 'larger', 'zero'], outputs: ['Y'] };
      const product = ['q', 'scale', 'zero', 'W', 'other', 'none', 'larger', 'zero'];
      const fused = [quantize, { op: 'QLinearMatMul', inputs: product, outputs: ['r'] }, last];
      const apart = [
        quantize,
        { op: 'DequantizeLinear', inputs: ['q', 'scale', 'zero'], outputs: ['x'] },
        { op: 'DequantizeLinear', inputs: ['W', 'other', 'none'], outputs: ['w'] },
        { op: 'MatMul', inputs: ['x', 'w'], outputs: ['c'] },
        { op: 'QuantizeLinear', inputs: ['c', 'larger', 'zero'], outputs: ['r'] },
        last,
      ];
      const inputs = { X: { shape: [2, 3], values: random(6, 10) } };
      const [one, several] = [
        await gradientsOf({ opset, nodes: fused, initializers, inputs }),
        await gradientsOf({ opset, nodes: apart, initializers, inputs }),
      ];
      expect(one.X!.some((value) => value !== 0)).to.equal(true);
      expect(relativeError(one.X!, several.X!)).to.be.below(1e-5);
    });
});

describe('integers that nothing quantized', () => {
  const modelOf = (nodes: NodeSpec[]) =>
    parseModel(
      buildModel({
        opset: 13,
        inputs: [{ name: 'X', shape: [3] }],
        outputs: [{ name: 'Y' }],
        nodes,
        initializers: [whole('zero', 'UINT8', [], [128]), floats('scale', [], [0.02])],
      }),
    );
  it('stop a gradient', () => {
    const model = modelOf([
      { op: 'Cast', inputs: ['X'], outputs: ['q'], attributes: { to: Type.UINT8 } },
      { op: 'DequantizeLinear', inputs: ['q', 'scale', 'zero'], outputs: ['Y'] },
    ]);
    throwsCode(() => differentiate(model, { of: 'Y', wrt: ['X'] }), 'not-differentiable');
  });
  it('and quantized ones have no gradient of their own, but let it pass', () => {
    const model = modelOf(thereAndBack());
    expect([...differentiableTensors(model, 'Y')]).to.have.members(['Y', 'X', 'scale']);
    throwsCode(() => differentiate(model, { of: 'Y', wrt: ['q'] }), 'not-differentiable');
  });
});
