import { SaywhyError } from '../../errors.js';
import type { Rectangle } from '../../images/raster.js';
import type { Mask } from '../../types.js';
import type { View } from '../view.js';

/** Whether it is a rectangle with an extent. @throws SaywhyError `invalid-target` */
export function checkRectangle(box: Rectangle, what: string): Rectangle {
  const { x, y, width, height } = box ?? {};
  if ([x, y, width, height].every(Number.isFinite) && width > 0 && height > 0) return box;
  throw new SaywhyError(
    'invalid-target',
    `\`${what}\` is a rectangle { x, y, width, height } in pixels of the picture, not ${JSON.stringify(box)}.`,
  );
}

/**
 * Which places of a grid over what the model sees a mask holds: those whose centre lies in it.
 * @param size height and width of the grid
 * @throws SaywhyError `invalid-target`; `mask-shape` for a mask of another size than the picture, the model's input or the grid; `empty-mask`
 */
export function placesIn(mask: Mask, size: readonly number[], view: View): Uint8Array {
  const [height, width] = size as [number, number];
  const holds = holdsOf(mask, size, view);
  const places = new Uint8Array(height * width);
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at++) if (holds((x + 0.5) / width, (y + 0.5) / height)) places[at] = 1;
  if (places.includes(1)) return places;
  throw new SaywhyError(
    'empty-mask',
    `The mask holds none of the ${height} x ${width} places that the model scores. Is it within what the model sees of the picture, and large enough?`,
  );
}

/** Whether a mask holds a point, which is given in shares of what the model sees. */
function holdsOf(mask: Mask, size: readonly number[], view: View): (x: number, y: number) => boolean {
  const { region, picture, input } = view;
  if (typeof mask !== 'object' || mask === null || !('shape' in mask)) {
    const box = checkRectangle(mask, 'mask');
    return (x, y) => {
      const [px, py] = [region.x + x * region.width - box.x, region.y + y * region.height - box.y];
      return px >= 0 && px < box.width && py >= 0 && py < box.height;
    };
  }
  const { data, shape } = mask;
  const [rows = 0, columns = 0] = shape;
  if (shape.length !== 2 || data?.length !== rows * columns)
    throw new SaywhyError(
      'invalid-target',
      `A mask is a rectangle, or { data, shape: [height, width] } with a number for each place; this one has the shape [${shape}] and ${data?.length ?? 'no'} numbers.`,
    );
  const isOf = ([height, width]: readonly number[]) => rows === height && columns === width;
  const value = (x: number, y: number) =>
    x >= 0 && y >= 0 && x < columns && y < rows && data[Math.floor(y) * columns + Math.floor(x)] !== 0;
  if (isOf(picture)) return (x, y) => value(region.x + x * region.width, region.y + y * region.height);
  if (isOf(size) || isOf(input)) return (x, y) => value(x * columns, y * rows);
  throw new SaywhyError(
    'mask-shape',
    `The mask is ${rows} x ${columns}: it should be as the picture (${picture.join(' x ')}), the model's input (${input.join(' x ')}) or its scores (${size.join(' x ')}).`,
  );
}
