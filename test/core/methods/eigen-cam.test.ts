import { findMethod, type MethodContext } from '@saywhy/core';
import { expect } from 'chai';
import { relativeError } from '../../support/golden.js';

/** Zero-mean patterns over 2 x 3 places, orthogonal to each other. */
const first = [3, -1, -1, -1, 0, 0];
const second = [0, 1, -1, 0, 2, -2];

async function map(rows: readonly (readonly number[])[]) {
  const activations = { data: Float32Array.from(rows.flat()), shape: [rows.length, 2, 3] };
  return findMethod('eigen-cam').map({ activations } as unknown as MethodContext);
}

const times = (pattern: readonly number[], factor: number, offset = 0) => pattern.map((x) => x * factor + offset);
const positive = (pattern: readonly number[]) => pattern.map((x) => Math.max(0, x));

describe('Eigen-CAM', () => {
  it('finds the stronger of two patterns, whatever the channels are raised by', async () => {
    const { data, shape } = await map([times(first, 2, 5), times(second, 1, -3), times(first, 1.5)]);
    expect(shape).to.deep.equal([2, 3]);
    expect(relativeError(data, positive(times(first, 2.5)))).to.be.below(1e-6);
  });

  it('turns the component so that its largest response is positive', async () => {
    const { data } = await map([times(first, -2), times(second, 0.5), times(first, -1)]);
    expect(relativeError(data, positive(times(first, Math.hypot(2, 1))))).to.be.below(1e-6);
  });

  it('is zero where the activation is the same everywhere', async () => {
    const { data } = await map([times(first, 0, 4), times(first, 0, 1)]);
    expect([...data]).to.deep.equal([0, 0, 0, 0, 0, 0]);
  });
});
