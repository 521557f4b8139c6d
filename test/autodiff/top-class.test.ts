// `top` of `differentiate`: the class that is settled while the model runs.
import { differentiate, parseModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import { buildModel, type ModelSpec } from '../support/model.js';
import { type Feed, run } from '../support/run.js';
import { throwsCode } from '../support/throws-code.js';

/** y = x * x, so that the gradient at x is 2 x times the cotangent. */
const square = (shape: readonly (number | string)[], opset = 17, type: 'float32' | 'float64' = 'float32') => {
  const value = { shape, type };
  const spec: ModelSpec = {
    opset,
    inputs: [{ name: 'x', ...value }],
    outputs: [{ name: 'y', ...value }],
    nodes: [{ op: 'Mul', inputs: ['x', 'x'], outputs: ['y'] }],
  };
  return parseModel(buildModel(spec));
};

async function gradient(model: ReturnType<typeof square>, x: Feed, cotangent: readonly number[], top: number) {
  const graph = differentiate(model, { of: 'y', wrt: ['x'], top: true });
  const { type = 'float32' } = x;
  const feeds = { x, 'cotangent/y': { ...x, data: cotangent }, 'top/y': { data: [top], shape: [1], type } };
  return (await run(graph, feeds))['gradient/x']!.data;
}

describe('the top class in the graph', () => {
  for (const opset of [7, 10, 11, 12, 13, 17, 21])
    it(`is the highest score of each picture, at opset ${opset}`, async () => {
      const x = { data: [1, -3, 2, 0.5, 4, 1], shape: [2, 3] };
      const none = [0, 0, 0, 0, 0, 0];
      expect(await gradient(square(['n', 3], opset), x, none, 1)).to.deep.equal([0, -6, 0, 0, 8, 0]);
    });

  it('is added so many times to the cotangent that is fed', async () => {
    const x = { data: [1, -3, 2], shape: [1, 3] };
    expect(await gradient(square([1, 3]), x, [1, 0, 0], 0)).to.deep.equal([2, -0, 0]);
    expect(await gradient(square([1, 3]), x, [1, 0, 0], -0.5)).to.deep.equal([2, 3, 0]);
  });

  it('of equal scores it is the first', async () => {
    expect(await gradient(square([1, 3]), { data: [1, 2, -2], shape: [1, 3] }, [0, 0, 0], 1)).to.deep.equal([0, 4, -0]);
  });

  it('classes may be a list, lie before axes of one, and be in double precision', async () => {
    expect(await gradient(square([3]), { data: [1, 3, 2], shape: [3] }, [0, 0, 0], 1)).to.deep.equal([0, 6, 0]);
    const map = { data: [1, 3, 2], shape: [1, 3, 1, 1] };
    expect(await gradient(square([1, 3, 1, 1]), map, [0, 0, 0], 1)).to.deep.equal([0, 6, 0]);
    const double = { data: [1, 3, 2], shape: [1, 3], type: 'float64' } as const;
    expect(await gradient(square([1, 3], 17, 'float64'), double, [0, 0, 0], 1)).to.deep.equal([0, 6, 0]);
  });

  it('needs a known number of classes', () => {
    throwsCode(() => differentiate(square([1, 'n']), { of: 'y', wrt: ['x'], top: true }), 'invalid-argument');
  });

  it('has names of its own under a prefix', () => {
    const { graph } = differentiate(square([1, 3]), { of: 'y', wrt: ['x'], top: true, prefix: 'guided/' });
    expect(graph.inputs.map(({ name }) => name)).to.deep.equal(['x', 'guided/cotangent/y', 'guided/top/y']);
  });
});
