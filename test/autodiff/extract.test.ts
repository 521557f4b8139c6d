// Cutting a model at any tensors.
import { readFileSync } from 'node:fs';
import { differentiate, extract, parseModel, resolveTensor, writeModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import { relativeError } from '../support/golden.js';
import { buildModel, floats, integers } from '../support/model.js';
import { normal } from '../support/random.js';
import { type Feed, run, vector } from '../support/run.js';
import { throwsCode } from '../support/throws-code.js';

const net = (name: string) => parseModel(readFileSync(new URL(`../fixtures/nets/${name}.onnx`, import.meta.url)));
const next = normal(21);
const random = (...shape: number[]): Feed => ({
  data: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, next),
  shape,
});

/** x -> Split -> a, b; y = a * b; z = exp(b). */
const splitting = parseModel(
  buildModel({
    opset: 13,
    inputs: [
      { name: 'x', shape: [4] },
      { name: 'unused', shape: [1] },
    ],
    outputs: [{ name: 'y' }, { name: 'z' }],
    initializers: [integers('halves', [2], [2, 2])],
    nodes: [
      { op: 'Split', inputs: ['x', 'halves'], outputs: ['a', 'b'] },
      { op: 'Mul', inputs: ['a', 'b'], outputs: ['y'] },
      { op: 'Exp', inputs: ['b'], outputs: ['z'] },
    ],
  }),
);

describe('extract', () => {
  for (const name of ['residual.dynamo', 'residual.torchscript', 'mobile.dynamo'])
    it(`gives the head of a net, from a feature map to the logits: ${name}`, async () => {
      const model = net(name);
      const layer = resolveTensor(model, 'features.2');
      const image = random(1, 3, 32, 32);
      const whole = await run(extract(model, { inputs: ['input'], outputs: ['logits', layer] }), { input: image });
      const head = extract(model, { inputs: [layer], outputs: ['logits'] });
      expect(head.graph.inputs.map((input) => input.name)).to.deep.equal([layer]);
      expect(head.graph.nodes.length).to.be.below(model.graph.nodes.length / 2);
      expect(head.graph.initializers.size).to.be.below(model.graph.initializers.size);
      const { logits } = await run(head, { [layer]: whole[layer]! });
      expect(relativeError(logits!.data, whole.logits!.data)).to.be.below(1e-6);
    });

  it('leaves out what is not needed', () => {
    const part = extract(splitting, { inputs: ['b'], outputs: ['z'] });
    expect(part.graph.nodes.map(({ opType }) => opType)).to.deep.equal(['Exp']);
    expect(part.graph.inputs.map(({ name }) => name)).to.deep.equal(['b']);
    expect(part.graph.initializers.size).to.equal(0);
    expect(splitting.graph.nodes.length, 'the model itself').to.equal(3);
  });

  it('keeps what was declared of an output that is one no longer', () => {
    const declared = parseModel(
      buildModel({
        opset: 17,
        inputs: [{ name: 'x', shape: ['n', 4] }],
        outputs: [{ name: 'middle', shape: ['n', 4] }, { name: 'y' }],
        nodes: [
          { op: 'SomeoneElses', domain: 'their.domain', inputs: ['x'], outputs: ['middle'] },
          { op: 'Exp', inputs: ['middle'], outputs: ['y'] },
        ],
      }),
    );
    const part = extract(declared, { inputs: ['x'], outputs: ['y'] });
    expect(part.graph.valueInfo.get('middle')).to.deep.include({ type: 'float32', shape: ['n', 4] });
  });

  it('keeps a graph input that is still needed', () => {
    const part = extract(splitting, { inputs: [], outputs: ['z'] });
    expect(part.graph.inputs.map(({ name }) => name)).to.deep.equal(['x']);
  });

  it('cuts one of the outputs of a node of which another is needed', async () => {
    const part = extract(splitting, { inputs: ['a', 'x'], outputs: ['y'] });
    const { y } = await run(part, { x: vector(1, 2, 3, 4), a: vector(10, 20) });
    expect(y!.data).to.deep.equal([30, 80]);
  });

  it('takes a tensor as input and output at once', async () => {
    const part = extract(splitting, { inputs: ['b'], outputs: ['b', 'z'] });
    const results = await run(part, { b: vector(0, 1) });
    expect(results.b!.data).to.deep.equal([0, 1]);
    expect(results.z!.data[0]).to.equal(1);
  });

  it('takes a weight as input', async () => {
    const model = parseModel(
      buildModel({
        opset: 13,
        inputs: [{ name: 'x', shape: [2] }],
        outputs: [{ name: 'y' }],
        initializers: [floats('w', [2], [1, 1])],
        nodes: [{ op: 'Mul', inputs: ['x', 'w'], outputs: ['y'] }],
      }),
    );
    const part = extract(model, { inputs: ['w', 'x'], outputs: ['y'] });
    expect(part.graph.initializers.size).to.equal(0);
    expect((await run(part, { x: vector(1, 2), w: vector(5, 6) })).y!.data).to.deep.equal([5, 12]);
  });

  it('does not mind a name that is given twice', () => {
    const part = extract(splitting, { inputs: ['b', 'b'], outputs: ['z', 'z'] });
    expect(part.graph.outputs.map(({ name }) => name)).to.deep.equal(['z']);
  });

  it('gives a model like any other: it can be written, read and differentiated', async () => {
    const part = parseModel(writeModel(extract(splitting, { inputs: ['a', 'b'], outputs: ['y'] })));
    const joined = differentiate(part, { of: 'y', wrt: ['b'] });
    const feeds = { a: vector(1, 2), b: vector(3, 4), 'cotangent/y': vector(1, 1) };
    expect((await run(joined, feeds))['gradient/b']!.data).to.deep.equal([1, 2]);
  });

  it('refuses a tensor that the model has not, with what is near', () => {
    const error = throwsCode(() => extract(splitting, { inputs: ['x'], outputs: ['halve'] }), 'unknown-tensor');
    expect(error.message).to.include('"halve"');
    throwsCode(() => extract(splitting, { inputs: ['nothing'], outputs: ['y'] }), 'unknown-tensor');
  });

  it('refuses to cut where the type of a tensor is unknown', () => {
    const model = parseModel(
      buildModel({
        opset: 13,
        inputs: [{ name: 'x', shape: [2] }],
        outputs: [{ name: 'y' }],
        nodes: [
          { op: 'Mystery', domain: 'com.example', inputs: ['x'], outputs: ['m'] },
          { op: 'Exp', inputs: ['m'], outputs: ['y'] },
        ],
      }),
    );
    expect(throwsCode(() => extract(model, { inputs: ['m'], outputs: ['y'] }), 'unsupported-type').message).to.include(
      '"m"',
    );
  });
});
