// Two photographs in one square, each in a half of it.
import type { DiscriminationTrial } from './plan.js';

/** Pixels of a side: two halves of 448 by 224 have as much to see as a classifier's input holds. */
const SIDE = 448;

/** @param pictures of the trial's things, in their order */
export async function compose(pictures: readonly [Blob, Blob], { arrangement }: DiscriminationTrial): Promise<Blob> {
  const canvas = new OffscreenCanvas(SIDE, SIDE);
  const context = canvas.getContext('2d')!;
  context.imageSmoothingQuality = 'high';
  const half = SIDE / 2;
  for (const [i, picture] of pictures.entries()) {
    const bitmap = await createImageBitmap(picture, { imageOrientation: 'from-image' });
    const [x, y, width, height] = arrangement === 'stacked' ? [0, i * half, SIDE, half] : [i * half, 0, half, SIDE];
    const cut = cover(bitmap, width / height);
    context.drawImage(bitmap, cut.x, cut.y, cut.width, cut.height, x, y, width, height);
    bitmap.close();
  }
  return canvas.convertToBlob({ type: 'image/png' });
}

/** The largest part of a picture that has these proportions, from its middle. */
function cover({ width, height }: ImageBitmap, ratio: number) {
  const wide = Math.min(width, height * ratio);
  const high = Math.min(height, width / ratio);
  return { x: (width - wide) / 2, y: (height - high) / 2, width: wide, height: high };
}
