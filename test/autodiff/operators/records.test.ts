// What must hold of every record: these tests walk the registry.
import { differentiableTensors, differentiate, type Model, SaywhyError } from '@saywhy/autodiff';
import { expect } from 'chai';
import { qualifiedName } from '../../../packages/autodiff/src/model/graph.js';
import { registry } from '../../../packages/autodiff/src/operators/index.js';
import { operatorSchemas } from '../../../packages/autodiff/src/schema/operators.js';
import { formalInput, schemaOf } from '../../../packages/autodiff/src/schema/read.js';
import { formalsOf, isVariadic, modelOf } from '../../support/call-models.js';
import { operatorCalls } from '../../support/operator-calls.js';

/** What convolutional networks and plain vision transformers are made of. */
const required =
  `Conv ConvTranspose BatchNormalization LayerNormalization InstanceNormalization GroupNormalization LRN Relu LeakyRelu PRelu Elu Selu Clip
  HardSigmoid HardSwish Sigmoid Tanh Softplus Erf Gelu Exp Log Sqrt Pow Abs Neg Reciprocal Add Sub Mul Div Sum Mean Max Min Where MaxPool AveragePool
  GlobalAveragePool GlobalMaxPool ReduceMean ReduceSum ReduceMax ReduceL2 Gemm MatMul Softmax LogSoftmax Reshape Flatten Squeeze Unsqueeze Transpose
  Concat Split Slice Pad Expand Tile Gather ScatterElements ScatterND CumSum Cast Identity Dropout Resize DepthToSpace`.split(
    /\s+/,
  );

/** Where signatures, or what rules may emit, change. */
const opsets = [7, 9, 11, 13, 16, 18, 20, 23, 26];

/** Those with graphs in them have tests of their own. */
const differentiable = [...registry]
  .filter(([, { grad, holdsGraphs, refused }]) => grad !== 'none' && !holdsGraphs && !refused)
  .map(([op]) => op);
const listed = Object.entries(operatorCalls).flatMap(([op, calls]) => calls.map((call) => [op, call] as const));

/** A model with gradients of what it can have them of; undefined where this use is refused for a stated reason. */
function differentiated(model: Model, of: string, among: readonly string[], prefix: string): Model | undefined {
  const wrt = among.filter((name) => differentiableTensors(model, of).has(name));
  if (wrt.length === 0) return undefined;
  try {
    return differentiate(model, { of, wrt, prefix });
  } catch (error) {
    if (error instanceof SaywhyError && (error.code === 'opset-too-old' || error.code === 'no-rule')) return undefined;
    throw error;
  }
}

const inputNames = (model: Model) => model.graph.inputs.map(({ name }) => name);
const operatorsOf = (model: Model) => model.graph.nodes.map(qualifiedName);

function expectRecords(ops: readonly string[]): void {
  for (const op of ops)
    expect(registry.has(op), `no record for ${op}: add one to a family in operators/`).to.equal(true);
}

describe('records of operators', () => {
  it('are there for everything that vision models are made of', () => {
    expectRecords(required);
  });
  it('are there for every operator of the ONNX standard', () => {
    expectRecords(Object.keys(operatorSchemas));
  });
  for (const [op, record] of registry)
    it(`${op}: has a shape, and gradients of inputs that its schema has, or says that it has none`, () => {
      expect(schemaOf(op), 'schema').to.not.equal(undefined);
      expect(record.shape, 'shape').to.be.a('function');
      expect(record.grad ?? record.lower ?? record.refused ?? record.holdsGraphs, 'gradient').to.not.equal(undefined);
      const formals = schemaOf(op)!
        .signatures.at(-1)!
        .inputs.map((_, index) => formalInput(op, index));
      for (const name of Object.keys(typeof record.grad === 'object' ? record.grad : {}))
        expect(formals, `input of ${op}`).to.include(name);
    });
});

describe('records are closed under differentiation', () => {
  const emitted = new Map<string, string>();
  it('every record with a derivative has a call, and every rule an input in one', () => {
    const without = differentiable.filter((op) => !operatorCalls[op]);
    expect(without, 'add a call of each to test/support/operator-calls.ts').to.deep.equal([]);
    const more = Object.keys(operatorCalls).filter((op) => !differentiable.includes(op));
    expect(more, 'called in test/support/operator-calls.ts, but without a record that has a derivative').to.deep.equal(
      [],
    );
    for (const op of differentiable) {
      const { grad } = registry.get(op)!;
      const inputs = operatorCalls[op]!.flatMap(({ floats, quantized = {} }) =>
        Object.keys({ ...floats, ...quantized }),
      );
      const called = isVariadic(op) ? formalsOf(op) : inputs;
      const uncalled = Object.keys(typeof grad === 'object' ? grad : {}).filter((name) => !called.includes(name));
      expect(uncalled, `no call of ${op} in test/support/operator-calls.ts has these inputs`).to.deep.equal([]);
    }
  });
  for (const opset of opsets)
    for (const isSymbolic of [false, true])
      it(`opset ${opset}, ${isSymbolic ? 'sizes settled at run time' : 'sizes known'}: what rules emit has records, and gradients of its own`, () => {
        for (const [op, call] of listed) {
          const model = registry.has(op) ? modelOf(op, call, opset, isSymbolic) : undefined;
          const once = model && differentiated(model, 'score', inputNames(model), '');
          if (model && !isSymbolic && opset >= 13) expect(once, op).to.not.equal(undefined);
          if (!model || !once) continue;
          for (const used of operatorsOf(once)) emitted.set(used, op);
          for (const { name } of once.graph.outputs.slice(1)) {
            const twice = differentiated(once, name, ['cotangent/score', ...inputNames(model)], 'second/');
            if (!isSymbolic)
              expect(twice && inputNames(twice), `${op}: ${name} by its cotangent`).to.include(
                `second/cotangent/${name}`,
              );
            for (const used of twice ? operatorsOf(twice) : []) emitted.set(used, `the gradient of ${op}`);
          }
        }
        for (const [used, by] of emitted) expect(registry.has(used), `${used}, emitted by ${by}`).to.equal(true);
      });
});
