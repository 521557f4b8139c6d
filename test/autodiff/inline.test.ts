// What stands inside nodes and is known before anything runs is written out, and differentiated as what it is.
import { differentiate, inlineGraphs, type Model, modules, parseModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import {
  booleans,
  buildModel,
  type FunctionSpec,
  floats,
  type GraphSpec,
  integers,
  type ModelSpec,
  type NodeSpec,
} from '../support/model.js';
import { run } from '../support/run.js';
import { throwsCode } from '../support/throws-code.js';

const node = (
  op: string,
  inputs: readonly string[],
  outputs: string | readonly string[],
  attributes = {},
  more: Partial<NodeSpec> = {},
): NodeSpec => ({
  op,
  inputs,
  outputs: typeof outputs === 'string' ? [outputs] : outputs,
  attributes,
  ...more,
});
const own = { domain: 'own' };

/** Runs a model as ONNX Runtime reads it, and as it is once written out, and its gradient by differences. */
async function checkModel(
  spec: Omit<ModelSpec, 'inputs' | 'outputs'>,
  inputs: Readonly<Record<string, readonly number[]>>,
): Promise<Model> {
  const model = parseModel(
    buildModel({
      ...spec,
      inputs: Object.entries(inputs).map(([name, shape]) => ({ name, shape })),
      outputs: [{ name: 'Y' }],
    }),
  );
  const written = inlineGraphs(model);
  const data = (shape: readonly number[]) =>
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i + 1));
  const feeds = Object.fromEntries(Object.entries(inputs).map(([name, shape]) => [name, { shape, data: data(shape) }]));
  const [expected, actual] = [await run(model, feeds), await run(written, feeds)];
  expect(actual).to.deep.equal(expected);
  const joined = differentiate(model, { of: 'Y', wrt: Object.keys(inputs) });
  const cotangent = { shape: expected.Y!.shape, data: expected.Y!.data.map((_, i) => Math.cos(i)) };
  const results = await run(joined, { ...feeds, 'cotangent/Y': cotangent });
  const score = async (moved: typeof feeds) =>
    (await run(model, moved)).Y!.data.reduce((sum, value, i) => sum + value * cotangent.data[i]!, 0);
  for (const [name, shape] of Object.entries(inputs)) {
    const along = data(shape).map((_, i) => Math.cos(3 * i + 1));
    const moved = (by: number) => ({
      ...feeds,
      [name]: { shape, data: feeds[name]!.data.map((value, i) => value + by * along[i]!) },
    });
    const expectedSlope = ((await score(moved(0.01))) - (await score(moved(-0.01)))) / 0.02;
    const slope = results[`gradient/${name}`]!.data.reduce((sum, value, i) => sum + value * along[i]!, 0);
    expect(slope, name).to.be.closeTo(expectedSlope, 5e-3 * Math.max(1, Math.abs(expectedSlope)));
  }
  return written;
}

