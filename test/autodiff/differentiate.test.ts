// What `differentiate` promises: what it adds to a model, what it refuses, and that what lies off the path does not matter.
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  differentiableTensors,
  differentiate,
  extract,
  inferTensors,
  type Model,
  parseModel,
  writeModel,
} from '@saywhy/autodiff';
import { expect } from 'chai';
import { AttributeProto_AttributeType, AttributeProtoSchema, type GraphProto, ModelProtoSchema } from 'onnx-buf';
import { buildModel, floats, integers, type ModelSpec, type NodeSpec } from '../support/model.js';
import { run, vector } from '../support/run.js';
import { throwsCode } from '../support/throws-code.js';

/** A model of vectors of two elements, x in and y out. */
function modelOf(nodes: readonly NodeSpec[], more: Partial<ModelSpec> = {}): Model {
  const value = { shape: [2] };
  const spec = { opset: 17, inputs: [{ name: 'x', ...value }], outputs: [{ name: 'y', ...value }], nodes, ...more };
  return parseModel(buildModel(spec));
}
const node = (op: string, inputs: readonly string[], output: string, more: Partial<NodeSpec> = {}): NodeSpec => ({
  op,
  inputs,
  outputs: [output],
  name: output,
  ...more,
});

async function gradients(model: Model, of: string, wrt: readonly string[], cotangent = vector(1, 1), x = vector(2, 3)) {
  const results = await run(differentiate(model, { of, wrt }), { x, [`cotangent/${of}`]: cotangent });
  return Object.fromEntries(wrt.map((name) => [name, results[`gradient/${name}`]!.data]));
}

