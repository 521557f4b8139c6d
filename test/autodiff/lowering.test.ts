// The way through an operator that is written in simpler ones, by made-up records in the place of the engine's own.
import { differentiate, parseModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import { registry } from '../../packages/autodiff/src/operators/index.js';
import type { AnyOperator } from '../../packages/autodiff/src/operators/record.js';
import { buildModel, type NodeSpec } from '../support/model.js';
import { run, vector } from '../support/run.js';
import { throwsCode } from '../support/throws-code.js';

const equation = 'i,i,i->i';
const made = new Map<string, AnyOperator>([
  // The product of three vectors, which is what the equation says.
  [
    'Einsum',
    { shape: ({ inputs }) => inputs[0]?.shape, lower: ({ inputs: [a, c, d], b }) => b.mul(b.mul(a!, c!), d!) },
  ],
  // x (2 x) (3 x): its parts depend on one another.
  [
    'Shrink',
    {
      shape: ({ inputs }) => inputs[0]?.shape,
      lower: ({ inputs: [x], b }) => b.emit('Einsum', [x, b.mul(x!, 2), b.mul(x!, 3)], { equation }),
    },
  ],
  // Half of what it needs has no record.
  [
    'Det',
    {
      shape: ({ inputs }) => inputs[0]?.shape,
      lower: ({ inputs: [x], b }) => b.add(x!, b.emit('Compress', [x, b.greater(x!, 0)])),
    },
  ],
]);

async function gradient(nodes: readonly NodeSpec[]): Promise<readonly number[]> {
  const shape = [2];
  const model = parseModel(
    buildModel({ opset: 17, inputs: [{ name: 'x', shape }], outputs: [{ name: 'y', shape }], nodes }),
  );
  const joined = differentiate(model, { of: 'y', wrt: ['x'] });
  return (await run(joined, { x: vector(1, 2), 'cotangent/y': vector(1, 10) }))['gradient/x']!.data;
}

describe('operators that are lowered', () => {
  const records = registry as Map<string, AnyOperator>;
  const own = new Map(records);
  before(() => {
    for (const [name, record] of made) records.set(name, record);
    records.delete('Compress');
  });
  after(() => {
    for (const [name, record] of own) records.set(name, record);
  });
  it('count a tensor that is several of their inputs once for each', async () => {
    const cube = { op: 'Einsum', inputs: ['x', 'x', 'x'], outputs: ['y'], attributes: { equation } };
    expect(await gradient([cube])).to.deep.equal([3, 10 * 3 * 4]);
  });
  it('may use one another, and what was made on the way to their inputs counts once', async () => {
    expect(await gradient([{ op: 'Shrink', inputs: ['x'], outputs: ['y'] }])).to.deep.equal([18, 10 * 18 * 4]);
  });
  it('are refused where they use what has no rule', () => {
    const nodes = [{ op: 'Det', inputs: ['x'], outputs: ['y'], name: 'whole' }];
    const model = parseModel(
      buildModel({ opset: 17, inputs: [{ name: 'x', shape: [2] }], outputs: [{ name: 'y' }], nodes }),
    );
    const error = throwsCode(() => differentiate(model, { of: 'y', wrt: ['x'] }), 'no-rule');
    expect(error.message).to.include('Compress').and.to.include('no rule');
  });
});
