import type { ExplanationMap } from '@saywhy/core';
import { overlay } from '@saywhy/core/render';
import { expect } from 'chai';
import fc from 'fast-check';
import { contourPath } from '../../../packages/web/demo/src/drawing/contours.js';
import { heatOf } from '../../../packages/web/demo/src/drawing/heat.js';
import { cellAt, readCell, stepFrom } from '../../../packages/web/demo/src/drawing/readout.js';
import {
  commonRange,
  FAINT,
  inUnitsOfData,
  leastOf,
  Peaks,
  rangeBeside,
} from '../../../packages/web/demo/src/state/scale.js';

/** A map whose `data` has the size of its cells, so that what is drawn can be told exactly. */
function mapOf(raw: readonly number[], shape: readonly number[], signed = false): ExplanationMap {
  const magnitude = Math.max(...raw.map(Math.abs));
  const range: [number, number] = signed ? [-magnitude, magnitude] : [Math.min(...raw), Math.max(...raw)];
  const unit = signed ? magnitude : range[1] - range[0];
  const data = Float32Array.from(raw, (value) => (unit === 0 ? 0 : (value - (signed ? 0 : range[0])) / unit));
  const layer = { name: 'layer', tensor: 'layer', shape: [1, 1, ...shape] };
  const target = { text: 'cat', index: 0, value: 1 };
  return {
    method: 'grad-cam',
    target,
    layer,
    data,
    shape,
    raw: { data: Float32Array.from(raw), shape },
    range,
    signed,
  };
}

const alphas = ({ data }: { readonly data: Uint8ClampedArray }) => [...data].filter((_, i) => i % 4 === 3);

describe('The page’s colours', () => {
  it('are those of core’s overlay at full strength', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: -4, max: 4, noNaN: true }), { minLength: 6, maxLength: 6 }),
        fc.boolean(),
        (raw, signed) => {
          const map = mapOf(raw, [2, 3], signed);
          const pixels = heatOf(map, { range: map.range, colormap: 'inferno', smooth: true });
          const under = { data: new Uint8ClampedArray(24).fill(255), width: 3, height: 2 };
          const drawn = overlay(under, map, { x: 0, y: 0, width: 3, height: 2 }, { opacity: 1 });
          for (let p = 0; p < 6; p++)
            for (let c = 0; c < 3; c++) {
              const alpha = pixels.data[p * 4 + 3]! / 255;
              const blended = 255 + (pixels.data[p * 4 + c]! - 255) * alpha;
              expect(blended).to.be.closeTo(drawn.data[p * 4 + c]!, 2);
            }
        },
      ),
    );
  });

  it('show nothing of a map that is the same everywhere', () => {
    for (const value of [0, 0.7]) {
      const map = mapOf([value, value, value, value], [2, 2]);
      expect(alphas(heatOf(map, { range: map.range, colormap: 'inferno', smooth: true }))).to.deep.equal([0, 0, 0, 0]);
      expect(alphas(heatOf(map, { range: [0, 1], colormap: 'inferno', smooth: true }))).to.deep.equal([0, 0, 0, 0]);
    }
  });

  it('show a weak map weak on another one’s scale', () => {
    const map = mapOf([0, 0.5, 1, 1], [2, 2]);
    expect(alphas(heatOf(map, { range: [0, 4], colormap: 'inferno', smooth: true }))).to.deep.equal([0, 32, 64, 64]);
  });
});