describe('differentiate', () => {
  const cube = modelOf([node('Mul', ['x', 'x'], 'square'), node('Mul', ['square', 'x'], 'y')]);

  it('adds one input and one output for each tensor, and leaves the model as it was', async () => {
    const before = writeModel(cube);
    const joined = differentiate(cube, { of: 'y', wrt: ['square', 'x'] });
    expect(joined.graph.inputs.map(({ name }) => name)).to.deep.equal(['x', 'cotangent/y']);
    expect(joined.graph.outputs.map(({ name }) => name)).to.deep.equal(['y', 'gradient/square', 'gradient/x']);
    expect(joined.graph.inputs[1]).to.deep.include({ type: 'float32', shape: [2] });
    expect(joined.graph.outputs[2]).to.deep.include({ type: 'float32', shape: [2] });
    expect(joined.graph.nodes.slice(0, 2)).to.deep.equal(cube.graph.nodes);
    expect(Buffer.compare(writeModel(cube), before)).to.equal(0);
    const results = await run(joined, { x: vector(2, 3), 'cotangent/y': vector(1, 10) });
    expect(results.y!.data).to.deep.equal([8, 27]);
    expect(results['gradient/x']!.data).to.deep.equal([3 * 4, 10 * 3 * 9]);
    expect(results['gradient/square']!.data).to.deep.equal([2, 10 * 3]);
  });

  it('adds up every use of a tensor', async () => {
    // y = x + x + x * x - x
    const model = modelOf([
      node('Add', ['x', 'x'], 'a'),
      node('Mul', ['x', 'x'], 'b'),
      node('Add', ['a', 'b'], 'c'),
      node('Sub', ['c', 'x'], 'y'),
    ]);
    expect(await gradients(model, 'y', ['x'])).to.deep.equal({ x: [1 + 2 * 2, 1 + 2 * 3] });
  });

  it('gives the gradient once that is asked for twice', async () => {
    const joined = differentiate(cube, { of: 'y', wrt: ['x', 'x'] });
    expect(joined.graph.outputs.map(({ name }) => name)).to.deep.equal(['y', 'gradient/x']);
    expect(await gradients(cube, 'y', ['x', 'x'])).to.deep.equal({ x: [12, 27] });
  });

  it('gives the cotangent as the gradient of the scores themselves', async () => {
    expect(await gradients(cube, 'y', ['y'], vector(5, 6))).to.deep.equal({ y: [5, 6] });
    expect(await gradients(cube, 'y', ['y', 'x'], vector(5, 6))).to.deep.equal({ y: [5, 6], x: [60, 162] });
  });

  it('differentiates an inner tensor', async () => {
    expect(await gradients(cube, 'square', ['x'])).to.deep.equal({ x: [4, 6] });
  });

  it('differentiates with respect to a weight', async () => {
    const model = modelOf([node('Mul', ['x', 'w'], 'y')], { initializers: [floats('w', [1], [4])] });
    expect(await gradients(model, 'y', ['w', 'x'])).to.deep.equal({ w: [2 + 3], x: [4, 4] });
    const tensors = inferTensors(differentiate(model, { of: 'y', wrt: ['w'] }));
    expect([tensors.get('w')!.value, tensors.get('gradient/w')!.value]).to.deep.equal([[4], undefined]);
  });

  it('sees through chains of Identity, and inputs that are outputs', async () => {
    const model = modelOf(
      [
        node('Identity', ['x'], 'a'),
        node('Identity', ['a'], 'b'),
        node('Mul', ['b', 'a'], 'c'),
        node('Identity', ['c'], 'y'),
      ],
      { outputs: [{ name: 'y' }, { name: 'x' }, { name: 'a' }] },
    );
    expect(await gradients(model, 'y', ['x', 'b'])).to.deep.equal({ x: [4, 6], b: [2, 3] });
    const linear = modelOf([node('Identity', ['x'], 'y')]);
    expect(await gradients(linear, 'y', ['x'], vector(7, 8))).to.deep.equal({ x: [7, 8] });
  });

  it('does not mind outputs that are constants', async () => {
    const model = modelOf(
      [node('Mul', ['x', 'w'], 'y'), node('Constant', [], 'k', { attributes: { value: floats('', [], [1]) } })],
      {
        initializers: [floats('w', [1], [4])],
        outputs: [{ name: 'y' }, { name: 'w' }, { name: 'k' }],
      },
    );
    expect(await gradients(model, 'y', ['x'])).to.deep.equal({ x: [4, 4] });
    throwsCode(() => differentiate(model, { of: 'k', wrt: ['x'] }), 'not-differentiable');
  });

  it('takes nodes whose domain is spelled out', async () => {
    const model = modelOf([node('Mul', ['x', 'x'], 'y', { domain: 'ai.onnx' })]);
    expect(await gradients(model, 'y', ['x'])).to.deep.equal({ x: [4, 6] });
  });

  it('writes what opset 7 and IR version 3 can read, with no weight added', async () => {
    for (const opset of [7, 8]) {
      const model = modelOf([node('Mul', ['x', 'w'], 'a'), node('Relu', ['a'], 'b'), node('ReduceMean', ['b'], 'y')], {
        opset,
        irVersion: 3,
        initializers: [floats('w', [1], [4])],
        inputs: [
          { name: 'x', shape: [2] },
          { name: 'w', shape: [1] },
        ],
        outputs: [{ name: 'y', shape: [1] }],
      });
      const joined = differentiate(model, { of: 'y', wrt: ['x'] });
      expect(joined.irVersion).to.equal(3);
      expect([...joined.graph.initializers.keys()]).to.deep.equal(['w']);
      const results = await run(joined, { x: vector(2, -3), 'cotangent/y': vector(1) });
      expect(results['gradient/x']!.data).to.deep.equal([2, 0]);
    }
  });
});

describe('names that differentiate adds', () => {
  const square = modelOf([node('Mul', ['x', 'x'], 'y')]);

  it('never collide with the model’s own', async () => {
    const names = ['backward/y/Mul', 'backward/y/Mul_output', 'constant', 'backward/y/Mul_2', 'backward/y/Add_output'];
    const model = modelOf([...names.map((name) => node('Neg', ['x'], name)), node('Mul', ['x', 'x'], 'y')]);
    expect(await gradients(model, 'y', ['x'])).to.deep.equal({ x: [4, 6] });
  });

  it('are refused where the model has them, unless a prefix sets them apart', () => {
    const joined = differentiate(square, { of: 'y', wrt: ['x'] });
    const error = throwsCode(() => differentiate(joined, { of: 'y', wrt: ['x'] }), 'duplicate-name');
    expect(error.message).to.include('cotangent/y').and.include('prefix');
    const twice = differentiate(joined, { of: 'y', wrt: ['x'], prefix: 'second/' });
    expect(twice.graph.outputs.map(({ name }) => name)).to.deep.equal(['y', 'gradient/x', 'second/gradient/x']);
    expect(twice.graph.inputs.at(-1)!.name).to.equal('second/cotangent/y');
  });
});

