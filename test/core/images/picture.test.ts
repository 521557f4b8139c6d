import { expect } from 'chai';
import fc from 'fast-check';
import { checkPicture, type Picture } from '../../../packages/core/src/images/index.js';
import { applyOrientation } from '../../../packages/core/src/images/orientation.js';
import { bytes, goldens, pictureOf, rgbBytes, solid } from './goldens.js';

const anyPicture = fc
  .record({ width: fc.integer({ min: 1, max: 9 }), height: fc.integer({ min: 1, max: 9 }) })
  .chain(({ width, height }) =>
    fc
      .uint8ClampedArray({ minLength: width * height * 4, maxLength: width * height * 4 })
      .map((data): Picture => ({ data, width, height })),
  );
/** The orientation that undoes another; 6 and 8 are each other's. */
const inverse = [0, 1, 2, 3, 4, 5, 8, 7, 6];

describe('applyOrientation', () => {
  for (const { orientation, width, height, data } of goldens.oriented.cases) {
    it(`turns ${orientation} as PIL's exif_transpose does`, () => {
      const turned = applyOrientation(pictureOf(goldens.oriented), orientation);
      expect([turned.width, turned.height]).to.deep.equal([width, height]);
      expect(rgbBytes(turned)).to.deep.equal(new Uint8ClampedArray(bytes(data)));
    });
  }

  it('is undone by its inverse', () => {
    fc.assert(
      fc.property(anyPicture, fc.integer({ min: 1, max: 8 }), (picture, orientation) => {
        expect(applyOrientation(applyOrientation(picture, orientation), inverse[orientation]!)).to.deep.equal(picture);
      }),
    );
  });

  it('is a group: two quarter turns are a half turn, two mirrors are a half turn, a quarter turn of a mirror transposes', () => {
    const turn = (picture: Picture, ...orientations: number[]): Picture =>
      orientations.reduce(applyOrientation, picture);
    fc.assert(
      fc.property(anyPicture, (picture) => {
        expect(turn(picture, 6, 6)).to.deep.equal(turn(picture, 3));
        expect(turn(picture, 2, 4)).to.deep.equal(turn(picture, 3));
        expect(turn(picture, 4, 6)).to.deep.equal(turn(picture, 5));
        expect(turn(picture, 2, 6)).to.deep.equal(turn(picture, 7));
      }),
    );
  });

  it('reads bytes that do not start at a multiple of four, a Buffer too', () => {
    const picture = pictureOf(goldens.oriented);
    const shifted = Buffer.alloc(picture.data.length + 1).subarray(1);
    shifted.set(picture.data);
    expect(applyOrientation({ ...picture, data: shifted }, 6)).to.deep.equal(applyOrientation(picture, 6));
  });

  it('refuses what is no orientation', () => {
    for (const value of [0, 9, 1.5, Number.NaN]) {
      expect(() => applyOrientation(solid(1, 1, [0, 0, 0]), value))
        .to.throw(`not ${value}`)
        .with.property('code', 'invalid-orientation');
    }
  });
});

describe('checkPicture', () => {
  const data = new Uint8ClampedArray(24);
  const wrong: [picture: Picture, message: string][] = [
    [{ data, width: 0, height: 3 }, 'width is a positive integer, not 0'],
    [{ data, width: 2, height: 1.5 }, 'height is a positive integer, not 1.5'],
    [{ data, width: 2, height: 4 }, '32 bytes (RGBA), not 24. This looks like RGB'],
    [{ data, width: 2, height: 5 }, '40 bytes (RGBA), not 24.'],
    [{ data: [1, 2, 3, 4] as unknown as Uint8Array, width: 1, height: 1 }, 'not Array'],
  ];
  for (const [picture, message] of wrong) {
    it(`refuses: ${message}`, () => {
      expect(() => checkPicture(picture))
        .to.throw(message)
        .with.property('code', 'invalid-picture');
    });
  }

  it('gives a picture back', () => {
    const picture = { data, width: 2, height: 3 };
    expect(checkPicture(picture)).to.equal(picture);
  });
});
