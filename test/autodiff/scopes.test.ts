// Names in graphs inside nodes, and integers that stand for real numbers there: what onnxruntime runs is differentiated, whatever its tensors are called.
import { differentiableTensors, differentiate, parseModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import { checkGradients } from '../support/gradient-check.js';
import { gradientsOf } from '../support/gradients.js';
import { booleans, buildModel, floats, type GraphSpec, integers, type NodeSpec } from '../support/model.js';
import { throwsCode } from '../support/throws-code.js';

const node = (
  op: string,
  inputs: readonly string[],
  outputs: string | readonly string[],
  attributes = {},
): NodeSpec => ({ op, inputs, outputs: [outputs].flat(), attributes });
const graph = (nodes: readonly NodeSpec[], outputs: readonly string[], inputs: GraphSpec['inputs'] = []) => ({
  graph: {
    inputs,
    outputs: outputs.map((name) => (name === 'goOn' ? { name, type: 'bool' as const } : { name })),
    nodes,
  },
});
/** `go` holds, and `count` is 4: but that is known only when the model has run. */
const decided = [
  node('ReduceSum', ['X'], 'sum', { keepdims: 0 }),
  node('Greater', ['sum', 'zero'], 'go'),
  node('Cast', ['go'], 'one', { to: 7 }),
  node('Add', ['one', 'three'], 'count'),
];
const initializers = [floats('scale', [], [0.01]), floats('zero', [], [0]), integers('three', [], [3])];
const X = { shape: [3], values: [0.5, 1, 0.7] };
const rounds = (state: string): GraphSpec['inputs'] => [
  { name: 'at', shape: [], type: 'int64' },
  { name: 'on', shape: [], type: 'bool' },
  { name: state, shape: [3] },
];
const on = node('Identity', ['on'], 'goOn');
const branch = (yes: readonly NodeSpec[], no: readonly NodeSpec[], outputs: readonly string[]) => ({
  then_branch: graph(yes, outputs),
  else_branch: graph(no, outputs),
});
const check = (nodes: readonly NodeSpec[], more = initializers) =>
  checkGradients({ opset: 17, inputs: { X }, initializers: more, nodes: [...decided, ...nodes] });

describe('names in graphs inside nodes', () => {
  it('that the graph around has for something it makes later', () =>
    check([
      node(
        'If',
        ['go'],
        'q',
        branch([node('Sin', ['X'], 'p'), node('Mul', ['p', 'X'], 'r')], [node('Neg', ['X'], 'r')], ['r']),
      ),
      node('Exp', ['q'], 'p'),
      node('Mul', ['p', 'X'], 'Y'),
    ]));

  it('of a body, that the graph around has later', () =>
    check([
      node('Loop', ['count', '', 'X'], 'q', {
        body: graph([node('Sin', ['s'], 'm'), node('Mul', ['m', 'X'], 't'), on], ['goOn', 't'], rounds('s')),
      }),
      node('Exp', ['q'], 'm'),
      node('Mul', ['m', 'X'], 's'),
      node('Add', ['s', 'm'], 'Y'),
    ]));

  it('of a body’s input, that its own beginning has', () =>
    check([
      node('Exp', ['X'], 's'),
      node('Loop', ['count', '', 's'], 'a', { body: graph([node('Sin', ['s'], 't'), on], ['goOn', 't'], rounds('s')) }),
      node('Mul', ['a', 's'], 'Y'),
    ]));

  it('of a loop within a loop, the same in both', () => {
    const inner = graph([node('Sin', ['s'], 'm'), node('Add', ['m', 'X'], 't'), on], ['goOn', 't'], rounds('s'));
    return check([
      node('Loop', ['count', '', 'X'], 'Y', {
        body: graph(
          [node('Loop', ['count', '', 's'], 'm', { body: inner }), node('Mul', ['m', 'X'], 't'), on],
          ['goOn', 't'],
          rounds('s'),
        ),
      }),
    ]);
  });

  it('of a slice, that the whole tensor has', () =>
    checkGradients({
      opset: 17,
      inputs: { A: { shape: [4, 3] }, X },
      nodes: [
        node('Scan', ['X', 'A'], ['last', 'Y'], {
          num_scan_inputs: 1,
          body: graph(
            [node('Mul', ['s', 'A'], 't'), node('Sin', ['t'], 'y')],
            ['t', 'y'],
            [
              { name: 's', shape: [3] },
              { name: 'A', shape: [3] },
            ],
          ),
        }),
      ],
    }));

  it('of a branch whose place the branch takes', () =>
    check(
      [
        node('Sin', ['X'], 'm/p'),
        node(
          'If',
          ['yes'],
          'm',
          branch([node('Mul', ['X', 'X'], 'p'), node('Exp', ['p'], 'q')], [node('Neg', ['X'], 'q')], ['q']),
        ),
        node('Mul', ['m', 'm/p'], 'Y'),
      ],
      [...initializers, booleans('yes', [], [1])],
    ));

  it('of a round that is written out', () =>
    check([
      node('Sin', ['X'], 'm/0/result_0'),
      node('Cos', ['X'], 'm/1/t'),
      node('Loop', ['three', '', 'X'], 'm', {
        body: graph([node('Sin', ['s'], 't'), node('Mul', ['t', 'X'], 'u'), on], ['goOn', 'u'], rounds('s')),
      }),
      node('Mul', ['m', 'm/0/result_0'], 'n'),
      node('Mul', ['n', 'm/1/t'], 'Y'),
    ]));

  // onnxruntime 1.30 itself mixes the two up, so that differences of what it gives say nothing.
  it('a result that is given twice', async () => {
    const twice = branch([node('Sin', ['X'], 'p')], [node('Neg', ['X'], 'p')], ['p', 'p']);
    const nodes = [...decided, node('If', ['go'], ['a', 'b'], twice), node('Mul', ['a', 'b'], 'Y')];
    const { X: gradient } = await gradientsOf({ inputs: { X }, initializers, nodes });
    for (const [i, x] of X.values.entries()) expect(gradient![i]).to.be.closeTo(Math.sin(2 * x), 1e-6);
  });
});

describe('integers that stand for real numbers, in graphs inside nodes', () => {
  const fake = (from: string, to: string) => [
    node('QuantizeLinear', [from, 'scale'], `${to}/q`),
    node('DequantizeLinear', [`${to}/q`, 'scale'], to),
  ];
  const gradient = async (nodes: readonly NodeSpec[]) =>
    (await gradientsOf({ inputs: { X: [0.1, 0.15, 0.12] }, initializers, nodes: [...decided, ...nodes] })).X;

  it('let the gradient pass in a branch', async () => {
    expect(
      await gradient([node('If', ['go'], 'Y', branch(fake('X', 'p'), [node('Neg', ['X'], 'p')], ['p']))]),
    ).to.deep.equal([1, 1, 1]);
    expect(await gradient([node('If', ['go'], 'Y', branch(fake('X', 'p'), fake('X', 'p'), ['p']))])).to.deep.equal([
      1, 1, 1,
    ]);
  });

  it('let it pass in every round: s -> s + s, four times', async () => {
    const body = graph([...fake('s', 'd'), node('Add', ['d', 's'], 't'), on], ['goOn', 't'], rounds('s'));
    expect(await gradient([node('Loop', ['count', '', 'X'], 'Y', { body })])).to.deep.equal([16, 16, 16]);
  });

  it('let it pass where they are made outside', async () => {
    const quantized = node('QuantizeLinear', ['X', 'scale'], 'q');
    const yes = [node('DequantizeLinear', ['q', 'scale'], 'p')];
    expect(
      await gradient([quantized, node('If', ['go'], 'Y', branch(yes, [node('Neg', ['X'], 'p')], ['p']))]),
    ).to.deep.equal([1, 1, 1]);
    const body = graph(
      [node('DequantizeLinear', ['q', 'scale'], 'd'), node('Add', ['d', 's'], 't'), on],
      ['goOn', 't'],
      rounds('s'),
    );
    expect(await gradient([quantized, node('Loop', ['count', '', 'X'], 'Y', { body })])).to.deep.equal([5, 5, 5]);
  });

  it('are refused as what a graph gives, with what to do', () => {
    const model = parseModel(
      buildModel({
        opset: 17,
        inputs: [{ name: 'X', shape: [3] }],
        outputs: [{ name: 'Y' }],
        initializers,
        nodes: [
          ...decided,
          node(
            'If',
            ['go'],
            'q',
            branch([node('QuantizeLinear', ['X', 'scale'], 'p')], [node('QuantizeLinear', ['X', 'scale'], 'p')], ['p']),
          ),
          node('DequantizeLinear', ['q', 'scale'], 'Y'),
        ],
      }),
    );
    const { message } = throwsCode(() => differentiate(model, { of: 'Y', wrt: ['X'] }), 'no-rule');
    expect(message).to.contain('its result "p" is quantized; dequantize it inside');
    expect([...differentiableTensors(model, 'Y')]).to.not.include('X');
  });
});
