import { differentiate, parseModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import { checkGradients } from '../../../support/gradient-check.js';
import { gradientsOf } from '../../../support/gradients.js';
import { buildModel, floats, type NodeSpec } from '../../../support/model.js';

const node = (op: string, inputs: string[], output: string, attributes = {}): NodeSpec => ({
  op,
  inputs,
  outputs: [output],
  attributes,
});
const numbers = {
  one: 1,
  half: 0.5,
  three: 3,
  rootTwo: 1.4142135381698608,
  inverse: Math.SQRT1_2,
  cubic: 0.044714998453855515,
  scale: 0.7978845834732056,
  slope: 1.7020000219345093,
};
const initializers = Object.entries(numbers).map(([name, value]) => floats(name, [], [value]));
const tanh = (cube: NodeSpec[], after: NodeSpec[]) => [
  ...cube,
  node('Mul', ['cubic', 'cube'], 'c'),
  node('Add', ['X', 'c'], 'sum'),
  node('Mul', ['scale', 'sum'], 'u'),
  node('Tanh', ['u'], 'f'),
  ...after,
];
/** The three orders in which x (1 + f) / 2 is written. */
const orders = {
  TorchScript: [node('Add', ['f', 'one'], 'a'), node('Mul', ['X', 'a'], 'p'), node('Mul', ['p', 'half'], 'Y')],
  dynamo: [node('Add', ['f', 'one'], 'a'), node('Mul', ['half', 'a'], 'p'), node('Mul', ['X', 'p'], 'Y')],
  'half first': [node('Mul', ['X', 'half'], 'p'), node('Add', ['one', 'f'], 'a'), node('Mul', ['p', 'a'], 'Y')],
};
const erf = [node('Div', ['X', 'rootTwo'], 't'), node('Erf', ['t'], 'f')];

/** How exporters write activations that are no operator of theirs. */
const functions: Record<string, readonly NodeSpec[]> = {
  'x * sigmoid(x)': [node('Sigmoid', ['X'], 's'), node('Mul', ['X', 's'], 'Y')],
  'sigmoid(x) * x': [node('Sigmoid', ['X'], 's'), node('Mul', ['s', 'X'], 'Y')],
  'x * sigmoid(1.702 x)': [node('Mul', ['X', 'slope'], 'm'), node('Sigmoid', ['m'], 's'), node('Mul', ['X', 's'], 'Y')],
  'x * HardSigmoid(x)': [node('HardSigmoid', ['X'], 'h', { alpha: { float: 1 / 6 } }), node('Mul', ['X', 'h'], 'Y')],
  'GELU by erf, TorchScript': [...erf, ...orders.TorchScript],
  'GELU by erf, dynamo': [...erf, ...orders.dynamo],
  'GELU by erf, half first': [...erf, ...orders['half first']],
  'GELU by erf of a product': [node('Mul', ['inverse', 'X'], 't'), node('Erf', ['t'], 'f'), ...orders.TorchScript],
  'GELU by tanh, TorchScript': tanh(
    [node('Mul', ['X', 'X'], 'square'), node('Mul', ['X', 'square'], 'cube')],
    orders.TorchScript,
  ),
  'GELU by tanh, dynamo': tanh([node('Pow', ['X', 'three'], 'cube')], orders.dynamo),
};
const points = [-4, -3.5, -2, -1, -0.25, 0, 0.25, 1, 2, 2.5, 3.5, 4];

/** The same function behind Identity nodes, which no pattern sees through: the plain rules' result. */
function apart(nodes: readonly NodeSpec[]): NodeSpec[] {
  return nodes.flatMap((spec) =>
    spec.outputs[0] === 'Y'
      ? [spec]
      : [{ ...spec, outputs: [`${spec.outputs[0]}'`] }, node('Identity', [`${spec.outputs[0]}'`], spec.outputs[0]!)],
  );
}

/** What the backward part of a graph costs: nodes that compute, and tensors of the forward run that have to be kept for it. */
function costOf(nodes: readonly NodeSpec[], wrt = ['X']): { computed: number; kept: number } {
  const inputs = [{ name: 'X', shape: [12] }];
  const model = parseModel(buildModel({ opset: 17, inputs, outputs: [{ name: 'Y' }], nodes, initializers }));
  const { graph } = differentiate(model, { of: 'Y', wrt });
  const backward = graph.nodes.slice(nodes.length).filter(({ opType }) => !['Identity', 'Constant'].includes(opType));
  const forward = new Set(['X', ...nodes.flatMap(({ outputs }) => outputs)]);
  const kept = new Set(backward.flatMap((step) => step.inputs).filter((name) => forward.has(name)));
  return { computed: backward.length, kept: kept.size };
}

describe('several nodes that are one function', () => {
  for (const [name, nodes] of Object.entries(functions)) {
    it(`${name}: the gradient of the plain rules, for less`, async () => {
      const [one, plain] = await Promise.all(
        [nodes, apart(nodes)].map((graph) => gradientsOf({ nodes: graph, initializers, inputs: { X: points } })),
      );
      for (const [index, slope] of one!.X!.entries()) expect(slope).to.be.closeTo(plain!.X![index]!, 5e-6);
      const [cheap, dear] = [costOf(nodes), costOf(apart(nodes))];
      expect(cheap.kept).to.be.at.most(dear.kept);
      expect(cheap.computed + cheap.kept).to.be.below(dear.computed + dear.kept);
    });
    it(`${name}: differences`, () =>
      checkGradients({
        opset: 17,
        nodes,
        initializers,
        inputs: { X: { shape: [3, 5], map: (value) => value * 0.8 } },
      }));
    it(`${name}: a tensor inside it keeps its own gradient`, async () => {
      const inside = nodes.find(({ op }) => ['Sigmoid', 'HardSigmoid', 'Erf', 'Tanh'].includes(op))!.outputs[0]!;
      expect(costOf(nodes, [inside]).computed).to.be.above(0);
      expect(costOf(nodes, [inside, 'X']).computed).to.be.above(0);
    });
  }

  it('reads what something else uses as well', () =>
    checkGradients({
      opset: 17,
      nodes: [node('Sigmoid', ['X'], 's'), node('Mul', ['X', 's'], 'p'), node('Mul', ['p', 's'], 'Y')],
      inputs: { X: { shape: [3, 5] } },
    }));
  it('is not mistaken for what differs in a constant or an operand', async () => {
    const other = floats('other', [], [0.4]);
    const near: Record<string, NodeSpec[]> = {
      'another half': [
        ...erf,
        node('Add', ['f', 'one'], 'a'),
        node('Mul', ['X', 'a'], 'p'),
        node('Mul', ['p', 'other'], 'Y'),
      ],
      'another shift': [
        ...erf,
        node('Add', ['f', 'other'], 'a'),
        node('Mul', ['X', 'a'], 'p'),
        node('Mul', ['p', 'half'], 'Y'),
      ],
      'another factor': [
        ...erf,
        node('Add', ['f', 'one'], 'a'),
        node('Exp', ['X'], 'z'),
        node('Mul', ['z', 'a'], 'p'),
        node('Mul', ['p', 'half'], 'Y'),
      ],
      'another slope': [node('HardSigmoid', ['X'], 'h', { alpha: { float: 0.2 } }), node('Mul', ['X', 'h'], 'Y')],
    };
    for (const nodes of Object.values(near))
      await checkGradients({
        opset: 17,
        nodes,
        initializers: [...initializers, other],
        inputs: { X: { shape: [3, 5], map: (value) => value * 0.5 } },
      });
  });
});
