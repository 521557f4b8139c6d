// Branches and loops whose course is settled at run time.
import { differentiate, parseModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import { checkGradients } from '../../support/gradient-check.js';
import { buildModel, floats, type GraphSpec, integers, type ModelSpec, type NodeSpec } from '../../support/model.js';
import { load } from '../../support/run.js';
import { throwsCode } from '../../support/throws-code.js';

const opsets = [11, 13, 17, 21];
const node = (
  op: string,
  inputs: readonly string[],
  outputs: string | readonly string[],
  attributes = {},
): NodeSpec => ({
  op,
  inputs,
  outputs: typeof outputs === 'string' ? [outputs] : outputs,
  attributes,
});
const graph = (
  nodes: readonly NodeSpec[],
  outputs: readonly string[],
  inputs: GraphSpec['inputs'] = [],
): { graph: GraphSpec } => ({
  graph: { inputs, outputs: outputs.map((name) => (name === 'goOn' ? { name, type: 'bool' } : { name })), nodes },
});
const branches = (yes: readonly NodeSpec[], no: readonly NodeSpec[], outputs: readonly string[]) => ({
  then_branch: graph(yes, outputs),
  else_branch: graph(no, outputs),
});
/** `go` is whether the only element of `flag` is positive, `count` what it is. */
const decided: readonly NodeSpec[] = [
  node('Cast', ['flag'], 'whole', { to: 7 }),
  node('Squeeze', ['whole'], 'count'),
  node('Greater', ['count', 'zero'], 'go'),
];
const zero = integers('zero', [], [0]);
const flag = (value: number) => ({ flag: { shape: [1], values: [value], fixed: true } });

describe('gradients of branches', () => {
  for (const opset of opsets)
    for (const value of [1, -1])
      it(`of which the ${value > 0 ? 'first' : 'second'} is taken, opset ${opset}`, () =>
        checkGradients({
          opset,
          inputs: { ...flag(value), x: { shape: [2, 3] }, w: { shape: [3] } },
          initializers: [zero],
          nodes: [
            ...decided,
            node('Exp', ['x'], 'e'),
            node(
              'If',
              ['go'],
              ['a', 'b'],
              branches(
                [node('Mul', ['e', 'w'], 'p'), node('Sin', ['x'], 'q')],
                [node('Sin', ['e'], 'p'), node('Identity', ['x'], 'q')],
                ['p', 'q'],
              ),
            ),
            node('Mul', ['a', 'b'], 'Y'),
          ],
        }));
  it('with sizes settled at run time, one branch inside another', () => {
    const inner = branches([node('Mul', ['x', 'x'], 'r')], [node('Mul', ['x', 'w'], 'r')], ['r']);
    return checkGradients({
      opset: 17,
      inputs: { ...flag(2), x: { shape: [2, 3], declared: ['n', 'm'] }, w: { shape: [3], declared: ['m'] } },
      initializers: [zero, integers('one', [], [1])],
      nodes: [
        ...decided,
        node('Greater', ['count', 'one'], 'more'),
        node(
          'If',
          ['go'],
          'Y',
          branches(
            [node('If', ['more'], 'inner', inner), node('Sin', ['inner'], 's')],
            [node('Neg', ['x'], 's')],
            ['s'],
          ),
        ),
      ],
    });
  });
  it('that hold weights of their own, and composite operators', () => {
    const yes: GraphSpec = {
      inputs: [],
      outputs: [{ name: 's' }],
      nodes: [
        node('Mul', ['x', 'weight'], 'm'),
        { ...node('FusedMatMul', ['m', 'm'], 'n', { transB: 1 }), domain: 'com.microsoft' },
        node('Softmax', ['n'], 's'),
      ],
      initializers: [floats('weight', [3], [1, 2, 3])],
    };
    return checkGradients({
      opset: 17,
      inputs: { ...flag(1), x: { shape: [2, 3] } },
      initializers: [zero],
      nodes: [
        ...decided,
        node('If', ['go'], 'z', { then_branch: { graph: yes }, else_branch: graph([node('Neg', ['x'], 's')], ['s']) }),
        // The runtime wants to hear of the domain from a node of the outer graph.
        { ...node('Gelu', ['z'], 'Y'), domain: 'com.microsoft' },
      ],
    });
  });
});

describe('gradients of loops', () => {
  const round = [
    { name: 'at', shape: [], type: 'int64' as const },
    { name: 'on', shape: [], type: 'bool' as const },
    { name: 's', shape: [2, 3] },
  ];
  /** s = tanh(s * w) + x, and s * s of every round. */
  const body: GraphSpec = {
    inputs: round,
    outputs: [
      { name: 'goOn', shape: [], type: 'bool' },
      { name: 'next', shape: [2, 3] },
      { name: 'square', shape: [2, 3] },
    ],
    nodes: [
      node('Identity', ['on'], 'goOn'),
      node('Mul', ['s', 'w'], 'product'),
      node('Tanh', ['product'], 'bent'),
      node('Add', ['bent', 'x'], 'next'),
      node('Mul', ['s', 's'], 'square'),
    ],
  };
  const inputs = { x: { shape: [2, 3] }, w: { shape: [3] }, start: { shape: [2, 3] } };
  for (const opset of opsets)
    it(`with a number of rounds settled at run time, opset ${opset}`, () =>
      checkGradients({
        opset,
        inputs: { ...flag(3), ...inputs },
        initializers: [zero],
        nodes: [
          ...decided,
          node('Loop', ['count', '', 'start'], ['last', 'squares'], { body: { graph: body } }),
          node('Mul', ['last', 'squares'], 'Y'),
        ],
      }));
  it('of no round at all', () =>
    checkGradients({
      opset: 17,
      inputs: {
        ...flag(0),
        x: { shape: [2, 3], fixed: true },
        w: { shape: [3], fixed: true },
        start: { shape: [2, 3] },
      },
      initializers: [zero],
      nodes: [
        ...decided,
        node('Loop', ['count', 'yes', 'start'], ['Y', 'squares'], { body: { graph: body } }),
        node('Equal', ['zero', 'zero'], 'yes'),
      ],
    }));
  it('that end when a condition fails', () => {
    const until: GraphSpec = {
      ...body,
      outputs: body.outputs.slice(0, 2),
      nodes: [...body.nodes.slice(1, 4), node('Add', ['at', 'one'], 'after'), node('Less', ['after', 'count'], 'goOn')],
    };
    return checkGradients({
      opset: 17,
      inputs: { ...flag(3), ...inputs },
      initializers: [zero, integers('one', [], [1])],
      nodes: [...decided, node('Loop', ['', 'go', 'start'], 'Y', { body: { graph: until } })],
    });
  });
  it('with a loop and a branch inside, and the number of the round used', () => {
    const inner: GraphSpec = {
      inputs: [
        { name: 'j', shape: [], type: 'int64' },
        { name: 'more', shape: [], type: 'bool' },
        { name: 't', shape: [2, 3] },
      ],
      outputs: [
        { name: 'still', shape: [], type: 'bool' },
        { name: 'u', shape: [2, 3] },
      ],
      nodes: [
        node('Identity', ['more'], 'still'),
        node('Cast', ['at'], 'real', { to: 1 }),
        node('Mul', ['t', 'w'], 'v'),
        node('Add', ['v', 'real'], 'sum'),
        node('Sin', ['sum'], 'u'),
      ],
    };
    const outer: GraphSpec = {
      inputs: round,
      outputs: body.outputs.slice(0, 2),
      nodes: [
        node('Identity', ['on'], 'goOn'),
        node('Loop', ['count', '', 's'], 'looped', { body: { graph: inner } }),
        node('Greater', ['at', 'zero'], 'later'),
        node(
          'If',
          ['later'],
          'next',
          branches([node('Mul', ['looped', 'x'], 'r')], [node('Add', ['looped', 'x'], 'r')], ['r']),
        ),
      ],
    };
    return checkGradients({
      opset: 17,
      inputs: { ...flag(2), ...inputs },
      initializers: [zero],
      nodes: [...decided, node('Loop', ['count', '', 'start'], 'Y', { body: { graph: outer } })],
    });
  });
  it('whose state is of several tensors that change places', () => {
    const swap: GraphSpec = {
      inputs: [...round, { name: 't', shape: [2, 3] }],
      outputs: [{ name: 'on' }, { name: 't' }, { name: 'u' }],
      nodes: [node('Mul', ['s', 'w'], 'u')],
    };
    return checkGradients({
      opset: 17,
      inputs: { ...flag(3), w: { shape: [3] }, start: { shape: [2, 3] }, other: { shape: [2, 3] } },
      initializers: [zero],
      nodes: [
        ...decided,
        node('Loop', ['count', '', 'start', 'other'], ['a', 'b'], { body: { graph: swap } }),
        node('Add', ['a', 'b'], 'c'),
        node('Sin', ['c'], 'Y'),
      ],
    });
  });
});

describe('gradients of scans', () => {
  const body: GraphSpec = {
    inputs: [
      { name: 's', shape: [3] },
      { name: 'a', shape: [3] },
      { name: 'b', shape: [3] },
    ],
    outputs: [
      { name: 'next', shape: [3] },
      { name: 'out', shape: [3] },
    ],
    nodes: [
      node('Mul', ['s', 'a'], 'm'),
      node('Tanh', ['m'], 't'),
      node('Add', ['t', 'b'], 'next'),
      node('Mul', ['next', 'w'], 'out'),
    ],
  };
  for (const opset of opsets)
    it(`along the first axis, opset ${opset}`, () =>
      checkGradients({
        opset,
        inputs: { start: { shape: [3] }, A: { shape: [4, 3] }, B: { shape: [4, 3] }, w: { shape: [3] } },
        nodes: [
          node('Scan', ['start', 'A', 'B'], ['last', 'outs'], { body: { graph: body }, num_scan_inputs: 2 }),
          node('Mul', ['last', 'outs'], 'Y'),
        ],
      }));
  it('along other axes, backwards, with a length settled at run time', () =>
    checkGradients({
      opset: 17,
      inputs: {
        start: { shape: [3] },
        A: { shape: [3, 4], declared: [3, 'n'] },
        B: { shape: [4, 3], declared: ['n', 3] },
        w: { shape: [3] },
      },
      nodes: [
        node('Scan', ['start', 'A', 'B'], ['last', 'outs'], {
          body: { graph: body },
          num_scan_inputs: 2,
          scan_input_axes: [-1, 0],
          scan_input_directions: [1, 0],
          scan_output_axes: [1],
          scan_output_directions: [1],
        }),
        node('Mul', ['outs', 'A'], 'Y'),
      ],
    }));
});

describe('derivatives of derivatives of branches and loops', () => {
  const spec: ModelSpec = {
    opset: 17,
    inputs: [
      { name: 'flag', shape: [1] },
      { name: 'x', shape: [3] },
    ],
    outputs: [{ name: 'y', shape: [3] }],
    initializers: [zero],
    nodes: [
      ...decided,
      node('Loop', ['count', '', 'x'], 'z', {
        body: graph(
          [node('Identity', ['on'], 'goOn'), node('Mul', ['s', 's'], 'q'), node('Mul', ['q', 'x'], 'r')],
          ['goOn', 'r'],
          [
            { name: 'at', shape: [], type: 'int64' },
            { name: 'on', shape: [], type: 'bool' },
            { name: 's', shape: [3] },
          ],
        ),
      }),
      node('If', ['go'], 'y', branches([node('Mul', ['z', 'x'], 'p')], [node('Sin', ['z'], 'p')], ['p'])),
    ],
  };
  // s -> s² x, n times from x: x, x³, x⁷; then times x.
  for (const [rounds, power] of [
    [1, 4],
    [2, 8],
  ] as const)
    it(`of x to the ${power}`, async () => {
      const once = differentiate(parseModel(buildModel(spec)), { of: 'y', wrt: ['x'] });
      const twice = differentiate(once, { of: 'gradient/x', wrt: ['x'], prefix: 'second/' });
      const session = await load(twice);
      const x = [0.5, 1, 1.1];
      const ones = { shape: [3], data: [1, 1, 1] };
      const results = await session.run({
        flag: { shape: [1], data: [rounds] },
        x: { shape: [3], data: x },
        'cotangent/y': ones,
        'second/cotangent/gradient/x': ones,
      });
      await session.release();
      for (const [index, value] of x.entries()) {
        expect(results['gradient/x']!.data[index]).to.be.closeTo(power * value ** (power - 1), 1e-4);
        expect(results['second/gradient/x']!.data[index]).to.be.closeTo(
          power * (power - 1) * value ** (power - 2),
          1e-3,
        );
      }
    });
});

describe('branches and loops that have no gradient', () => {
  const modelOf = (nodes: readonly NodeSpec[], more: Partial<ModelSpec> = {}) =>
    parseModel(
      buildModel({
        opset: 17,
        inputs: [
          { name: 'flag', shape: [1] },
          { name: 'x', shape: [3] },
        ],
        outputs: [{ name: 'y', shape: [3] }],
        initializers: [zero],
        nodes: [...decided, ...nodes],
        ...more,
      }),
    );
  it('for an operator inside, which the error names', () => {
    const unknown = { ...node('SampleOp', ['x'], 'p'), domain: 'com.microsoft' };
    const model = modelOf([node('If', ['go'], 'y', branches([unknown], [node('Sin', ['x'], 'p')], ['p']))]);
    const { message } = throwsCode(() => differentiate(model, { of: 'y', wrt: ['x'] }), 'no-rule');
    expect(message).to.include('If "y": in it, com.microsoft.SampleOp "p": no rule');
  });
  it('as nothing smooth leads through them', () => {
    const steps = [node('Floor', ['x'], 'p')];
    const model = modelOf([node('If', ['go'], 'y', branches(steps, steps, ['p']))]);
    const { message } = throwsCode(() => differentiate(model, { of: 'y', wrt: ['x'] }), 'not-differentiable');
    expect(message).to.include('If "y"');
  });
  it('as a state grows from round to round', () => {
    const body = graph(
      [node('Identity', ['on'], 'goOn'), node('Concat', ['s', 's'], 'next', { axis: 0 })],
      ['goOn', 'next'],
      [
        { name: 'at', shape: [], type: 'int64' },
        { name: 'on', shape: [], type: 'bool' },
        { name: 's', shape: ['k'] },
      ],
    );
    const model = modelOf([node('Loop', ['count', '', 'x'], 'y', { body })], { outputs: [{ name: 'y' }] });
    const { message } = throwsCode(() => differentiate(model, { of: 'y', wrt: ['x'] }), 'no-rule');
    expect(message).to.include('state "s"');
  });
});
