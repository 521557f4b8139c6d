import { createHash } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { filters, resizeMap } from '../../../packages/core/src/images/index.js';
import { cut, grayOf, rgbOf } from '../../../packages/core/src/images/raster.js';
import { resize } from '../../../packages/core/src/images/resize.js';
import { bytes, floats, golden, goldens, largestDifference, solid } from './goldens.js';

describe('resize', () => {
  for (const { picture, width, height, filter, mode, data } of goldens.resize) {
    it(`equals PIL to the last bit: ${picture} ${mode} to ${width} x ${height}, ${filter}`, () => {
      const raster = mode === 'L' ? grayOf(golden(picture)) : rgbOf(golden(picture));
      expect(largestDifference(resize(raster, { width, height }, filter).data, bytes(data))).to.equal(0);
    });
  }

  for (const { filter, sha256 } of goldens.large) {
    it(`equals PIL on 1023 x 767 pixels, ${filter}, computing only the crop`, () => {
      const [width, height] = [1023, 767];
      const data = new Uint8Array(width * height * 4);
      for (let y = 0, i = 0; y < height; y++) {
        for (let x = 0; x < width; x++, i += 4) {
          data[i] = x * 7 + y * 3;
          data[i + 1] = Math.floor((x * y) / 5);
          data[i + 2] = Math.floor((x * x + y * y) / 64);
        }
      }
      // torchvision: 341 = int(256 * 1023 / 767); offsets round(117 / 2) = 58 (half to even) and (256 - 224) / 2 = 16.
      const window = { x: 58, y: 16, width: 224, height: 224 };
      const seen = resize(rgbOf({ data, width, height }), { width: 341, height: 256 }, filter, window);
      expect(createHash('sha256').update(seen.data).digest('hex')).to.equal(sha256);
    });
  }

  it('converts to gray as PIL does', () => {
    expect(largestDifference(grayOf(golden('noise')).data, bytes(goldens.gray))).to.equal(0);
  });

  const side = fc.integer({ min: 1, max: 40 });
  const anyFilter = fc.constantFrom(...filters);

  it('keeps a picture of one colour', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(
        side,
        side,
        side,
        side,
        anyFilter,
        fc.tuple(byte, byte, byte),
        (w, h, width, height, filter, colour) => {
          const { data } = resize(rgbOf(solid(w, h, colour)), { width, height }, filter);
          expect(data.length).to.equal(width * height * 3);
          expect(data.every((value, i) => value === colour[i % 3])).to.equal(true);
        },
      ),
    );
  });

  it('computes of a window what the whole result has there', () => {
    const share = fc.double({ min: 0, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(side, side, anyFilter, share, share, share, share, (width, height, filter, sx, sy, sw, sh) => {
        const [x, y] = [Math.floor(sx * width), Math.floor(sy * height)];
        const window = { x, y, width: 1 + Math.floor(sw * (width - x)), height: 1 + Math.floor(sh * (height - y)) };
        const source = rgbOf(golden('noise'));
        const part = resize(source, { width, height }, filter, window);
        expect(part.data).to.deep.equal(cut(resize(source, { width, height }, filter), window).data);
      }),
    );
  });
});

describe('resizeMap', () => {
  for (const { shape, size, data, resized } of goldens.maps) {
    it(`equals torch's interpolate: [${shape}] to [${size}]`, () => {
      expect(largestDifference(resizeMap(floats(data), shape, size), floats(resized))).to.be.below(1e-6);
    });
  }

  it('gives a copy where the size stays', () => {
    const map = Float32Array.of(1, 2, 3, 4);
    const same = resizeMap(map, [2, 2], [2, 2]);
    expect(same).to.deep.equal(map);
    expect(same).not.to.equal(map);
  });

  it('names shapes that do not fit', () => {
    expect(() => resizeMap(new Float32Array(5), [2, 3], [4, 4])).to.throw('[2,3] has 6 values, not 5');
    expect(() => resizeMap(new Float32Array(6), [2, 3], [4])).to.throw('each of its 2 axes');
    expect(() => resizeMap(new Float32Array(6), [2, 3], [0, 4])).to.throw('positive size');
  });
});
