// Branches whose condition is known before anything runs are differentiated as what stands in them.
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { differentiate, type Model, parseModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import { AttributeProto_AttributeType, AttributeProtoSchema, type GraphProto, ModelProtoSchema } from 'onnx-buf';
import { booleans, buildModel, type NodeSpec } from '../support/model.js';
import { run, vector } from '../support/run.js';

const node = (op: string, inputs: readonly string[], output: string, name = output): NodeSpec => ({
  op,
  inputs,
  outputs: [output],
  name,
});

function graphOf(nodes: readonly NodeSpec[], output: string): GraphProto {
  const bytes = buildModel({ opset: 17, inputs: [], outputs: [{ name: output, shape: [2] }], nodes });
  return fromBinary(ModelProtoSchema, bytes).graph!;
}

/** Two nodes If of one name, one behind the other; each squares and adds what it squared, or hands on what it was given. */
function twice(first: boolean, second: boolean): Model {
  const bytes = buildModel({
    opset: 17,
    inputs: [{ name: 'x', shape: [2] }],
    outputs: [{ name: 'y', shape: [2] }],
    nodes: [node('If', ['first'], 'm', 'If'), node('If', ['second'], 'y', 'If')],
    initializers: [booleans('first', [], [Number(first)]), booleans('second', [], [Number(second)])],
  });
  const proto = fromBinary(ModelProtoSchema, bytes);
  proto.graph!.node.forEach((branching, index) => {
    const given = index === 0 ? 'x' : 'm';
    const work = graphOf([node('Mul', [given, given], 'square'), node('Add', ['square', given], 'done')], 'done');
    branching.attribute = [
      create(AttributeProtoSchema, { name: 'then_branch', type: AttributeProto_AttributeType.GRAPH, g: work }),
      create(AttributeProtoSchema, {
        name: 'else_branch',
        type: AttributeProto_AttributeType.GRAPH,
        g: graphOf([node('Identity', [given], 'same')], 'same'),
      }),
    ];
  });
  return parseModel(toBinary(ModelProtoSchema, proto));
}

describe('branches whose condition is known', () => {
  const f = (x: number) => x * x + x;
  const slope = (x: number) => 2 * x + 1;
  for (const [first, second, expected] of [
    [true, true, slope(f(3)) * slope(3)],
    [true, false, slope(3)],
    [false, false, 1],
  ] as const)
    it(`are differentiated where two nodes share a name: ${first}, ${second}`, async () => {
      const joined = differentiate(twice(first, second), { of: 'y', wrt: ['x'] });
      const results = await run(joined, { x: vector(3, 0), 'cotangent/y': vector(1, 1) });
      expect(results['gradient/x']!.data).to.deep.equal([expected, 1]);
    });
});
