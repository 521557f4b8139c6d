// The place whose number is read: under the pointer, or where the arrow keys went.
import { signal } from '@preact/signals';
import type { Rectangle } from '@saywhy/core';
import type { Readout } from '../drawing/readout.js';
import type { PictureSize } from './pictures.js';

/** As shares of the picture's width and height. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

export const probe = signal<Spot | undefined>(undefined);

/** From shares of the picture to shares of what the model saw of it. */
export function inRegion({ x, y }: Spot, region: Rectangle, { width, height }: PictureSize): Spot {
  return { x: (x * width - region.x) / region.width, y: (y * height - region.y) / region.height };
}

/** The middle of a cell, as shares of the picture. */
export function middleOf({ row, column, rows, columns }: Readout, region: Rectangle, size: PictureSize): Spot {
  return {
    x: (region.x + ((column + 0.5) / columns) * region.width) / size.width,
    y: (region.y + ((row + 0.5) / rows) * region.height) / size.height,
  };
}
