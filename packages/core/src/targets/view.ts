// From places of a picture to places of what the model sees.
import type { Rectangle } from '../images/raster.js';

/** How the model's input lies on the picture. */
export interface View {
  /** Height and width of the picture in pixels; of a tensor, its own. */
  readonly picture: readonly [height: number, width: number];
  /** What of it the model sees, in its pixels. */
  readonly region: Rectangle;
  /** Height and width of the model's input. */
  readonly input: readonly [height: number, width: number];
}

/** A rectangle of the picture in shares of what the model sees. */
export function toShares(box: Rectangle, { region }: View): Rectangle {
  return {
    x: (box.x - region.x) / region.width,
    y: (box.y - region.y) / region.height,
    width: box.width / region.width,
    height: box.height / region.height,
  };
}

/** The way back. */
export function toPixels(box: Rectangle, { region }: View): Rectangle {
  return {
    x: region.x + box.x * region.width,
    y: region.y + box.y * region.height,
    width: box.width * region.width,
    height: box.height * region.height,
  };
}
