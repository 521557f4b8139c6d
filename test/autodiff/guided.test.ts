import { activationsBeyondRelu, deconvnet, guidedBackpropagation, parseModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import { type GradientsOptions, gradientsOf } from '../support/gradients.js';
import { buildModel, floats, type NodeSpec } from '../support/model.js';

const node = (op: string, inputs: string[], outputs: string[], attributes = {}): NodeSpec => ({
  op,
  inputs,
  outputs,
  attributes,
});
const initializers = [floats('zero', [], [0]), floats('one', [], [1]), floats('six', [], [6])];

/** Inputs below, at, above and far above 0, each met by a positive and a negative cotangent. */
const points = [-2, 0, 3, 6, 7, -2, 0, 3, 6, 7];
const cotangent = [2, 2, 2, 2, 2, -2, -2, -2, -2, -2];
const at = (options: Omit<GradientsOptions, 'inputs' | 'cotangent'>) =>
  gradientsOf({ ...options, inputs: { X: points }, cotangent, initializers });

const relu = { op: 'Relu' };
const relu6 = { op: 'Clip', order: ['X', 'zero', 'six'] };
const reluByClip = { op: 'Clip', order: ['X', 'zero'] };
const oldRelu6 = { op: 'Clip', opset: 10, attributes: { min: { float: 0 }, max: { float: 6 } } };

describe('guided backpropagation', () => {
  const rules = guidedBackpropagation;
  it('passes at a ReLU what is positive where the input was', async () => {
    const expected = { X: [0, 0, 2, 2, 2, 0, 0, 0, 0, 0] };
    expect(await at({ ...relu, rules })).to.deep.equal(expected);
    expect(await at({ ...reluByClip, rules })).to.deep.equal(expected);
    expect(await at({ ...relu, opset: 7, rules })).to.deep.equal(expected);
  });
  it('passes at a ReLU6 the same below its upper bound', async () => {
    const expected = { X: [0, 0, 2, 0, 0, 0, 0, 0, 0, 0] };
    expect(await at({ ...relu6, rules })).to.deep.equal(expected);
    expect(await at({ ...oldRelu6, rules })).to.deep.equal(expected);
  });
  it('passes the derivative of the positive part at every other activation', async () => {
    for (const op of ['Sigmoid', 'Tanh', 'LeakyRelu', 'Elu', 'HardSwish', 'Softplus']) {
      const plain = (await at({ op })).X!;
      const expected = plain.map((slope, index) => (cotangent[index]! > 0 ? slope : 0));
      expect((await at({ op, rules })).X, op).to.deep.equal(expected);
    }
    const silu = [node('Sigmoid', ['X'], ['s']), node('Mul', ['X', 's'], ['Y'])];
    const plain = (await at({ nodes: silu })).X!;
    const expected = plain.map((slope, index) => (cotangent[index]! > 0 ? slope : 0));
    expect((await at({ nodes: silu, rules })).X).to.deep.equal(expected);
  });
  it('treats a clip between two constants as the activation that it is, and any other bound as none', async () => {
    const hardtanh = { op: 'Clip', order: ['X', 'one', 'six'] };
    expect(await at({ ...hardtanh, rules })).to.deep.equal({ X: [0, 0, 2, 0, 0, 0, 0, 0, 0, 0] });
    const bound = { op: 'Clip', order: ['X', 'one'] };
    expect(await at({ ...bound, rules })).to.deep.equal(await at(bound));
  });
  it('leaves the gradient of a slope as it is', async () => {
    const inputs = { X: [-2, 3, -1], slope: [0.5] };
    const options = { op: 'PRelu', inputs, cotangent: [-1, 2, 1] };
    const [plain, guided] = [await gradientsOf(options), await gradientsOf({ ...options, rules })];
    expect(plain).to.deep.equal({ X: [-0.5, 2, 0.5], slope: [1] });
    expect(guided).to.deep.equal({ X: [0, 2, 0.5], slope: [1] });
  });
  it('through two layers, worked by hand: 2 at the first input, nothing through the others', async () => {
    // Y = relu(W relu(x)): cotangents 1 and 1 give back [2, -1 + 1, -3] before the first ReLU, of which the positive part where x > 0 passes.
    const nodes = [node('Relu', ['X'], ['a']), node('MatMul', ['a', 'W'], ['c']), node('Relu', ['c'], ['Y'])];
    const W = floats('W', [3, 2], [1, 1, -1, 1, -1, -2]);
    const inputs = { X: { shape: [1, 3], values: [5, 1, 1] } };
    expect(await gradientsOf({ nodes, inputs, initializers: [W] })).to.deep.equal({ X: [2, 0, -3] });
    expect(await gradientsOf({ nodes, inputs, initializers: [W], rules })).to.deep.equal({ X: [2, 0, 0] });
  });
});

describe('deconvnet', () => {
  const rules = deconvnet;
  it('passes at a ReLU and a ReLU6 what is positive, whatever the input was', async () => {
    const expected = { X: [2, 2, 2, 2, 2, 0, 0, 0, 0, 0] };
    for (const options of [relu, relu6, reluByClip, oldRelu6])
      expect(await at({ ...options, rules })).to.deep.equal(expected);
  });
  it('leaves every other activation its derivative', async () => {
    for (const op of ['Sigmoid', 'LeakyRelu', 'HardSwish'])
      expect(await at({ op, rules })).to.deep.equal(await at({ op }));
  });
});

describe('activations that these methods were not defined for', () => {
  const found = (...nodes: NodeSpec[]) =>
    activationsBeyondRelu(
      parseModel(
        buildModel({ opset: 17, inputs: [{ name: 'X', shape: [4] }], outputs: [{ name: 'Y' }], nodes, initializers }),
      ),
    );
  it('are not ReLU and ReLU6', () => {
    expect(found(node('Relu', ['X'], ['a']), node('Clip', ['a', 'zero', 'six'], ['Y']))).to.deep.equal([]);
  });
  it('are named once', () => {
    expect(found(node('Tanh', ['X'], ['a']), node('Elu', ['a'], ['b']), node('Tanh', ['b'], ['Y']))).to.deep.equal([
      'Elu',
      'Tanh',
    ]);
    expect(found(node('Clip', ['X', 'one', 'six'], ['Y']))).to.deep.equal(['Clip']);
    expect(found(node('Clip', ['X', 'one'], ['Y']))).to.deep.equal([]);
  });
  it('are named as the function that several nodes are', () => {
    expect(found(node('Sigmoid', ['X'], ['s']), node('Mul', ['X', 's'], ['Y']))).to.deep.equal(['Silu']);
  });
});
