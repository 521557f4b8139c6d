// Two files as one model: what it computes is what they compute one after the other, whatever their tensors, sizes and functions are called.
import { readFileSync } from 'node:fs';
import { differentiate, extract, type Model, modules, parseModel, writeModel } from '@saywhy/autodiff';
import { compose } from '@saywhy/autodiff/compose';
import { expect } from 'chai';
import { buildModel, floats, type ModelSpec, type NodeSpec } from '../support/model.js';
import { type Feed, load, run, vector } from '../support/run.js';
import { throwsCode } from '../support/throws-code.js';

const node = (op: string, inputs: string, output: string, attributes: NodeSpec['attributes'] = {}): NodeSpec => ({
  op,
  inputs: inputs.split(' '),
  outputs: [output],
  attributes,
});
const model = (spec: Partial<ModelSpec> & Pick<ModelSpec, 'nodes'>): Model =>
  parseModel(
    buildModel({ opset: 17, inputs: [{ name: 'X', shape: ['n'] }], outputs: [{ name: 'Y', shape: ['n'] }], ...spec }),
  );
/** Y = sin(2 X). */
const sine = (more: Partial<ModelSpec> = {}) =>
  model({ nodes: [node('Mul', 'X W', 'h'), node('Sin', 'h', 'Y')], initializers: [floats('W', [1], [2])], ...more });
/** Y = exp(X) + 3 X, by the same names. */
const others = model({
  nodes: [node('Exp', 'X', 'h'), node('Mul', 'X W', 'k'), node('Add', 'h k', 'Y')],
  initializers: [floats('W', [1], [3])],
});
const X = [0.3, -0.7, 1.1];

/** The results of a model and its gradients, one after the other. */
async function answers(whole: Model, of: string, wrt: readonly string[], feeds: Readonly<Record<string, Feed>>) {
  const session = await load(differentiate(whole, { of, wrt }));
  try {
    return await session.run({ ...feeds, [`cotangent/${of}`]: vector(...X.map(() => 1)) });
  } finally {
    await session.release();
  }
}

