// Rules of the user's own.
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { differentiableTensors, differentiate, parseModel, type Rules } from '@saywhy/autodiff';
import { expect } from 'chai';
import { ModelProtoSchema } from 'onnx-buf';
import { buildModel, type NodeSpec } from '../support/model.js';
import { run, vector } from '../support/run.js';
import { throwsCode } from '../support/throws-code.js';

function modelOf(nodes: readonly NodeSpec[], domains: readonly string[] = []) {
  const bytes = buildModel({
    opset: 17,
    inputs: [{ name: 'x', shape: ['n'] }],
    outputs: [{ name: 'y' }],
    nodes,
  });
  const proto = fromBinary(ModelProtoSchema, bytes);
  for (const domain of domains) proto.opsetImport.push({ ...proto.opsetImport[0]!, domain, version: 1n });
  return parseModel(toBinary(ModelProtoSchema, proto));
}

async function gradient(
  nodes: readonly NodeSpec[],
  rules: Rules,
  x: number[],
  cotangent: number[],
  domains?: string[],
) {
  const joined = differentiate(modelOf(nodes, domains), { of: 'y', wrt: ['x'], rules });
  const results = await run(joined, { x: vector(...x), 'cotangent/y': vector(...cotangent) });
  return results['gradient/x']!.data.map((value) => value + 0);
}

describe('rule overrides', () => {
  it('replace an operator’s own rule, and no other’s', async () => {
    const nodes: NodeSpec[] = [
      { op: 'Relu', inputs: ['x'], outputs: ['a'] },
      { op: 'Exp', inputs: ['a'], outputs: ['y'] },
    ];
    const rules: Rules = { Relu: { X: ({ g, b }) => b.mul(g, 10) } };
    expect(await gradient(nodes, rules, [0, -1], [1, 1])).to.deep.equal([10, 10]);
    expect(await gradient(nodes, {}, [0, -1], [1, 1])).to.deep.equal([0, 0]);
  });

  it('of an input that the operator does not have are an error that names those that it has', () => {
    const nodes: NodeSpec[] = [{ op: 'Exp', inputs: ['x'], outputs: ['y'] }];
    const model = parseModel(
      buildModel({ opset: 17, inputs: [{ name: 'x', shape: [2] }], outputs: [{ name: 'y', shape: [2] }], nodes }),
    );
    const { message } = throwsCode(
      () => differentiate(model, { of: 'y', wrt: ['x'], rules: { Exp: { X: ({ g }) => g } } }),
      'invalid-argument',
    );
    expect(message).to.contain('"X" of Exp, whose inputs are called input.');
  });

  it('that return a cotangent too small are an error that names both shapes', () => {
    const inputs = [
      { name: 'x', shape: [2] },
      { name: 'z', shape: [2] },
    ];
    for (const [op, input, operands] of [
      ['Exp', 'input', ['x']],
      ['Add', 'A', ['x', 'z']],
    ] as const) {
      const nodes = [{ op, inputs: operands, outputs: ['y'] }];
      const model = parseModel(buildModel({ opset: 17, inputs, outputs: [{ name: 'y' }], nodes }));
      const rules: Rules = { [op]: { [input]: ({ g, b }) => b.sum(g, [0]) } };
      const { message } = throwsCode(() => differentiate(model, { of: 'y', wrt: ['x'], rules }), 'invalid-model');
      expect(message).to.contain('a cotangent of the shape [1] for "x", which has the shape [2]');
    }
  });

  it('that misspell an attribute are an error that names it', () => {
    const model = modelOf([{ op: 'Exp', inputs: ['x'], outputs: ['y'] }]);
    const misspelt = { perm: [0], prem: [1, 0] };
    const rules: Rules = { Exp: { input: ({ g, b }) => b.emit('Transpose', [g], misspelt) } };
    const { message } = throwsCode(() => differentiate(model, { of: 'y', wrt: ['x'], rules }), 'invalid-model');
    expect(message).to.contain('Transpose has no attribute "prem"');
  });

  it('give a rule to an operator that has none, by its domain', async () => {
    const nodes: NodeSpec[] = [{ op: 'SampleOp', domain: 'com.microsoft', inputs: ['x'], outputs: ['y'] }];
    const rules: Rules = { 'com.microsoft.SampleOp': { 'input 0': ({ g, inputs, b }) => b.mul(g, inputs[0]!) } };
    expect(await gradient(nodes, rules, [2, 3], [1, 10], ['com.microsoft'])).to.deep.equal([2, 30]);
    const model = modelOf(nodes, ['com.microsoft']);
    expect([...differentiableTensors(model, 'y', rules)]).to.include('x');
    expect([...differentiableTensors(model, 'y')]).to.not.include('x');
  });

  it('of a standard operator do not touch another domain’s of the same name', async () => {
    const nodes: NodeSpec[] = [
      { op: 'SampleOp', domain: 'com.microsoft', inputs: ['x'], outputs: ['a'] },
      { op: 'Mul', inputs: ['x', 'a'], outputs: ['y'] },
    ];
    const rules: Rules = { Gelu: { X: ({ g }) => g } };
    const model = modelOf(nodes, ['com.microsoft']);
    expect(() => differentiate(model, { of: 'y', wrt: ['x'], rules })).to.throw('com.microsoft.SampleOp');
  });
});
