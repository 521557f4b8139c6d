import type { Rectangle } from '@saywhy/core';
import type { PictureSize } from '../state/pictures.js';

/** Where a part of the picture lies on it, as a style. */
export function placed({ x, y, width, height }: Rectangle, size: PictureSize): Record<string, string> {
  const share = (value: number, of: number): string => `${((100 * value) / of).toFixed(4)}%`;
  return {
    left: share(x, size.width),
    top: share(y, size.height),
    width: share(width, size.width),
    height: share(height, size.height),
  };
}
