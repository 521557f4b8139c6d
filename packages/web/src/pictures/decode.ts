// From what the page sent to RGBA pixels, in the worker.
import { type Picture, SaywhyError } from '@saywhy/core';
import { fetchBytes } from '../models/download.js';
import type { SentPicture } from '../remote/protocol.js';
import { asStored } from './shared.js';

/** A picture with more pixels than this is refused: 100 megapixels are 400 MB once decoded. */
const MAX_PIXELS = 100_000_000;

/** @throws SaywhyError `fetch-failed`, `not-a-picture`, `invalid-picture`, `picture-too-large`, `tainted-picture`; each names the picture */
export async function decodePicture(sent: SentPicture, name: string): Promise<Picture> {
  if ('pixels' in sent) return sent.pixels as Picture;
  if ('bitmap' in sent) return pixelsOf(sent.bitmap, name);
  const blob = 'blob' in sent ? sent.blob : new Blob([await fetchBytes(sent.address, name)]);
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(blob, asStored);
  } catch (error) {
    throw new SaywhyError('invalid-picture', `${name} cannot be decoded.`, { cause: error });
  }
  return pixelsOf(bitmap, name);
}

function pixelsOf(bitmap: ImageBitmap, name: string): Picture {
  const { width, height } = bitmap;
  try {
    if (width * height > MAX_PIXELS)
      throw new SaywhyError('picture-too-large', `${name} has ${width} x ${height} pixels.`);
    const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
    context.drawImage(bitmap, 0, 0);
    return { data: context.getImageData(0, 0, width, height).data, width, height };
  } finally {
    bitmap.close();
  }
}
