// Where things are: in the picture's own pixels as people mark them, and in the model's view as maps have it.
import { SaywhyError } from '../errors.js';
import type { Rectangle } from '../images/raster.js';
import { countOf } from '../tensors/numbers.js';

/** Left, top, right, bottom in pixels of the picture; the right and bottom edges are outside. */
export type Box = readonly [left: number, top: number, right: number, bottom: number];

/** A part of a picture: boxes, or the pixels of some labels (any above 0 where `ids` is left out) of a picture of labels as large as the picture. */
export type Area =
  | { readonly boxes: readonly Box[] }
  | {
      readonly labels: Uint8Array | Uint8ClampedArray;
      readonly width: number;
      readonly height: number;
      readonly ids?: readonly number[];
    };

/** Row by row, 1 inside and 0 outside, in the frame of a map. */
export interface Mask {
  readonly data: Uint8Array;
  readonly shape: readonly number[];
}

/**
 * An area as the model sees it: each cell of the map asks what lies under its centre.
 * @param region what of the picture the model sees, as explanations tell
 * @param shape the map's [height, width]
 * @throws SaywhyError `invalid-argument`
 */
export function maskOf(area: Area, region: Rectangle, [height, width]: readonly number[]): Mask {
  const inside = insideOf(area);
  const data = new Uint8Array(height! * width!);
  for (let y = 0, i = 0; y < height!; y++)
    for (let x = 0; x < width!; x++, i++) {
      const left = region.x + ((x + 0.5) * region.width) / width!;
      const top = region.y + ((y + 0.5) * region.height) / height!;
      data[i] = inside(left, top) ? 1 : 0;
    }
  return { data, shape: [height!, width!] };
}

function insideOf(area: Area): (x: number, y: number) => boolean {
  if ('boxes' in area) {
    for (const box of area.boxes)
      if (box.length !== 4 || !(box[0] < box[2] && box[1] < box[3]))
        throw new SaywhyError('invalid-argument', `A box is [left, top, right, bottom], not [${box}].`);
    return (x, y) => area.boxes.some(([left, top, right, bottom]) => x >= left && x < right && y >= top && y < bottom);
  }
  const { labels, width, height, ids } = area;
  if (labels.length !== width * height)
    throw new SaywhyError(
      'invalid-argument',
      `A picture of ${width} x ${height} labels holds ${width * height} of them, not ${labels.length}.`,
    );
  const wanted = ids && new Set(ids);
  return (x, y) => {
    if (!(x >= 0 && y >= 0 && x < width && y < height)) return false;
    const label = labels[Math.floor(y) * width + Math.floor(x)]!;
    return wanted ? wanted.has(label) : label > 0;
  };
}

/** The smallest box around what is 1, in cells; undefined where nothing is. */
export function boxAround({ data, shape }: Mask): Box | undefined {
  const width = shape[1]!;
  let box: [number, number, number, number] | undefined;
  for (let i = 0; i < data.length; i++) {
    if (!data[i]) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    box = box
      ? [Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x + 1), Math.max(box[3], y + 1)]
      : [x, y, x + 1, y + 1];
  }
  return box;
}

/** @throws SaywhyError `invalid-argument` where a mask and a map do not lie on each other */
export function checkFrame(map: { readonly shape: readonly number[] }, mask: Mask): void {
  if (map.shape.join() === mask.shape.join() && countOf(mask.shape) === mask.data.length) return;
  throw new SaywhyError('invalid-argument', `The map is [${map.shape}] and the mask [${mask.shape}].`);
}
