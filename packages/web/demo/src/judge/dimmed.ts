// A picture in which only what the map shows is bright, as the paper shows it to people.
import type { ExplanationMap, Rectangle } from '@saywhy/core';

/** What is left of the light where the map is zero: enough to see that there is something, not what. */
const LEFT = 0.1;

/** From 0 to 1 for each value of the map: how much light there is. */
export const lightOf = ({ data }: ExplanationMap): Float32Array =>
  data.map((value) => LEFT + (1 - LEFT) * Math.min(1, Math.abs(value)));

/** Draws the picture at its own size; outside the part that the model saw it is dark. */
export async function drawDimmed(
  canvas: HTMLCanvasElement,
  picture: Blob,
  map: ExplanationMap,
  region: Rectangle | undefined,
): Promise<void> {
  const bitmap = await createImageBitmap(picture, { imageOrientation: 'from-image' });
  const { width, height } = bitmap;
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d')!;
  const seen = region ?? { x: 0, y: 0, width, height };
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  context.imageSmoothingQuality = 'high';
  context.drawImage(darkness(map), seen.x, seen.y, seen.width, seen.height);
  context.globalAlpha = 1 - LEFT;
  context.beginPath();
  context.rect(0, 0, width, height);
  context.rect(seen.x, seen.y, seen.width, seen.height);
  context.fill('evenodd');
}

/** Black, the more opaque the less light there is. */
function darkness(map: ExplanationMap): OffscreenCanvas {
  const [height, width] = map.shape.slice(-2) as [number, number];
  const pixels = new ImageData(width, height);
  lightOf(map).forEach((light, i) => {
    pixels.data[i * 4 + 3] = Math.round(255 * (1 - light));
  });
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d')!.putImageData(pixels, 0, 0);
  return canvas;
}