describe('model-local functions', () => {
  const scaled: FunctionSpec = {
    ...own,
    name: 'Scaled',
    inputs: ['a', 'bias'],
    outputs: ['b'],
    attributes: ['slope'],
    defaults: { alpha: { float: 0.5 } },
    nodes: [
      node('LeakyRelu', ['a'], 'x', { alpha: { ref: 'slope', kind: 'FLOAT' } }),
      node('Elu', ['x'], 'y', { alpha: { ref: 'alpha', kind: 'FLOAT' } }, { name: 'elu' }),
      node('Clip', ['y', 'bias'], 'b'),
    ],
  };
  /** Calls another twice, and leaves an input out. */
  const outer: FunctionSpec = {
    ...own,
    name: 'Outer',
    inputs: ['x'],
    outputs: ['y', 'unused'],
    nodes: [
      node('Scaled', ['x', ''], 'h', { slope: { float: 0.2 }, alpha: { float: 0.9 } }, { ...own, name: 'first' }),
      node('Scaled', ['h'], 'y', { slope: { float: 0.3 } }, { ...own, name: 'second' }),
      node('Sin', ['y'], 'unused'),
    ],
  };
  for (const opset of [15, 17, 21])
    it(`in one another, with attributes by name, opset ${opset}`, async () => {
      const written = await checkModel(
        {
          opset,
          functions: [outer, scaled],
          nodes: [
            node('Outer', ['x'], ['a', 'rest'], {}, { ...own, name: '/layer1' }),
            node('Outer', ['a'], ['b', 'more'], {}, { ...own, name: '/layer2' }),
            node('Mul', ['a', 'b'], 'Y'),
          ],
        },
        { x: [2, 3] },
      );
      expect(written.graph.nodes.map(({ opType }) => opType)).to.not.include.members(['Outer', 'Scaled']);
    });
  it('with a graph inside', () => {
    const branch = (nodes: readonly NodeSpec[]): { graph: GraphSpec } => ({
      graph: { inputs: [], outputs: [{ name: 'x' }], nodes },
    });
    const choice: FunctionSpec = {
      ...own,
      name: 'Choice',
      inputs: ['a', 'go'],
      outputs: ['y'],
      attributes: ['slope'],
      nodes: [
        node('Neg', ['a'], 'n'),
        node('If', ['go'], 'y', {
          then_branch: branch([node('LeakyRelu', ['n'], 'x', { alpha: { ref: 'slope', kind: 'FLOAT' } })]),
          else_branch: branch([node('Scaled', ['n'], 'x', { slope: { float: 0.1 } }, own)]),
        }),
      ],
    };
    const call = (input: string, go: string, output: string, slope: number) =>
      node('Choice', [input, go], output, { slope: { float: slope } }, own);
    return checkModel(
      {
        opset: 17,
        functions: [choice, scaled],
        initializers: [booleans('yes', [], [1]), integers('zero', [], [0])],
        nodes: [
          call('x', 'yes', 'a', 0.3),
          node('ReduceSum', ['x'], 'sum', { keepdims: 0 }),
          node('Cast', ['sum'], 'whole', { to: 7 }),
          node('Greater', ['whole', 'zero'], 'go'),
          call('a', 'go', 'b', 0.6),
          node('Not', ['go'], 'no'),
          call('b', 'no', 'Y', 0.7),
        ],
      },
      { x: [2, 3] },
    );
  });
  it('leave module paths, in names and in metadata', () => {
    const nodes = [
      node('Outer', ['x'], ['a'], {}, { ...own, name: '/layer1' }),
      node(
        'Scaled',
        ['a'],
        'Y',
        { slope: { float: 0 } },
        { ...own, metadata: { 'pkg.torch.onnx.name_scopes': "['', 'layer2', 'scaled']" } },
      ),
      node('Neg', ['Y'], 'end'),
    ];
    const model = parseModel(
      buildModel({
        opset: 17,
        inputs: [{ name: 'x', shape: [2] }],
        outputs: [{ name: 'end' }],
        functions: [outer, scaled],
        nodes,
      }),
    );
    expect(Object.fromEntries(modules(inlineGraphs(model)))).to.include({
      layer1: 'a',
      'layer1.first': 'a/h',
      layer2: 'Y',
    });
  });
  it('written for another opset are inlined where that makes no difference, and refused where it does', () => {
    const modelOf = (op: string) =>
      parseModel(
        buildModel({
          opset: 17,
          inputs: [{ name: 'x', shape: [2] }],
          outputs: [{ name: 'y' }],
          functions: [{ ...own, name: 'Old', inputs: ['a'], outputs: ['b'], opset: 11, nodes: [node(op, ['a'], 'b')] }],
          nodes: [node('Old', ['x'], 'y', {}, own)],
        }),
      );
    expect(inlineGraphs(modelOf('Round')).graph.nodes.map(({ opType }) => opType)).to.deep.equal(['Round']);
    expect(throwsCode(() => differentiate(modelOf('Softmax'), { of: 'y', wrt: ['x'] }), 'no-rule').message).to.include(
      'own.Old',
    );
  });
  it('that call themselves, or stand for too much, are refused', () => {
    const modelOf = (functions: readonly FunctionSpec[]) =>
      parseModel(
        buildModel({
          opset: 17,
          inputs: [{ name: 'x', shape: [2] }],
          outputs: [{ name: 'y' }],
          functions,
          nodes: [node('F0', ['x'], 'y', {}, own)],
        }),
      );
    const twice = (name: string, inner: string): FunctionSpec => ({
      ...own,
      name,
      inputs: ['a'],
      outputs: ['c'],
      nodes: [node(inner, ['a'], 'b', {}, own), node(inner, ['b'], 'c', {}, own)],
    });
    throwsCode(() => inlineGraphs(modelOf([twice('F0', 'F0')])), 'invalid-model');
    const tower = Array.from({ length: 40 }, (_, level) => twice(`F${level}`, `F${level + 1}`));
    throwsCode(() => inlineGraphs(modelOf(tower)), 'model-too-large');
  });
});

