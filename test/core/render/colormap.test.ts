import { expect } from 'chai';
import { type ColormapName, colorize, colormapNames, colormapTable } from '../../../packages/core/src/render/index.js';
import { bytes, goldens, largestDifference } from '../images/goldens.js';

/** CIE L* of an sRGB colour, from the standard's definition. */
function lightness(table: Uint8ClampedArray, i: number): number {
  const linear = [...table.subarray(i * 3, i * 3 + 3)].map((byte) => {
    const v = byte / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  });
  const y = 0.2126 * linear[0]! + 0.7152 * linear[1]! + 0.0722 * linear[2]!;
  return y > 216 / 24389 ? 116 * Math.cbrt(y) - 16 : (24389 / 27) * y;
}

const lightnesses = (name: ColormapName): number[] =>
  Array.from({ length: 256 }, (_, i) => lightness(colormapTable(name), i));

describe('colormapTable', () => {
  for (const name of ['viridis', 'cividis', 'inferno', 'magma'] as const) {
    it(`${name} is matplotlib's within 6 of 255, and only gets lighter`, () => {
      expect(largestDifference(colormapTable(name), bytes(goldens.colormaps[name]))).to.be.at.most(6);
      const l = lightnesses(name);
      // Colours are rounded to bytes: a step may fall by less than half a unit of 100.
      for (let i = 1; i < 256; i++) expect(l[i]! - l[i - 1]!).to.be.above(-0.5);
      for (let i = 8; i < 256; i++) expect(l[i]! - l[i - 8]!, `${i}`).to.be.above(0.5);
    });
  }

  it('jet is blue, cyan, yellow and red at its eighths', () => {
    const jet = colormapTable('jet');
    expect([...jet.subarray(0, 3)]).to.deep.equal([0, 0, 128]);
    expect([...jet.subarray(255 * 3)]).to.deep.equal([128, 0, 0]);
    const middle = [...jet.subarray(128 * 3, 129 * 3)];
    expect(middle[1]).to.equal(255);
  });

  it('diverging is white in the middle and as light on one side as on the other', () => {
    const l = lightnesses('diverging');
    expect(Math.min(l[127]!, l[128]!)).to.be.above(96);
    for (let i = 0; i < 128; i++) expect(Math.abs(l[i]! - l[255 - i]!), `${i}`).to.be.below(4);
    for (let i = 1; i < 128; i++) expect(l[i]! - l[i - 1]!).to.be.above(-0.5);
    const [blue, red] = [colormapTable('diverging').subarray(0, 3), colormapTable('diverging').subarray(255 * 3)];
    expect(blue[2]! - blue[0]!).to.be.above(100);
    expect(red[0]! - red[2]!).to.be.above(100);
  });

  it('names every map, and gives each once', () => {
    for (const name of colormapNames) expect(colormapTable(name)).to.have.length(768).and.equal(colormapTable(name));
  });
});

describe('colorize', () => {
  const gray = (values: number[], options = {}): number[] =>
    [...colorize(values, { colormap: 'gray', ...options })].filter((_, i) => i % 4 === 0);

  it('runs from the smallest to the largest value', () => {
    expect(gray([1, 2, 3])).to.deep.equal([0, 128, 255]);
  });

  it('keeps to a range that is given', () => {
    expect(gray([-5, 0, 5, 20], { range: [0, 10] })).to.deep.equal([0, 0, 128, 255]);
  });

  it('puts zero in the middle of a signed map', () => {
    expect(gray([-1, 0, 4], { signed: true })).to.deep.equal([96, 128, 255]);
  });

  it('does not stretch a constant map', () => {
    expect(gray([0.3, 0.3, 0.3 + 1e-9])).to.deep.equal([0, 0, 0]);
    expect(gray([0, 0], { signed: true })).to.deep.equal([128, 128]);
  });

  it('leaves what is no number transparent', () => {
    const alpha = [...colorize([0, Number.NaN, 1])].filter((_, i) => i % 4 === 3);
    expect(alpha).to.deep.equal([255, 0, 255]);
  });

  it('names an unknown colormap and a range that is none', () => {
    expect(() => colorize([1], { colormap: 'virids' as 'viridis' }))
      .to.throw('Unknown colormap "virids". Did you mean viridis?')
      .with.property('code', 'unknown-colormap');
    expect(() => colorize([1], { range: [2, 1] }))
      .to.throw('not [2, 1]')
      .with.property('code', 'invalid-map');
  });
});