describe('compose', () => {
  it('gives back a model that was cut', async () => {
    const file = new URL('../fixtures/nets/residual.torchscript.onnx', import.meta.url);
    const whole = parseModel(readFileSync(file));
    const [input] = whole.graph.inputs;
    const [output] = whole.graph.outputs;
    const cut = modules(whole).get('features.1')!;
    const first = extract(whole, { inputs: [input!.name], outputs: [cut] });
    const second = extract(whole, { inputs: [cut], outputs: [output!.name] });
    const composed = parseModel(writeModel(compose(first, second, { [cut]: cut })));
    expect(composed.graph.nodes.map(({ name }) => name)).to.have.members(whole.graph.nodes.map(({ name }) => name));
    expect([...modules(composed)]).to.deep.equal([...modules(whole)]);
    const shape = [1, 3, 32, 32];
    const data = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(i));
    const feed = { [input!.name]: { data, shape } };
    expect(await run(composed, feed)).to.deep.equal(await run(whole, feed));
  });

  it('calls what both call alike something else', async () => {
    const composed = compose(sine(), others, { X: 'Y' });
    expect(composed.graph.inputs.map(({ name }) => name)).to.deep.equal(['X']);
    expect(composed.graph.outputs.map(({ name }) => name)).to.deep.equal(['second/Y']);
    const found = await answers(composed, 'second/Y', ['X', 'Y'], { X: vector(...X) });
    const inner = X.map((x) => Math.sin(2 * x));
    close(
      found['second/Y']!.data,
      inner.map((y) => Math.exp(y) + 3 * y),
    );
    close(
      found['gradient/Y']!.data,
      inner.map((y) => Math.exp(y) + 3),
    );
    close(
      found['gradient/X']!.data,
      X.map((x) => (Math.exp(Math.sin(2 * x)) + 3) * 2 * Math.cos(2 * x)),
    );
  });

  it('also nodes, whose modules keep their paths', async () => {
    const named = (name: string, module: string) =>
      model({
        nodes: [
          { ...node('Exp', 'X', 'h'), name },
          { ...node('Neg', 'h', 'Y'), name: `/${module}/neg/Neg` },
        ],
      });
    const composed = compose(named('node_exp', 'encoder'), named('node_exp', 'decoder'), { X: 'Y' });
    expect(composed.graph.nodes.map(({ name }) => name)).to.deep.equal([
      'node_exp',
      '/encoder/neg/Neg',
      '/second/node_exp',
      '/decoder/neg/Neg',
    ]);
    const twice = compose(named('', 'layer'), named('', 'layer'), { X: 'Y' });
    expect([...modules(twice)]).to.deep.include(['second.layer.neg', 'second/Y']);
    for (const both of [composed, twice])
      close(
        (await run(both, { X: vector(...X) }))['second/Y']!.data,
        X.map((x) => -Math.exp(-Math.exp(x))),
      );
  });

  it('also within branches, which use the names around them and have their own', async () => {
    const branch = (op: string) => ({
      graph: { inputs: [], outputs: [{ name: 'r' }], nodes: [node('Mul', 'X W', 'h'), node(op, 'h', 'r')] },
    });
    const branching = model({
      nodes: [
        node('ReduceSum', 'X', 'sum', { keepdims: 0 }),
        node('Greater', 'sum W0', 'go'),
        node('If', 'go', 'Y', { then_branch: branch('Exp'), else_branch: branch('Neg') }),
      ],
      initializers: [floats('W', [1], [3]), floats('W0', [], [0])],
    });
    const composed = compose(sine(), branching, { X: 'Y' });
    for (const sign of [1, -1]) {
      const x = X.map((value) => sign * Math.abs(value));
      const found = await answers(composed, 'second/Y', ['X'], { X: vector(...x) });
      const y = x.map((value) => Math.sin(2 * value));
      close(
        found['second/Y']!.data,
        y.map((value) => (sign > 0 ? Math.exp(3 * value) : -3 * value)),
      );
      const slope = y.map((value) => (sign > 0 ? 3 * Math.exp(3 * value) : -3));
      close(
        found['gradient/X']!.data,
        x.map((value, i) => slope[i]! * 2 * Math.cos(2 * value)),
      );
    }
  });

  it('takes two sizes of one name for two, unless one is what is handed on', async () => {
    const sum = model({
      inputs: [
        { name: 'H', shape: ['k'] },
        { name: 'Z', shape: ['n'] },
        { name: 'V', shape: ['k'] },
      ],
      nodes: [node('Add', 'H Z', 's'), node('Mul', 's V', 'Y')],
    });
    const composed = compose(sine(), sum, { H: 'Y' });
    const shapes = composed.graph.inputs.map(({ name, shape }) => [name, ...shape!]);
    expect(shapes).to.deep.equal([
      ['X', 'n'],
      ['Z', 'second/n'],
      ['V', 'n'],
    ]);
    const feeds = { X: vector(...X), Z: vector(5), V: vector(1, 2, 3) };
    const { 'gradient/Z': z } = await answers(composed, 'second/Y', ['Z'], feeds);
    expect(z!.shape, 'summed over what it was stretched along').to.deep.equal([1]);
    close(z!.data, [6]);
  });

  it('writes out functions of one name and two contents', async () => {
    const calling = (op: string) =>
      model({
        nodes: [{ ...node('Own', 'X', 'Y'), domain: 'own' }],
        functions: [{ name: 'Own', domain: 'own', inputs: ['a'], outputs: ['b'], nodes: [node(op, 'a', 'b')] }],
      });
    const composed = compose(calling('Sin'), calling('Exp'), { X: 'Y' });
    const found = await run(composed, { X: vector(...X) });
    close(
      found['second/Y']!.data,
      X.map((x) => Math.exp(Math.sin(x))),
    );
  });

  it('keeps what both say of themselves, the first before the second', () => {
    const [first, second] = [
      sine({ metadata: { a: '1', b: '1' }, irVersion: 7 }),
      sine({ metadata: { b: '2', c: '2' }, irVersion: 9 }),
    ];
    const composed = parseModel(writeModel(compose(first, second, { X: 'Y' })));
    expect(Object.fromEntries(composed.metadata)).to.deep.equal({ a: '1', b: '1', c: '2' });
    expect([composed.irVersion, ...composed.opset]).to.deep.equal([9, ['', 17]]);
  });

  it('refuses what does not fit together', () => {
    const link = throwsCode(() => compose(sine(), others, { x: 'Y' }), 'unknown-tensor');
    expect(link.message).to.include('no input "x"').and.to.include('its inputs are X');
    const tensor = throwsCode(() => compose(sine(), others, { X: 'y' }), 'unknown-tensor');
    expect(tensor.message).to.include('no tensor "y"').and.to.include('"Y"');
    const opset = throwsCode(() => compose(sine(), sine({ opset: 18 }), { X: 'Y' }), 'opset-mismatch');
    expect(opset.message).to.include('opset 17').and.to.include('18');
    const external = (byte: number) => ({ ...sine(), external: new Map([['w.bin', Uint8Array.of(byte)]]) });
    throwsCode(() => compose(external(1), external(2), { X: 'Y' }), 'duplicate-name');
    expect([...compose(external(1), external(1), { X: 'Y' }).external]).to.have.length(1);
  });
});

function close(found: readonly number[], expected: readonly number[]): void {
  expect(found).to.have.length(expected.length);
  for (const [i, value] of expected.entries()) expect(found[i], `element ${i}`).to.be.closeTo(value, 1e-5);
}
