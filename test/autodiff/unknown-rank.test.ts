// Broadcasting between tensors of which the file does not even say how many axes they have.
import { differentiate, type Model, parseModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import { buildModel, floats, type NodeSpec } from '../support/model.js';
import { run } from '../support/run.js';
import { throwsCode } from '../support/throws-code.js';

const add: NodeSpec = { op: 'Add', inputs: ['a', 'b'], outputs: ['y'], name: 'y' };

function modelOf(opset: number, nodes: readonly NodeSpec[], names: readonly string[]): Model {
  const inputs = names.map((name) => ({ name }));
  return parseModel(buildModel({ opset, inputs, outputs: [{ name: 'y' }], nodes }));
}

function tensor(shape: readonly number[], data: readonly number[] = new Array(sizeOf(shape)).fill(1)) {
  return { shape, data };
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((count, size) => count * size, 1);
}

describe('broadcasting where ranks are not known', () => {
  for (const opset of [10, 13, 21])
    for (const [a, b] of [
      [
        [2, 3, 1],
        [3, 4],
      ],
      [[2, 3], []],
      [[1], [2, 1]],
      [
        [2, 3],
        [2, 3],
      ],
    ] as const)
      it(`opset ${opset}: gradients of [${a}] + [${b}] have the operands' own shapes`, async () => {
        const joined = differentiate(modelOf(opset, [add], ['a', 'b']), { of: 'y', wrt: ['a', 'b'] });
        const rank = Math.max(a.length, b.length);
        const at = (shape: readonly number[], axis: number) => shape[axis - rank + shape.length] ?? 1;
        const whole = Array.from({ length: rank }, (_, axis) => Math.max(at(a, axis), at(b, axis)));
        const results = await run(joined, { a: tensor(a), b: tensor(b), 'cotangent/y': tensor(whole) });
        for (const [name, shape] of [
          ['gradient/a', a],
          ['gradient/b', b],
        ] as const) {
          const times = sizeOf(whole) / sizeOf(shape);
          expect(results[name]!.shape, name).to.deep.equal(shape);
          expect(results[name]!.data, name).to.deep.equal(new Array(sizeOf(shape)).fill(times));
        }
      });
  it('opset 9, which cannot say it: an error where something may be broadcast, none where nothing can', async () => {
    throwsCode(() => differentiate(modelOf(9, [add], ['a', 'b']), { of: 'y', wrt: ['a'] }), 'opset-too-old');
    const relu = modelOf(9, [{ op: 'Relu', inputs: ['a'], outputs: ['y'] }], ['a']);
    const results = await run(differentiate(relu, { of: 'y', wrt: ['a'] }), {
      a: tensor([2], [1, -1]),
      'cotangent/y': tensor([2]),
    });
    expect(results['gradient/a']!.data).to.deep.equal([1, 0]);
  });
});

describe('a function of several nodes, stretched by a constant of more axes', () => {
  it('gives the gradient in the shape of its input', async () => {
    const node = (op: string, inputs: string[], output: string) => ({ op, inputs, outputs: [output] });
    const model = parseModel(
      buildModel({
        opset: 17,
        inputs: [{ name: 'x', shape: [2] }],
        outputs: [{ name: 'y' }],
        nodes: [
          node('Div', ['x', 'rootTwo'], 't'),
          node('Erf', ['t'], 'f'),
          node('Add', ['f', 'one'], 'a'),
          node('Mul', ['x', 'a'], 'p'),
          node('Mul', ['p', 'half'], 'y'),
        ],
        initializers: [floats('rootTwo', [], [Math.SQRT2]), floats('one', [1], [1]), floats('half', [1, 1, 1], [0.5])],
      }),
    );
    const joined = differentiate(model, { of: 'y', wrt: ['x'] });
    const results = await run(joined, { x: tensor([2], [0, 10]), 'cotangent/y': tensor([1, 1, 2]) });
    expect(results['gradient/x']!.shape).to.deep.equal([2]);
    expect(results['gradient/x']!.data).to.deep.equal([0.5, 1]);
  });
});
