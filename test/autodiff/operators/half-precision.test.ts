import { expect } from 'chai';
import { gradientsOf } from '../../support/gradients.js';
import { type Attribute, floats, integers, type NodeSpec } from '../../support/model.js';
import { normal } from '../../support/random.js';

interface Case {
  readonly op: string;
  readonly opset?: number;
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly map?: (value: number) => number;
  /** Integer inputs behind the others. */
  readonly integer?: readonly number[];
}

const positive = (value: number) => Math.abs(value) + 0.5;
const unary = (...ops: string[]): Case[] => ops.map((op) => ({ op, shapes: { X: [3, 5] } }));
const cases: readonly Case[] = [
  ...unary('Exp', 'Abs', 'Neg', 'Sin', 'Erf', 'Relu', 'LeakyRelu', 'Elu', 'Selu', 'HardSigmoid', 'HardSwish'),
  ...unary('Sigmoid', 'Tanh', 'Softplus', 'Softsign', 'Gelu', 'Mish', 'ThresholdedRelu'),
  ...unary('Softmax', 'LogSoftmax', 'ReduceL2', 'ReduceProd', 'ReduceMax', 'ReduceMean'),
  ...['Log', 'Sqrt', 'Reciprocal'].map((op) => ({ op, shapes: { X: [3, 5] }, map: positive })),
  ...['Mul', 'Div', 'Pow', 'Max', 'Min', 'Sum', 'Mean', 'PRelu'].map((op) => ({
    op,
    shapes: { A: [3, 5], B: [5] },
    map: positive,
  })),
  { op: 'Clip', shapes: { X: [3, 5], low: [], high: [] }, map: (value) => value },
  { op: 'MatMul', shapes: { A: [2, 3, 5], B: [5, 4] } },
  { op: 'Gemm', shapes: { A: [3, 5], B: [5, 4], C: [4] } },
  { op: 'ReduceSum', shapes: { X: [3, 5] }, integer: [1] },
  {
    op: 'BatchNormalization',
    shapes: { X: [2, 3, 4], scale: [3], B: [3], mean: [3], variance: [3] },
    map: positive,
  },
  { op: 'LayerNormalization', shapes: { X: [2, 3, 8], scale: [8], B: [8] } },
  { op: 'InstanceNormalization', shapes: { X: [2, 3, 8], scale: [3], B: [3] } },
  {
    op: 'GroupNormalization',
    opset: 21,
    shapes: { X: [2, 4, 6], scale: [4], bias: [4] },
    attributes: { num_groups: 2 },
  },
  { op: 'LRN', shapes: { X: [1, 6, 2, 2] }, attributes: { size: 3 } },
  { op: 'LpNormalization', shapes: { X: [3, 5] }, map: positive },
];

const FLOAT = 1;
const HALF = 10;

/** The operator between casts to half precision and back, or by itself. */
function graphOf({ op, shapes, attributes = {}, integer }: Case, type: number): NodeSpec[] {
  const names = Object.keys(shapes);
  const cast = (from: string, to: string, target: number): NodeSpec => ({
    op: 'Cast',
    inputs: [from],
    outputs: [to],
    attributes: { to: target },
  });
  return [
    ...names.map((name) => cast(name, `${name}'`, type)),
    { op, inputs: [...names.map((name) => `${name}'`), ...(integer ? ['integer'] : [])], outputs: ['y'], attributes },
    cast('y', 'Y', FLOAT),
  ];
}

describe('gradients in half precision', () => {
  for (const test of cases)
    it(`${test.op}: those in single precision, within 1 %`, async () => {
      const { shapes, opset = 20, map = (value: number) => value, integer } = test;
      const next = normal(1);
      const inputs = Object.fromEntries(
        Object.entries(shapes).map(([name, shape]) => {
          const count = shape.reduce((product, size) => product * size, 1);
          // Halves of halves are exact in half precision, so that both graphs see the same numbers, and clear of kinks.
          const values = Array.from({ length: count }, () => Math.round(map(next()) * 8) / 8 + 1 / 16);
          return [name, { shape, values: name === 'low' ? [-0.5] : name === 'high' ? [0.5] : values }];
        }),
      );
      const initializers = integer ? [integers('integer', [integer.length], integer)] : [floats('unused', [], [0])];
      const [half, single] = await Promise.all(
        [HALF, FLOAT].map((type) => gradientsOf({ opset, nodes: graphOf(test, type), inputs, initializers })),
      );
      for (const [name, expected] of Object.entries(single!)) {
        const norm = Math.hypot(...expected);
        const error = Math.hypot(...expected.map((value, index) => value - half![name]![index]!));
        expect(error, name).to.be.below(0.01 * norm + 2e-3);
      }
    });
  it('ReduceMean of more elements than half precision counts', async () => {
    const nodes = graphOf({ op: 'ReduceMean', shapes: { X: [] }, attributes: { keepdims: 0 } }, HALF);
    const X = { shape: [2, 35000], values: new Array(70000).fill(0) };
    const gradient = (await gradientsOf({ nodes, inputs: { X } })).X!;
    expect(gradient[0]).to.be.closeTo(1 / 70000, 1e-7);
  });
  it('means of more elements than half precision can count', async () => {
    const nodes = graphOf({ op: 'GlobalAveragePool', shapes: { X: [1, 1, 256, 256] } }, HALF);
    const X = { shape: [1, 1, 256, 256], values: new Array<number>(65536).fill(1) };
    const { X: gradient } = await gradientsOf({ opset: 17, nodes, inputs: { X } });
    expect(new Set(gradient)).to.deep.equal(new Set([2 ** -16]));
  });
});
