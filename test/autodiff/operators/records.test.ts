// What must hold of every record: these tests walk the registry.
import { differentiableTensors, differentiate, type Model, parseModel, SaywhyError } from '@saywhy/autodiff';
import { expect } from 'chai';
import { qualifiedName } from '../../../packages/autodiff/src/model/graph.js';
import { registry } from '../../../packages/autodiff/src/operators/index.js';
import { exists, formalInput, schemaOf, toVersion } from '../../../packages/autodiff/src/schema/read.js';
import { type Attribute, booleans, buildModel, bytes, floats, integers } from '../../support/model.js';
import { type OperatorCall, operatorCalls } from '../../support/operator-calls.js';

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

/** The last opset of operators that are deprecated. */
const LAST: Readonly<Record<string, number>> = { Upsample: 9, Scatter: 10 };

/** Those with graphs in them have tests of their own. */
const differentiable = [...registry]
  .filter(([, { grad, holdsGraphs }]) => grad !== 'none' && !holdsGraphs)
  .map(([op]) => op);
const listed = Object.entries(operatorCalls).flatMap(([op, calls]) => calls.map((call) => [op, call] as const));

/** The operator's calls, as models of some opset in which the sum of its result is the score; those that the version can say. */
function modelOf(op: string, call: OperatorCall, opset: number, isSymbolic: boolean): Model | undefined {
  if (!exists(op, opset) || opset > (LAST[op] ?? opset)) return undefined;
  const lists: Readonly<Record<string, readonly number[]>> = {
    ...call.integers,
    ...call.booleans,
    ...(call.scales && { scales: call.scales }),
    ...Object.fromEntries((call.zeros ?? []).map((name) => [name, [0]])),
  };
  const quantized = Object.keys(call.quantized ?? {});
  const given = isVariadic(op)
    ? Object.keys(call.floats)
    : formalsOf(op).map((name) =>
        name in call.floats || name in lists || quantized.includes(name) ? name : undefined,
      );
  const written = versionOf(op, opset, given, call, lists);
  if (!written) return undefined;
  const used = written.inputs.map((name) => name ?? '');
  const symbols = (name: string, shape: readonly number[]) =>
    shape.map((size, axis) => (isSymbolic && axis !== 1 ? `${name}${axis}` : size));
  const outputs = Array.from({ length: call.outputs ?? 1 }, (_, index) => `part${index}`);
  // Every output of Split has a gradient, of TopK the first.
  const ends = op === 'Split' ? outputs : outputs.slice(0, 1);
  const constants = [
    ...Object.entries(call.integers ?? {}).map(([name, values]) => integers(name, [values.length], values)),
    ...Object.entries(call.booleans ?? {}).map(([name, values]) => booleans(name, [values.length], values)),
    ...(call.scales ? [floats('scales', [call.scales.length], call.scales)] : []),
    ...(call.zeros ?? []).map((name) => bytes(name, [], [0])),
    ...(quantized.length > 0 ? [floats('step', [], [0.1])] : []),
  ];
  return parseModel(
    buildModel({
      opset,
      inputs: [
        ...Object.entries(call.floats)
          .filter(([name]) => used.includes(name))
          .map(([name, shape]) => ({ name, shape: symbols(name, shape) })),
        ...quantized.map((name) => ({ name: `${name}/real`, shape: symbols(name, call.quantized![name]!) })),
      ],
      outputs: [{ name: 'score' }],
      nodes: [
        ...quantized.map((name) => ({ op: 'QuantizeLinear', inputs: [`${name}/real`, 'step'], outputs: [name] })),
        { ...nameOf(op), name: 'call', inputs: used, outputs, attributes: written.attributes },
        ...ends.flatMap((name, index) => [
          { op: 'Cast', inputs: [name], outputs: [`real${index}`], attributes: { to: 1 } },
          { op: 'ReduceSum', inputs: [`real${index}`], outputs: [`sum${index}`] },
        ]),
        { op: 'Sum', inputs: ends.map((_, index) => `sum${index}`), outputs: ['score'] },
      ],
      initializers: constants.filter(({ name }) => used.includes(name) || name === 'step'),
    }),
  );
}

/** An operator's name and domain. */
function nameOf(op: string): { op: string; domain: string } {
  const dot = op.lastIndexOf('.');
  return { op: op.slice(dot + 1), domain: op.slice(0, Math.max(dot, 0)) };
}

/** A call's inputs and attributes as an older version has them; undefined where it cannot say it. */
function versionOf(
  op: string,
  opset: number,
  given: readonly (string | undefined)[],
  call: OperatorCall,
  lists: Readonly<Record<string, readonly number[]>>,
) {
  try {
    const { inputs, attributes, kinds } = toVersion(op, opset, given, call.attributes ?? {}, (name) => lists[name]);
    const typed = Object.entries(attributes).map(([name, value]): [string, Attribute] => {
      if (kinds[name] === 'float') return [name, { float: value as number }];
      return [name, kinds[name] === 'floats' ? { floats: value as number[] } : (value as Attribute)];
    });
    return { inputs, attributes: Object.fromEntries(typed) };
  } catch (error) {
    if (error instanceof SaywhyError && error.code === 'opset-too-old') return undefined;
    throw error;
  }
}

function isVariadic(op: string): boolean {
  return schemaOf(op)!
    .signatures.at(-1)!
    .inputs.some((name) => name.endsWith('...'));
}

function formalsOf(op: string): string[] {
  return schemaOf(op)!
    .signatures.at(-1)!
    .inputs.map((_, index) => formalInput(op, index)!);
}

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

describe('records of operators', () => {
  it('are there for everything that vision models are made of', () => {
    for (const op of required) expect(registry.has(op), op).to.equal(true);
  });
  for (const [op, record] of registry)
    it(`${op}: has a shape, and gradients of inputs that its schema has, or says that it has none`, () => {
      expect(schemaOf(op), 'schema').to.not.equal(undefined);
      expect(record.shape, 'shape').to.be.a('function');
      expect(record.grad ?? record.lower ?? record.holdsGraphs, 'gradient').to.not.equal(undefined);
      const formals = schemaOf(op)!
        .signatures.at(-1)!
        .inputs.map((_, index) => formalInput(op, index));
      for (const name of Object.keys(typeof record.grad === 'object' ? record.grad : {}))
        expect(formals, `input of ${op}`).to.include(name);
    });
});

describe('records are closed under differentiation', () => {
  const emitted = new Map<string, string>();
  it('every record with a derivative has a call here, and every rule an input in one', () => {
    expect(Object.keys(operatorCalls).filter((op) => registry.has(op))).to.have.members(differentiable);
    for (const op of differentiable) {
      const { grad } = registry.get(op)!;
      const names = operatorCalls[op]!.flatMap((call) => Object.keys(call.floats));
      const called = isVariadic(op) ? formalsOf(op) : names;
      expect(
        [...called, ...operatorCalls[op]!.flatMap((call) => Object.keys(call.quantized ?? {}))],
        op,
      ).to.include.members(Object.keys(typeof grad === 'object' ? grad : {}));
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
