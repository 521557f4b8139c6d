import { type Dimension, inferTensors, parseModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import fc from 'fast-check';
import { buildModel, floats, integers, type ModelSpec, type NodeSpec, type ValueSpec } from '../../support/model.js';

type Spec = Partial<ModelSpec> & { readonly nodes: readonly NodeSpec[] };

/** What is inferred of each tensor of a model whose input `X` has the given shape. */
function infer(shape: ValueSpec['shape'], spec: Spec) {
  const outputs = spec.outputs ?? [{ name: spec.nodes.at(-1)!.outputs[0]! }];
  const inputs = spec.inputs ?? [{ name: 'X', ...(shape && { shape }) }];
  return inferTensors(parseModel(buildModel({ opset: 17, ...spec, inputs, outputs })));
}

const shapeOf = (name: string, shape: ValueSpec['shape'], spec: Spec) => infer(shape, spec).get(name)?.shape;
const list = (name: string, ...values: number[]) => integers(name, [values.length], values);

describe('what a file declares', () => {
  const custom: NodeSpec = { op: 'Blur', domain: 'custom', inputs: ['X'], outputs: ['B'] };
  const relu: NodeSpec = { op: 'Relu', inputs: ['B'], outputs: ['Y'] };
  it('helps where an operator is unknown', () => {
    const valueInfo: readonly ValueSpec[] = [{ name: 'B', shape: ['n', 8, 'k'] }];
    expect(shapeOf('Y', ['n', 4], { nodes: [custom, relu], valueInfo })).to.deep.equal(['n', 8, 'k']);
    expect(shapeOf('Y', ['n', 4], { nodes: [custom, relu] })).to.equal(undefined);
  });
  it('completes what is inferred: numbers before names, names before nothing', () => {
    const nodes: NodeSpec[] = [
      { op: 'NonZero', inputs: ['X'], outputs: ['Z'] },
      { op: 'Abs', inputs: ['Z'], outputs: ['Y'] },
    ];
    const declared = (size: number | string) =>
      shapeOf('Z', [2, 'w'], { nodes, valueInfo: [{ name: 'Z', shape: [2, size], type: 'int64' }] });
    expect(declared(7)).to.deep.equal([2, 7]);
    expect(declared('count')).to.deep.equal([2, 'count']);
    expect(shapeOf('Z', [2, 'w'], { nodes })).to.deep.equal([2, 'Z[1]']);
  });
  it('is not believed against what is inferred', () => {
    const nodes: NodeSpec[] = [
      { op: 'Relu', inputs: ['X'], outputs: ['Z'] },
      { op: 'Relu', inputs: ['Z'], outputs: ['Y'] },
    ];
    expect(shapeOf('Z', [2, 3], { nodes, valueInfo: [{ name: 'Z', shape: [2, 5] }] })).to.deep.equal([2, 3]);
  });
  it('of an output: its numbers count, its names do not (people reuse those of the input)', () => {
    const outputs: readonly ValueSpec[] = [{ name: 'B', shape: ['h', 5] }];
    const shape = shapeOf('B', ['h', 'w'], { nodes: [custom], outputs });
    expect(shape).to.deep.equal(['B[0]', 5]);
  });
  it('of an input: negative sizes and names that read as numbers are unknown sizes', () => {
    const relus: NodeSpec[] = [{ op: 'Relu', inputs: ['X'], outputs: ['Y'] }];
    expect(shapeOf('Y', [-1, '64', '2×n', 'n'], { nodes: relus })).to.deep.equal(['X[0]', 'X[1]', 'X[2]', 'n']);
  });
  it('initializers that are inputs as well, as below IR version 4, are the constants that they are', () => {
    const nodes: NodeSpec[] = [{ op: 'Reshape', inputs: ['X', 's'], outputs: ['Y'] }];
    const inputs: readonly ValueSpec[] = [
      { name: 'X', shape: [2, 3, 4] },
      { name: 's', shape: [2], type: 'int64' },
    ];
    for (const irVersion of [3, 8])
      expect(shapeOf('Y', undefined, { nodes, inputs, irVersion, initializers: [list('s', 2, -1)] })).to.deep.equal([
        2, 12,
      ]);
  });
});

describe('sizes that are settled at run time', () => {
  const reshape = (shape: ValueSpec['shape'], ...target: (number | string)[]) => {
    const pieces = target.map((size, index): NodeSpec[] =>
      typeof size === 'number' ? [] : [{ op: 'Gather', inputs: ['sizes', `axis${index}`], outputs: [`size${index}`] }],
    );
    const names = target.map((size, index) => (typeof size === 'number' ? `number${index}` : `size${index}`));
    const nodes: NodeSpec[] = [
      { op: 'Shape', inputs: ['X'], outputs: ['sizes'] },
      ...pieces.flat(),
      { op: 'Concat', inputs: names, outputs: ['target'], attributes: { axis: 0 } },
      { op: 'Reshape', inputs: ['X', 'target'], outputs: ['Y'] },
    ];
    const initializers = target.map((size, index) =>
      typeof size === 'number' ? list(`number${index}`, size) : list(`axis${index}`, shape!.indexOf(size)),
    );
    return shapeOf('Y', shape, { nodes, initializers });
  };
  it('cancel in -1', () => {
    expect(reshape(['n', 4, 'h'], 'n', -1)).to.deep.equal(['n', '4×h']);
    expect(reshape(['n', 4, 'h'], -1, 'h')).to.deep.equal(['4×n', 'h']);
    expect(reshape(['n', 4, 'h'], 'n', -1, 'h', 2)).to.deep.equal(['n', 2, 'h', 2]);
    expect(reshape(['n', 4, 6], -1, 24)).to.deep.equal(['n', 24]);
    expect(reshape(['n', 'n', 6], 'n', -1)).to.deep.equal(['n', '6×n']);
  });
  it('are never guessed: what does not divide stays open', () => {
    expect(reshape(['n', 5], -1, 2)).to.deep.equal(['Y[0]', 2]);
    expect(reshape(['n', 'h'], 'h', -1)).to.deep.equal(['h', 'n']);
  });
  it('come back from windows (Swin): a product divided again', () => {
    const nodes: NodeSpec[] = [
      { op: 'Reshape', inputs: ['X', 'apart'], outputs: ['A'] },
      { op: 'Transpose', inputs: ['A'], outputs: ['T'], attributes: { perm: [0, 1, 3, 2, 4, 5] } },
      { op: 'Reshape', inputs: ['T', 'windows'], outputs: ['W'] },
      { op: 'Reshape', inputs: ['W', 'back'], outputs: ['Y'] },
    ];
    const initializers = [list('apart', 0, 2, 7, 2, 7, 96), list('windows', -1, 49, 96), list('back', -1, 196, 96)];
    const found = infer(['n', 14, 14, 96], { nodes, initializers });
    expect(found.get('W')?.shape).to.deep.equal(['4×n', 49, 96]);
    expect(found.get('Y')?.shape).to.deep.equal(['n', 196, 96]);
  });
  it('the target of expand that PyTorch writes: -1 keeps a size, whatever it is', () => {
    const nodes: NodeSpec[] = [
      { op: 'Shape', inputs: ['X'], outputs: ['sizes'] },
      { op: 'Equal', inputs: ['sizes', 'minus'], outputs: ['isMinus'] },
      { op: 'Where', inputs: ['isMinus', 'ones', 'sizes'], outputs: ['target'] },
      { op: 'Expand', inputs: ['token', 'target'], outputs: ['Y'] },
    ];
    const initializers = [
      list('minus', -1, -1, -1),
      list('ones', 1, 1, 1),
      floats('token', [1, 1, 8], new Array(8).fill(0)),
    ];
    expect(shapeOf('Y', ['n', 1, 8], { nodes, initializers })).to.deep.equal(['n', 1, 8]);
  });
  it('two branches that step over an axis alike have equal sizes, as residual blocks need', () => {
    const conv = (name: string, kernel: number, pad: number): NodeSpec => ({
      op: 'Conv',
      inputs: ['X', `w${kernel}`],
      outputs: [name],
      attributes: { strides: [2, 2], pads: [pad, pad, pad, pad] },
    });
    const nodes = [conv('A', 3, 1), conv('B', 1, 0), { op: 'Add', inputs: ['A', 'B'], outputs: ['Y'] }];
    const weights = [3, 1].map((kernel) =>
      floats(`w${kernel}`, [8, 4, kernel, kernel], new Array(32 * kernel ** 2).fill(1)),
    );
    const found = infer(['n', 4, 'h', 'w'], { nodes, initializers: weights });
    expect(found.get('A')?.shape).to.deep.equal(found.get('B')?.shape);
    expect(found.get('Y')?.shape).to.deep.equal(found.get('A')?.shape);
  });
});

describe('constants', () => {
  const folded = (type: number, ...operations: [op: string, ...others: string[]][]) => {
    const nodes = operations.map(
      ([op, ...others], index): NodeSpec => ({
        op,
        inputs: [index === 0 ? 'c' : `t${index}`, ...others],
        outputs: [`t${index + 1}`],
        attributes: op === 'Cast' ? { to: type } : {},
      }),
    );
    const initializers = [floats('c', [3], [7, -7, 0.3]), floats('third', [1], [1 / 3]), floats('zero', [1], [0])];
    return infer([1], { nodes, initializers }).get(`t${operations.length}`)?.value;
  };
  it('are rounded as their type rounds', () => {
    expect(folded(7, ['Cast'])).to.deep.equal([7, -7, 0]);
    expect(folded(9, ['Cast'])).to.deep.equal([1, 1, 1]);
    expect(folded(1, ['Mul', 'third'])).to.deep.equal(
      [7, -7, Math.fround(0.3)].map((x) => Math.fround(x * Math.fround(1 / 3))),
    );
  });
  it('that their type cannot hold are not known', () => {
    expect(folded(2, ['Cast'])).to.deep.equal([7, '?', 0]);
    expect(folded(7, ['Div', 'zero'], ['Cast'])).to.deep.equal(['?', '?', '?']);
  });
  it('of weights are not read', () => {
    const nodes: NodeSpec[] = [{ op: 'Relu', inputs: ['W'], outputs: ['Y'] }];
    const found = infer([1], { nodes, initializers: [floats('W', [65], new Array(65).fill(1))] });
    expect(found.get('W')?.value).to.equal(undefined);
    expect(found.get('Y')?.shape).to.deep.equal([65]);
  });
});

describe('inference of hostile graphs', () => {
  const chain = (length: number, node: (from: string, to: string) => NodeSpec) =>
    Array.from({ length }, (_, index) => node(index === 0 ? 'X' : `t${index}`, `t${index + 1}`));
  it('is linear in the nodes', () => {
    const nodes = chain(30000, (from, to) => ({ op: 'Relu', inputs: [from], outputs: [to] }));
    const model = parseModel(
      buildModel({ opset: 17, inputs: [{ name: 'X', shape: ['n', 3] }], outputs: [{ name: 't30000' }], nodes }),
    );
    const start = performance.now();
    expect(inferTensors(model).get('t30000')?.shape).to.deep.equal(['n', 3]);
    expect(performance.now() - start).to.be.below(2000);
  });
  it('names, ranks and elements that double from node to node stay bounded', () => {
    const square = chain(60, (from, to) => ({ op: 'Mul', inputs: [from, from], outputs: [to] }));
    const doubled: NodeSpec[] = [
      { op: 'Shape', inputs: ['X'], outputs: ['t0'] },
      ...chain(60, (from, to) => ({
        op: 'Mul',
        inputs: [from.replace('X', 't0'), from.replace('X', 't0')],
        outputs: [to],
      })),
    ];
    const joined = chain(60, (from, to) => ({
      op: 'Concat',
      inputs: [from, from],
      outputs: [to],
      attributes: { axis: 0 },
    }));
    const grown = chain(60, (from, to) => ({ op: 'Gather', inputs: [from, from], outputs: [to] }));
    for (const nodes of [square, doubled, joined, grown])
      for (const tensor of infer(['n', 'm', 2], { nodes }).values()) {
        expect(tensor.shape?.length ?? 0).to.be.below(65);
        expect(tensor.value?.length ?? 0).to.be.below(4097);
        for (const size of [...(tensor.shape ?? []), ...(tensor.value ?? [])])
          expect(String(size).length).to.be.below(300);
      }
  });
  it('never throws, and gives sizes that can be', () => {
    const number = fc.oneof(fc.integer({ min: -3, max: 5 }), fc.constantFrom(2 ** 31, -(2 ** 62), 2 ** 62, 1e9));
    const numbers = fc.array(number, { maxLength: 5 });
    // biome-ignore format: a table
    const ops: readonly [op: string, attributes: readonly string[], inputs: number][] = [
      ['Reshape', ['allowzero'], 2], ['Slice', [], 5], ['Gather', ['axis'], 2], ['Pad', [], 3], ['Transpose', ['perm'], 1],
      ['Concat', ['axis'], 3], ['Split', ['axis'], 2], ['Tile', [], 2], ['Expand', [], 2], ['Squeeze', [], 2],
      ['Unsqueeze', [], 2], ['Flatten', ['axis'], 1], ['DepthToSpace', ['blocksize'], 1], ['SpaceToDepth', ['blocksize'], 1],
      ['ConstantOfShape', [], 1], ['Range', [], 3], ['OneHot', ['axis'], 3], ['TopK', ['axis'], 2], ['GatherND', ['batch_dims'], 2],
      ['Resize', ['axes'], 4], ['Where', [], 3], ['ArgMax', ['axis', 'keepdims'], 1], ['Shape', ['start', 'end'], 1],
      ['Conv', ['pads', 'strides', 'dilations', 'kernel_shape', 'group'], 2], ['MaxPool', ['kernel_shape', 'strides', 'pads'], 1],
      ['ReduceSum', ['keepdims'], 2], ['MatMul', [], 2], ['NonZero', [], 1], ['Mod', [], 2], ['Equal', [], 2], ['Trilu', [], 2],
    ];
    const single = new Set(['axis', 'keepdims', 'allowzero', 'blocksize', 'batch_dims', 'start', 'end', 'group']);
    const node = fc.record({
      op: fc.constantFrom(...ops),
      picks: fc.array(fc.nat(30), { minLength: 5, maxLength: 5 }),
      values: fc.array(numbers, { minLength: 5, maxLength: 5 }),
    });
    fc.assert(
      fc.property(
        fc.array(node, { minLength: 1, maxLength: 8 }),
        fc.array(numbers, { minLength: 3, maxLength: 3 }),
        (specs, constants) => {
          const names = ['X', 'c0', 'c1', 'c2', 'f'];
          const nodes = specs.map(({ op: [op, attributes, count], picks, values }, index): NodeSpec => {
            const inputs = Array.from({ length: count }, (_, at) => names[picks[at]! % names.length]!);
            const given = attributes.map(
              (name, at) => [name, single.has(name) ? (values[at]![0] ?? 0) : values[at]!] as const,
            );
            names.push(`t${index}`);
            return { op, inputs, outputs: [`t${index}`], attributes: Object.fromEntries(given) };
          });
          const initializers = [
            ...constants.map((values, index) => list(`c${index}`, ...values)),
            floats('f', [], [0.5]),
          ];
          const sound = (size: Dimension) => typeof size === 'string' || (Number.isSafeInteger(size) && size >= 0);
          for (const { shape } of infer([2, 'n', 3], { nodes, initializers, opset: 18 }).values())
            expect(shape?.every(sound) ?? true).to.equal(true);
        },
      ),
      { numRuns: 1000, seed: 1 },
    );
  });
});
