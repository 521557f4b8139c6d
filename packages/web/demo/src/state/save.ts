// Files of an answer: the overlay at the picture's own size, the raw map, and what is needed to get it again.
import type { Picture } from '@saywhy/core';
import { encodeNpy } from '@saywhy/core/npy';
import { overlay } from '@saywhy/core/render';
import { isFine } from '../drawing/heat.js';
import { view } from './desk.js';
import { download } from './download.js';
import { LEVELS } from './levels.js';
import type { Keepsake } from './shown.js';

export async function saveOverlay(what: Keepsake): Promise<void> {
  const { map, explanation, range = map.range } = what;
  const { opacity, colormap, smooth, contours, base } = view.peek();
  const picture = await decode(await what.picture.blob());
  const region = explanation.region ?? { x: 0, y: 0, width: picture.width, height: picture.height };
  const under = base === 'hidden' ? black(picture) : isFine(map) && base === 'color' ? darkGray(picture) : picture;
  const { data, width, height } = overlay(under, map, region, {
    opacity,
    smooth,
    range,
    base: base === 'gray' ? 'gray' : 'color',
    ...(!map.signed && { colormap }),
    ...(contours && !isFine(map) && { contours: LEVELS }),
  });
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d')!.putImageData(new ImageData(data, width, height), 0, 0);
  download(await canvas.convertToBlob({ type: 'image/png' }), `${fileName(what)}.png`);
}

export function saveMap(what: Keepsake): void {
  const { data, shape } = what.map.raw;
  download(new Blob([encodeNpy({ data, shape })]), `${fileName(what)}.npy`);
}

/** What the command line's `--json` says of a map; the files are those that the page saves. */
export function saveJson(what: Keepsake): void {
  const { explanation, map, picture, evidence } = what;
  const { model, device, texts, caption, predictions, region, timings, warnings, provenance } = explanation;
  const [height, width] = map.shape;
  const name = fileName(what);
  const entry = {
    image: picture.name,
    model,
    device,
    method: map.method,
    layer: map.layer.name,
    target: { ...map.target, evidence },
    texts,
    caption,
    predictions,
    map: { width, height, range: map.range, signed: map.signed },
    region,
    files: { overlay: `${name}.png`, raw: `${name}.npy` },
    timings,
    warnings,
    provenance,
  };
  download(new Blob([JSON.stringify(entry, undefined, 2)], { type: 'application/json' }), `${name}.json`);
}

async function decode(blob: Blob): Promise<Picture> {
  const bitmap = await createImageBitmap(blob, { imageOrientation: 'from-image' });
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, width, height);
}

/** How much of its brightness the photograph under a fine map keeps; the style sheet says the same. */
const KEPT = 0.45;

function darkGray({ data, width, height }: Picture): Picture {
  const dark = new Uint8ClampedArray(data.length);
  for (let i = 0; i < data.length; i += 4) {
    dark.fill((0.299 * data[i]! + 0.587 * data[i + 1]! + 0.114 * data[i + 2]!) * KEPT, i, i + 3);
    dark[i + 3] = 255;
  }
  return { data: dark, width, height };
}

function black({ width, height }: Picture): Picture {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let i = 3; i < data.length; i += 4) data[i] = 255;
  return { data, width, height };
}

/** As the command line calls its files: picture, method, class. */
function fileName({ picture, map }: Keepsake): string {
  const name = picture.name.replace(/\.[a-z]+$/i, '');
  return [name, map.method, map.target.text].map((part) => part.replace(/[^\p{L}\p{N}.+-]+/gu, '-')).join('_');
}
