import { SaywhyError } from '../errors.js';
import type { Rectangle } from '../images/raster.js';

/** A map laid over the rectangle of a picture that it speaks of. */
export interface HeatMap {
  /** One value a cell, row by row from the top left. */
  readonly data: Float32Array;
  /** [height, width] in cells. */
  readonly shape: readonly number[];
}

/** For each pixel along one side: the two cells it lies between and the share of the second; -1 outside the region. */
interface Axis {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly share: Float32Array;
}

/**
 * The map's value at every pixel of a picture, NaN where the pixel's centre lies outside `region`. Smooth: linear
 * between the centres of cells; otherwise the cell that the pixel lies in. Cells that are no number count as `blank`.
 * @throws SaywhyError `invalid-map` when the map is not two-dimensional or the region has no area.
 */
export function placeMap(
  map: HeatMap,
  region: Rectangle,
  picture: { readonly width: number; readonly height: number },
  smooth: boolean,
  blank = 0,
): Float32Array {
  const [rows, columns] = map.shape;
  if (map.shape.length !== 2 || rows! * columns! !== map.data.length || map.data.length === 0) {
    throw new SaywhyError(
      'invalid-map',
      `An overlay takes a map of shape [height, width], not [${map.shape}] with ${map.data.length} values.`,
    );
  }
  if (!(region.width > 0 && region.height > 0 && Number.isFinite(region.x + region.y + region.width + region.height))) {
    throw new SaywhyError('invalid-map', `A map cannot lie on the region ${JSON.stringify(region)}: it has no area.`);
  }
  const cells = map.data.map((value) => (Number.isNaN(value) ? blank : value));
  const across = axisOf(picture.width, region.x, region.width, columns!, smooth);
  const down = axisOf(picture.height, region.y, region.height, rows!, smooth);
  const out = new Float32Array(picture.width * picture.height).fill(Number.NaN);
  const row = new Float32Array(columns!);
  for (let y = 0; y < picture.height; y++) {
    if (down.low[y]! < 0) continue;
    const upper = down.low[y]! * columns!;
    const lower = down.high[y]! * columns!;
    for (let c = 0; c < columns!; c++) {
      row[c] = cells[upper + c]! + (cells[lower + c]! - cells[upper + c]!) * down.share[y]!;
    }
    for (let x = 0, to = y * picture.width; x < picture.width; x++, to++) {
      const low = across.low[x]!;
      if (low >= 0) out[to] = row[low]! + (row[across.high[x]!]! - row[low]!) * across.share[x]!;
    }
  }
  return out;
}

function axisOf(pixels: number, start: number, length: number, cells: number, smooth: boolean): Axis {
  const low = new Int32Array(pixels).fill(-1);
  const high = new Int32Array(pixels);
  const share = new Float32Array(pixels);
  for (let i = 0; i < pixels; i++) {
    const position = ((i + 0.5 - start) / length) * cells;
    if (position < 0 || position >= cells) continue;
    const centered = smooth ? Math.max(0, position - 0.5) : Math.floor(position);
    low[i] = Math.floor(centered);
    high[i] = Math.min(cells - 1, low[i]! + 1);
    share[i] = centered - low[i]!;
  }
  return { low, high, share };
}
