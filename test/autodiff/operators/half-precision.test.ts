// What overflows in half precision; every operator's gradient is compared with that in single precision in calls.test.ts.
import { expect } from 'chai';
import { gradientsOf } from '../../support/gradients.js';
import type { NodeSpec } from '../../support/model.js';

/** An operator of X between casts to half precision and back. */
function inHalf(op: string, attributes: NodeSpec['attributes'] = {}): NodeSpec[] {
  return [
    { op: 'Cast', inputs: ['X'], outputs: ['x'], attributes: { to: 10 } },
    { op, inputs: ['x'], outputs: ['y'], attributes },
    { op: 'Cast', inputs: ['y'], outputs: ['Y'], attributes: { to: 1 } },
  ];
}

describe('gradients in half precision', () => {
  it('ReduceMean of more elements than half precision counts', async () => {
    const X = { shape: [2, 35000], values: new Array(70000).fill(0) };
    const gradient = (await gradientsOf({ nodes: inHalf('ReduceMean', { keepdims: 0 }), inputs: { X } })).X!;
    expect(gradient[0]).to.be.closeTo(1 / 70000, 1e-7);
  });
  it('means of more elements than half precision can count', async () => {
    const X = { shape: [1, 1, 256, 256], values: new Array<number>(65536).fill(1) };
    const { X: gradient } = await gradientsOf({ nodes: inHalf('GlobalAveragePool'), inputs: { X } });
    expect(new Set(gradient)).to.deep.equal(new Set([2 ** -16]));
  });
});