describe('loops of known length', () => {
  const round = [
    { name: 'at', shape: [], type: 'int64' as const },
    { name: 'on', shape: [], type: 'bool' as const },
  ];
  for (const opset of [11, 13, 17])
    it(`are written out, opset ${opset}`, async () => {
      const body: GraphSpec = {
        inputs: [...round, { name: 's', shape: [2, 3] }],
        outputs: [
          { name: 'on', shape: [], type: 'bool' },
          { name: 'next' },
          { name: 's' },
          { name: 'real', shape: [] },
        ],
        nodes: [
          node('Cast', ['at'], 'real', { to: 1 }),
          node('Mul', ['s', 'w'], 'm'),
          node('Add', ['m', 'real'], 'a'),
          node('Sin', ['a'], 'next'),
        ],
        initializers: [floats('w', [3], [0.5, 1, 2])],
      };
      const written = await checkModel(
        {
          opset,
          initializers: [integers('rounds', [], [3])],
          nodes: [
            node('Loop', ['rounds', '', 'x'], ['last', 'all', 'ats'], { body: { graph: body } }),
            node('Mul', ['last', 'all'], 'Y'),
          ],
        },
        { x: [2, 3] },
      );
      expect(written.graph.nodes.map(({ opType }) => opType)).to.not.include('Loop');
    });
  it('may have a state that grows', () => {
    const body: GraphSpec = {
      inputs: [...round, { name: 's', shape: ['k'] }],
      outputs: [
        { name: 'on', shape: [], type: 'bool' },
        { name: 'next', shape: ['l'] },
      ],
      nodes: [node('Mul', ['s', 's'], 'm'), node('Concat', ['s', 'm'], 'next', { axis: 0 })],
    };
    return checkModel(
      {
        opset: 17,
        initializers: [integers('rounds', [], [3]), booleans('yes', [], [1])],
        nodes: [node('Loop', ['rounds', 'yes', 'x'], 'Y', { body: { graph: body } })],
      },
      { x: [2] },
    );
  });
  it('may have no round', () => {
    const body: GraphSpec = {
      inputs: [...round, { name: 's', shape: [2] }],
      outputs: [
        { name: 'on', shape: [], type: 'bool' },
        { name: 'next', shape: [2] },
      ],
      nodes: [node('Neg', ['s'], 'next')],
    };
    return checkModel(
      {
        opset: 17,
        initializers: [integers('rounds', [], [0])],
        nodes: [node('Loop', ['rounds', '', 'x'], 'z', { body: { graph: body } }), node('Sin', ['z'], 'Y')],
      },
      { x: [2] },
    );
  });
});