describe('the three cases', () => {
  it('no derivative: an error if nothing else leads to the scores', () => {
    const model = modelOf([node('Mul', ['x', 'x'], 'a'), node('Floor', ['a'], 'b'), node('Neg', ['b'], 'y')]);
    const error = throwsCode(() => differentiate(model, { of: 'y', wrt: ['x'] }), 'not-differentiable');
    expect(error.message).to.include('"x"').and.include('Floor "b"').and.not.include('Mul');
    expect([...differentiableTensors(model, 'y')].sort()).to.deep.equal(['b', 'y']);
  });

  it('no derivative: nothing is added where another way remains', async () => {
    const model = modelOf([node('Floor', ['x'], 'a'), node('Mul', ['x', 'a'], 'y')]);
    expect(await gradients(model, 'y', ['x'], vector(1, 1), vector(2.5, 3.5))).to.deep.equal({ x: [2, 3] });
  });

  it('no rule: one error that names every such operator on the path, and none off it', () => {
    const custom = (name: string, input: string, output: string) =>
      node(name, [input], output, { domain: 'com.example' });
    const model = modelOf([
      custom('Early', 'x', 'a'),
      node('Neg', ['a'], 'b'),
      custom('Late', 'b', 'c'),
      custom('Aside', 'x', 'd'),
      node('Add', ['c', 'x'], 'y'),
    ]);
    const error = throwsCode(() => differentiate(model, { of: 'y', wrt: ['x'] }), 'no-rule');
    expect(error.message).to.include('com.example.Early "a"').and.include('com.example.Late "c"');
    expect(error.message).to.not.include('Aside').and.not.include('Neg');
    expect(error.message).to.include('layer after them');
    const later = throwsCode(() => differentiate(model, { of: 'y', wrt: ['b'] }), 'no-rule');
    expect(later.message).to.include('Late').and.not.include('Early');
    expect([...differentiableTensors(model, 'y')].sort()).to.deep.equal(['y']);
  });

  it('no rule: a use that its operator’s rule does not cover says why', () => {
    const model = modelOf(
      [node('BatchNormalization', ['x', 's', 's', 's', 's'], 'y', { attributes: { spatial: 0 } })],
      {
        opset: 7,
        inputs: [{ name: 'x', shape: [1, 2, 3] }],
        outputs: [{ name: 'y' }],
        initializers: [floats('s', [2], [1, 1])],
      },
    );
    const error = throwsCode(() => differentiate(model, { of: 'y', wrt: ['x'] }), 'no-rule');
    expect(error.message).to.include('BatchNormalization "y": it normalizes each position');
  });

  it('off the path: unknown operators are ignored', async () => {
    const model = modelOf(
      [
        node('Mul', ['x', 'x'], 'y'),
        node('SampleOp', ['x'], 'other', { domain: 'com.microsoft' }),
        node('Inverse', ['m'], 'third', { domain: 'com.microsoft' }),
      ],
      {
        initializers: [floats('m', [1, 1], [1])],
        outputs: [{ name: 'y' }, { name: 'other' }, { name: 'third' }],
      },
    );
    const bytes = withMicrosoft(model);
    expect(await gradients(bytes, 'y', ['x'])).to.deep.equal({ x: [4, 6] });
    throwsCode(() => differentiate(bytes, { of: 'other', wrt: ['x'] }), 'no-rule');
  });

  it('off the path: sub-graphs are kept, with what they use of the graph around them', async () => {
    const model = withBranches();
    expect(await gradients(model, 'y', ['x'])).to.deep.equal({ x: [4, 6] });
    const part = extract(differentiate(model, { of: 'y', wrt: ['x'] }), {
      inputs: ['x', 'cotangent/y'],
      outputs: ['gradient/x', 'chosen'],
    });
    const results = await run(part, { x: vector(2, 3), 'cotangent/y': vector(1, 1) });
    expect(results.chosen!.data).to.deep.equal([4, 9]);
  });

  it('off the path: loops are kept too', async () => {
    const model = withLoop();
    const joined = differentiate(model, { of: 'y', wrt: ['x'] });
    const results = await run(joined, { x: vector(2, 3), 'cotangent/y': vector(1, 1) });
    expect(results['gradient/x']!.data).to.deep.equal([4, 6]);
    // Three times x * x is added to x.
    expect(results.looped!.data).to.deep.equal([2 + 3 * 4, 3 + 3 * 9]);
  });

  it('not at all: the error says so', () => {
    const model = modelOf([node('Mul', ['x', 'x'], 'y'), node('Neg', ['x'], 'z')], {
      outputs: [{ name: 'y' }, { name: 'z' }],
    });
    const error = throwsCode(() => differentiate(model, { of: 'y', wrt: ['z'] }), 'not-differentiable');
    expect(error.message).to.include('"z" (not at all)');
  });

  it('integers have no derivative', () => {
    const model = modelOf([node('ArgMax', ['x'], 'y')], { outputs: [{ name: 'y', type: 'int64' }] });
    expect(throwsCode(() => differentiate(model, { of: 'y', wrt: ['x'] }), 'not-differentiable').message).to.include(
      'int64',
    );
    const sized = modelOf([node('Reshape', ['x', 'shape'], 'y')], { initializers: [integers('shape', [1], [2])] });
    throwsCode(() => differentiate(sized, { of: 'y', wrt: ['shape'] }), 'not-differentiable');
  });
});