describe('Scales', () => {
  it('leave a map its own, unless it is near zero beside another', () => {
    const strong = mapOf([0, 2], [1, 2]);
    const weak = mapOf([0, 2 * FAINT * 0.9], [1, 2]);
    const peaks = new Peaks();
    expect(rangeBeside(strong, peaks.note('a', strong), false)).to.deep.equal({ range: strong.range });
    const drawn = rangeBeside(weak, peaks.note('a', weak), false);
    expect(drawn.range).to.deep.equal([0, 2]);
    expect(drawn.faint).to.be.closeTo(FAINT * 0.9, 1e-9);
    expect(rangeBeside(weak, 2, true)).to.deep.equal({ range: weak.range });
    expect(rangeBeside(weak, peaks.note('another layer', weak), false)).to.deep.equal({ range: weak.range });
    // A detector's score of 3, and a map of 6e-11: the same score of a map that is something.
    const [nothing, something] = [6e-11, 1e-3].map((peak) => ({ range: [0, peak] as const, signed: false }));
    const least = leastOf({ target: { text: 'person', value: -3 } });
    expect(rangeBeside(nothing!, least, false))
      .to.have.property('faint')
      .that.is.below(1e-3);
    expect(rangeBeside(something!, least, false)).to.deep.equal({ range: something!.range });
  });

  it('are one for maps that are compared, where the sign means the same', () => {
    const ranges = [mapOf([1, 3], [1, 2]), mapOf([0, 2], [1, 2])];
    expect(commonRange(ranges)).to.deep.equal([0, 3]);
    expect(commonRange([...ranges, mapOf([-1, 1], [1, 2], true)])).to.equal(undefined);
    expect(commonRange([])).to.equal(undefined);
  });

  it('are the same in raw values and in those of data', () => {
    const map = mapOf([2, 4, 6], [1, 3]);
    expect(inUnitsOfData([2, 6], map)).to.deep.equal([0, 1]);
    expect(inUnitsOfData([0, 10], map)).to.deep.equal([-0.5, 2]);
    expect(inUnitsOfData([-3, 3], mapOf([-1, 1], [1, 2], true))).to.deep.equal([-3, 3]);
  });
});

describe('The number under the pointer', () => {
  const map = mapOf([0, 1, 2, 3, 4, 5], [2, 3]);

  it('is the raw value of the cell there', () => {
    expect(cellAt(map, 0.99, 0.01)).to.deep.equal({ row: 0, column: 2, rows: 2, columns: 3, value: 2 });
    expect(cellAt(map, 0.4, 0.6)?.value).to.equal(4);
    for (const [x, y] of [
      [-0.01, 0.5],
      [0.5, 1],
      [Number.NaN, 0.5],
    ] as const)
      expect(cellAt(map, x, y)).to.equal(undefined);
  });

  it('is the largest magnitude over the channels, where there are several', () => {
    const gradient = { ...map, raw: { data: Float32Array.from([1, -2, 0.5, 1, -3, 0]), shape: [3, 1, 2] } };
    expect(readCell(gradient, 0, 0).value).to.equal(3);
    expect(readCell(gradient, 0, 1).value).to.equal(2);
  });

  it('is reached from the middle by steps that stay within', () => {
    const start = stepFrom(map, undefined, [0, 1]);
    expect([start.row, start.column]).to.deep.equal([1, 1]);
    const end = stepFrom(map, stepFrom(map, start, [1, 1]), [1, 1]);
    expect([end.row, end.column, end.value]).to.deep.equal([1, 2, 5]);
  });
});

describe('Contours', () => {
  const points = (path: string) =>
    [...path.matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)] as const);

  it('lie where the field has the level', () => {
    // The distance from the middle: the line at 6 is a circle.
    const size = 21;
    const field = Float32Array.from({ length: size * size }, (_, i) =>
      Math.hypot((i % size) - 10, Math.floor(i / size) - 10),
    );
    const found = points(contourPath(field, size, size, 6));
    expect(found.length).to.be.above(40);
    for (const [x, y] of found) expect(Math.hypot(x - 10.5, y - 10.5)).to.be.closeTo(6, 0.05);
  });

  it('are none where the level is never crossed, and go through saddles in two lines', () => {
    expect(contourPath([1, 1, 1, 1], 2, 2, 0.5)).to.equal('');
    expect(points(contourPath([1, 0, 0, 1], 2, 2, 0.5))).to.have.length(4);
  });
});