describe('sequences of known tensors', () => {
  for (const opset of [11, 13, 17]) {
    it(`are what they hold, opset ${opset}`, () =>
      checkModel(
        {
          opset,
          initializers: [
            integers('one', [], [1]),
            integers('last', [], [-1]),
            integers('parts', [2], [1, 3]),
            integers('two', [], [2]),
          ],
          nodes: [
            node('Sin', ['x'], 's'),
            node('SequenceConstruct', ['x', 's'], 'pair'),
            node('SequenceInsert', ['pair', 'w', 'one'], 'three'),
            node('SequenceErase', ['three', 'last'], 'some'),
            node('SequenceAt', ['some', 'last'], 'w2'),
            node('ConcatFromSequence', ['three'], 'rows', { axis: 0 }),
            node('ConcatFromSequence', ['some'], 'stacked', { axis: 1, new_axis: 1 }),
            node('SplitToSequence', ['rows', 'two'], 'halves', { axis: 1 }),
            node('SequenceAt', ['halves', 'one'], 'half'),
            node('SplitToSequence', ['x', 'parts'], 'parted', { axis: 1 }),
            node('SequenceAt', ['parted', 'one'], 'wide'),
            node('SplitToSequence', ['stacked'], 'singles', { axis: 1, keepdims: 0 }),
            node('SequenceLength', ['singles'], 'count'),
            node('Cast', ['count'], 'real', { to: 1 }),
            node('SequenceAt', ['singles', 'last'], 'single'),
            node('Mul', ['single', 'w2'], 'a'),
            node('ReduceMax', ['wide'], 'b', { keepdims: 0 }),
            node('ReduceMax', ['half'], 'c', { keepdims: 0 }),
            node('Mul', ['a', 'b'], 'd'),
            node('Mul', ['d', 'c'], 'e'),
            node('Add', ['e', 'real'], 'Y'),
          ],
        },
        { x: [2, 4], w: [2, 4] },
      ));
  }
  it('may be put together in a loop, and mapped', () => {
    const body: GraphSpec = {
      inputs: [
        { name: 'at', shape: [], type: 'int64' },
        { name: 'on', shape: [], type: 'bool' },
      ],
      outputs: [
        { name: 'on', shape: [], type: 'bool' },
        { name: 'taken', shape: [3] },
      ],
      nodes: [node('Gather', ['x', 'at'], 'taken', { axis: 0 })],
    };
    const map: GraphSpec = {
      inputs: [{ name: 'e', shape: [1, 3] }],
      outputs: [{ name: 'f', shape: [1, 3] }],
      nodes: [node('Mul', ['e', 'w'], 'm'), node('Sin', ['m'], 'f')],
    };
    return checkModel(
      {
        opset: 17,
        initializers: [integers('rounds', [], [2])],
        nodes: [
          node('Loop', ['rounds', ''], 'rows', { body: { graph: body } }),
          node('SplitToSequence', ['rows'], 'sequence', { axis: 0 }),
          node('SequenceMap', ['sequence'], 'mapped', { body: { graph: map } }),
          node('ConcatFromSequence', ['mapped'], 'Y', { axis: 0 }),
        ],
      },
      { x: [2, 3], w: [3] },
    );
  });
  it('may be optional', () =>
    checkModel(
      {
        opset: 18,
        nodes: [
          node('Optional', ['x'], 'maybe'),
          node('OptionalHasElement', ['maybe'], 'has'),
          node('OptionalGetElement', ['maybe'], 'got'),
          node('If', ['has'], 'Y', {
            then_branch: { graph: { inputs: [], outputs: [{ name: 'p' }], nodes: [node('Sin', ['got'], 'p')] } },
            else_branch: { graph: { inputs: [], outputs: [{ name: 'p' }], nodes: [node('Neg', ['x'], 'p')] } },
          }),
        ],
      },
      { x: [2, 3] },
    ));
  it('of unknown tensors are refused, and say why', () => {
    const model = parseModel(
      buildModel({
        opset: 17,
        inputs: [
          { name: 'x', shape: [2] },
          { name: 'at', shape: [], type: 'int64' },
        ],
        outputs: [{ name: 'y' }],
        nodes: [node('SequenceConstruct', ['x', 'x'], 's'), node('SequenceAt', ['s', 'at'], 'y')],
      }),
    );
    expect(throwsCode(() => differentiate(model, { of: 'y', wrt: ['x'] }), 'no-rule').message).to.include(
      'settled at run time',
    );
  });
});
