import { resizeMap } from '@saywhy/core';
import { expect } from 'chai';
import fc from 'fast-check';
import { scaleMap } from '../../../packages/core/src/maps/scale.js';
import { relativeError } from '../../support/golden.js';

describe('scaleMap', () => {
  const shapes = fc.tuple(
    fc.integer({ min: 1, max: 6 }),
    fc.integer({ min: 1, max: 6 }),
    fc.integer({ min: 1, max: 23 }),
    fc.integer({ min: 1, max: 23 }),
  );

  it('is resizing, then scaling from the smallest to the largest value', () => {
    fc.assert(
      fc.property(
        shapes,
        fc.infiniteStream(fc.float({ min: -9, max: 9, noNaN: true })),
        fc.boolean(),
        ([h, w, height, width], values, signed) => {
          const raw = { data: Float32Array.from({ length: h * w }, () => values.next().value), shape: [h, w] };
          const resized = resizeMap(raw.data, raw.shape, [height, width]);
          const { data, range, constant, shape } = scaleMap(raw, [height, width], signed);
          expect(shape).to.deep.equal([height, width]);
          const [low, high] = [Math.min(...resized), Math.max(...resized)];
          const magnitude = Math.max(-low, high);
          expect(range[0]).to.be.closeTo(signed ? -magnitude : low, 1e-5);
          expect(range[1]).to.be.closeTo(signed ? magnitude : high, 1e-5);
          if (constant) {
            expect(high - low).to.be.below(1e-4);
            expect(data.every((x) => x === 0)).to.equal(true);
            return;
          }
          const expected = resized.map((x) => (signed ? x / magnitude : (x - low) / (high - low)));
          const error = Math.max(...expected.map((x, i) => Math.abs(x - data[i]!)));
          expect(error).to.be.below(1e-6 + (2e-6 * magnitude) / (high - low));
          expect(Math.max(...data.map(Math.abs))).to.equal(1);
          if (!signed) expect(Math.min(...data)).to.equal(0);
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });

  it('of a gradient is the largest magnitude over the channels, from 0 to its 99th percentile', () => {
    const values = Array.from({ length: 101 }, (_, i) => i * (i % 2 === 0 ? 1 : -1));
    const raw = { data: Float32Array.from([...values, ...values.map((x) => x / 2)]), shape: [2, 1, 101] };
    const { data, range } = scaleMap(raw, [1, 101], false);
    expect(range).to.deep.equal([0, 99]);
    expect(
      relativeError(
        data,
        values.map((_, i) => Math.min(1, i / 99)),
      ),
    ).to.be.below(1e-6);
    const single = scaleMap(
      { data: Float32Array.from({ length: 400 }, (_, i) => (i === 7 ? 5 : 0)), shape: [1, 20, 20] },
      [20, 20],
      false,
    );
    expect(single.range).to.deep.equal([0, 5]);
    expect(single.data[7]).to.equal(1);
  });

  it('does not stretch a map whose values differ by rounding only', () => {
    const { data, constant } = scaleMap({ data: Float32Array.of(1, 1 + 2 ** -22, 1, 1), shape: [2, 2] }, [4, 4], false);
    expect(constant).to.equal(true);
    expect(new Set(data)).to.deep.equal(new Set([0]));
  });
});