/** The model with ONNX Runtime's own operators declared. */
function withMicrosoft(model: Model): Model {
  const proto = fromBinary(ModelProtoSchema, writeModel(model));
  proto.opsetImport.push({ ...proto.opsetImport[0]!, domain: 'com.microsoft', version: 1n });
  return parseModel(toBinary(ModelProtoSchema, proto));
}

/** y = x * x, and `chosen`: by the sign of the sum of x either y, of the graph around the branch, or x. */
function withBranches(): Model {
  const model = modelOf(
    [
      node('Mul', ['x', 'x'], 'y'),
      node('ReduceSum', ['x'], 'sum', { attributes: { keepdims: 0 } }),
      node('Greater', ['sum', 'zero'], 'condition'),
      node('If', ['condition'], 'chosen'),
    ],
    { initializers: [floats('zero', [], [0])], outputs: [{ name: 'y' }, { name: 'chosen' }] },
  );
  const proto = fromBinary(ModelProtoSchema, writeModel(model));
  const branch = (input: string, output: string): GraphProto =>
    fromBinary(
      ModelProtoSchema,
      buildModel({
        opset: 17,
        inputs: [],
        outputs: [{ name: output, shape: [2] }],
        nodes: [{ op: 'Identity', inputs: [input], outputs: [output] }],
      }),
    ).graph!;
  const { GRAPH } = AttributeProto_AttributeType;
  proto.graph!.node[3]!.attribute = [
    create(AttributeProtoSchema, { name: 'then_branch', type: GRAPH, g: branch('y', 'one') }),
    create(AttributeProtoSchema, { name: 'else_branch', type: GRAPH, g: branch('x', 'two') }),
  ];
  return parseModel(toBinary(ModelProtoSchema, proto));
}

/** y = x * x, and `looped`: x, to which y, of the graph around the loop, is added three times. */
function withLoop(): Model {
  const model = modelOf([node('Mul', ['x', 'x'], 'y'), node('Loop', ['times', '', 'x'], 'looped')], {
    initializers: [integers('times', [], [3])],
    outputs: [{ name: 'y' }, { name: 'looped' }],
  });
  const proto = fromBinary(ModelProtoSchema, writeModel(model));
  const body = buildModel({
    opset: 17,
    inputs: [
      { name: 'round', shape: [], type: 'int64' },
      { name: 'go', shape: [], type: 'bool' },
      { name: 'sum', shape: [2] },
    ],
    outputs: [
      { name: 'goOn', shape: [], type: 'bool' },
      { name: 'next', shape: [2] },
    ],
    nodes: [
      { op: 'Identity', inputs: ['go'], outputs: ['goOn'] },
      { op: 'Add', inputs: ['sum', 'y'], outputs: ['next'] },
    ],
  });
  const g = fromBinary(ModelProtoSchema, body).graph!;
  const type = AttributeProto_AttributeType.GRAPH;
  proto.graph!.node[1]!.attribute = [create(AttributeProtoSchema, { name: 'body', type, g })];
  return parseModel(toBinary(ModelProtoSchema, proto));
}
