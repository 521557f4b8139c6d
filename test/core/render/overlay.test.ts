import { expect } from 'chai';
import fc from 'fast-check';
import {
  type Picture,
  parsePreprocess,
  preprocess,
  type Rectangle,
  resizeMap,
} from '../../../packages/core/src/images/index.js';
import { applyOrientation } from '../../../packages/core/src/images/orientation.js';
import { type OverlayMap, overlay, placeMap } from '../../../packages/core/src/render/index.js';
import { golden, largestDifference, solid, whole } from '../images/goldens.js';

/** A map of zeros with one hot cell. */
function hot(rows: number, columns: number, row: number, column: number): OverlayMap {
  const data = new Float32Array(rows * columns);
  data[row * columns + column] = 1;
  return { data, shape: [rows, columns], signed: false, range: [0, 1] };
}

/** The smallest rectangle that holds all pixels with the property. */
function bounds(picture: Picture, holds: (r: number, g: number, b: number) => boolean): Rectangle {
  let [left, top, right, bottom] = [Infinity, Infinity, -1, -1];
  for (let i = 0; i < picture.width * picture.height; i++) {
    const [r, g, b] = picture.data.subarray(i * 4, i * 4 + 3) as unknown as [number, number, number];
    if (!holds(r, g, b)) continue;
    const [x, y] = [i % picture.width, Math.floor(i / picture.width)];
    [left, top] = [Math.min(left, x), Math.min(top, y)];
    [right, bottom] = [Math.max(right, x), Math.max(bottom, y)];
  }
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

const gray = solid(100, 60, [100, 100, 100]);

describe('overlay', () => {
  it('colours the rectangle of the hot cell, dims what was not seen, and leaves the rest', () => {
    const region = { x: 20, y: 0, width: 60, height: 60 };
    const drawn = overlay(gray, hot(6, 6, 1, 4), region, { smooth: false, opacity: 1, dim: 0.5 });
    // Cells are 10 pixels a side; inferno ends in pale yellow.
    expect(bounds(drawn, (r) => r > 200)).to.deep.equal({ x: 60, y: 10, width: 10, height: 10 });
    expect(bounds(drawn, (r) => r === 50)).to.deep.equal({ x: 0, y: 0, width: 100, height: 60 });
    expect(bounds(drawn, (r, g, b) => r !== 50 && g !== 50 && b !== 50)).to.deep.equal(region);
    expect([...drawn.data.subarray((30 * 100 + 30) * 4, (30 * 100 + 30) * 4 + 4)]).to.deep.equal([100, 100, 100, 255]);
  });

  it('lies where preprocessing says, after a camera held sideways', () => {
    // Upright 60 x 100; as stored, lying on its side.
    const upright = solid(60, 100, [90, 90, 90]);
    const stored = applyOrientation(upright, 8);
    const picture = applyOrientation(stored, 6);
    const { region } = preprocess(
      picture,
      parsePreprocess({ steps: [{ resize: { shortest: 24 } }, { crop: [24, 24] }] }),
    );
    const drawn = overlay(picture, hot(4, 4, 3, 0), region, { smooth: false, opacity: 1 });
    expect([drawn.width, drawn.height]).to.deep.equal([60, 100]);
    // 24 x 40, cropped 8 from the top: 20 to 80 of 100 is seen, cells are 15 a side.
    expect(bounds(drawn, (r) => r > 200)).to.deep.equal({ x: 0, y: 65, width: 15, height: 15 });
  });

  it('reaches past the picture where the model saw padding', () => {
    const region = { x: 0, y: -20, width: 100, height: 100 };
    const drawn = overlay(gray, hot(5, 5, 0, 2), region, { smooth: false, opacity: 1 });
    expect(drawn.data.every((value, i) => (i % 4 === 3 ? value === 255 : value === 100))).to.equal(true);
    const next = overlay(gray, hot(5, 5, 1, 2), region, { smooth: false, opacity: 1 });
    expect(bounds(next, (r) => r > 200)).to.deep.equal({ x: 40, y: 0, width: 20, height: 20 });
  });

  it('does not colour a constant map', () => {
    const zeros = new Float32Array(9);
    for (const value of [0, 0.7, 1e-12]) {
      const raw = { data: zeros.map(() => value), shape: [3, 3] };
      for (const data of [zeros, raw.data]) {
        for (const [signed, smooth] of [
          [false, false],
          [false, true],
          [value === 0, false],
          [value === 0, true],
        ] as const) {
          const drawn = overlay(gray, { data, shape: [3, 3], signed, range: [value, value], raw }, whole(gray), {
            smooth,
          });
          expect(largestDifference(drawn.data, gray.data), `${value}`).to.equal(0);
        }
      }
    }
  });

  it('shows both signs, each as strongly as its magnitude', () => {
    const map = { data: Float32Array.of(-1, 0, 1, 0.5), shape: [1, 4], signed: true, range: [-1, 1] as const };
    const { data } = overlay(gray, map, whole(gray), { smooth: false, opacity: 1 });
    const at = (x: number): number[] => [...data.subarray((30 * 100 + x) * 4, (30 * 100 + x) * 4 + 3)];
    expect(at(10)[2]! - at(10)[0]!).to.be.above(100);
    expect(at(35)).to.deep.equal([100, 100, 100]);
    expect(at(60)[0]! - at(60)[2]!).to.be.above(100);
    const half = at(85);
    expect(half[0]! - half[2]!).to.be.within(20, 100);
  });

  it('takes one range for maps that are compared', () => {
    const weak = { data: Float32Array.of(0, 1), shape: [1, 2], signed: false, range: [3, 3.1] as const };
    const whole0 = whole(gray);
    const changed = (drawn: Picture): number => Math.abs(drawn.data[(30 * 100 + 85) * 4]! - 100);
    expect(changed(overlay(gray, weak, whole0, { opacity: 1 }))).to.be.above(100);
    const shared = overlay(gray, weak, whole0, { opacity: 1, range: [3, 4] });
    expect(changed(shared)).to.be.within(1, 20);
    // The layer's own cells, in raw values, tell the same.
    const raw = { data: Float32Array.of(3, 3.1), shape: [1, 2] };
    const native = overlay(gray, { ...weak, raw }, whole0, { opacity: 1, smooth: false, range: [3, 4] });
    expect(
      largestDifference(native.data.subarray(75 * 4, 100 * 4), shared.data.subarray(75 * 4, 100 * 4)),
    ).to.be.at.most(1);
  });

  it('shows the cells of the layer where it is not to be smooth', () => {
    const smooth = { data: resizeMap(Float32Array.of(0, 0, 0, 1), [2, 2], [60, 100]), shape: [60, 100] };
    const map = {
      ...smooth,
      signed: false,
      range: [0, 8] as const,
      raw: { data: Float32Array.of(0, 0, 0, 8), shape: [2, 2] },
    };
    const drawn = overlay(gray, map, whole(gray), { smooth: false, opacity: 1 });
    expect(bounds(drawn, (r, g, b) => r !== 100 || g !== 100 || b !== 100)).to.deep.equal({
      x: 50,
      y: 30,
      width: 50,
      height: 30,
    });
    // A gradient method's raw map has channels: its cells are those of the map itself.
    const channels = { data: new Float32Array(3 * 4), shape: [3, 2, 2] };
    expect(
      overlay(gray, { ...map, raw: channels }, whole(gray), { smooth: false }).data[(59 * 100 + 99) * 4],
    ).to.be.above(150);
  });

  it('draws a contour around the half of the hottest value', () => {
    const data = new Float32Array(100 * 60);
    for (let i = 0; i < data.length; i++) {
      data[i] = Math.max(0, 1 - Math.hypot((i % 100) + 0.5 - 50, Math.floor(i / 100) + 0.5 - 30) / 40);
    }
    const map = { data, shape: [60, 100], signed: false, range: [0, 1] as const };
    const lines = overlay(gray, map, whole(gray), { opacity: 0, contours: [0.5] });
    const box = bounds(lines, (r) => r > 150);
    expect(box.width).to.be.closeTo(40, 2);
    expect(box.height).to.be.closeTo(40, 2);
  });

  it('draws on gray where asked', () => {
    const drawn = overlay(golden('gradient'), hot(2, 2, 0, 0), whole(golden('gradient')), { base: 'gray', opacity: 0 });
    for (let i = 0; i < drawn.data.length; i += 4)
      expect(drawn.data[i])
        .to.equal(drawn.data[i + 1])
        .and.equal(drawn.data[i + 2]);
  });

  it('names what is wrong', () => {
    const map = hot(2, 2, 0, 0);
    const region = whole(gray);
    expect(() => overlay(gray, { ...map, shape: [4] }, region))
      .to.throw('not [4] with 4 values')
      .with.property('code', 'invalid-map');
    expect(() => overlay(gray, map, { ...region, width: 0 }))
      .to.throw('no area')
      .with.property('code', 'invalid-map');
    expect(() => overlay(gray, map, region, { opacity: 2 }))
      .to.throw('opacity is from 0 to 1, not 2')
      .with.property('code', 'invalid-option');
  });
});

describe('placeMap', () => {
  const side = fc.integer({ min: 1, max: 12 });
  const cells = fc.float({ min: -10, max: 10, noNaN: true });

  it('is resizeMap where the region is the whole picture', () => {
    fc.assert(
      fc.property(side, side, side, side, fc.infiniteStream(cells), (rows, columns, height, width, values) => {
        const data = Float32Array.from({ length: rows * columns }, () => values.next().value as number);
        const placed = placeMap(
          { data, shape: [rows, columns] },
          { x: 0, y: 0, width, height },
          { width, height },
          true,
        );
        expect(largestDifference(placed, resizeMap(data, [rows, columns], [height, width]))).to.be.below(1e-5);
      }),
    );
  });

  it('moves with the region and has no value outside it', () => {
    fc.assert(
      fc.property(
        side,
        side,
        fc.integer({ min: 0, max: 7 }),
        fc.integer({ min: 0, max: 7 }),
        fc.boolean(),
        (rows, columns, x, y, smooth) => {
          const data = Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i * 7));
          const map = { data, shape: [rows, columns] };
          const region = { x: 0, y: 0, width: 13, height: 9 };
          const still = placeMap(map, region, { width: 20, height: 16 }, smooth);
          const moved = placeMap(map, { ...region, x, y }, { width: 20, height: 16 }, smooth);
          moved.forEach((value, i) => {
            const [u, v] = [(i % 20) - x, Math.floor(i / 20) - y];
            const inside = u >= 0 && u < 13 && v >= 0 && v < 9;
            expect(Number.isNaN(value)).to.equal(!inside);
            if (inside) expect(value).to.be.closeTo(still[v * 20 + u]!, 1e-6);
          });
        },
      ),
    );
  });
});
