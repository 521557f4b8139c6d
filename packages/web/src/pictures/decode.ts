// From what the page sent to RGBA pixels, in the worker.
import { type Picture, pictureFormat, SaywhyError, unchangingPicture } from '@saywhy/core';
import { download } from '../models/download.js';
import type { SentPicture } from '../remote/protocol.js';
import { readDataUrl } from './data-url.js';
import { pixelsOf } from './pixels.js';
import { asStored } from './shared.js';

/** A picture with more pixels than this is refused: 100 megapixels are 400 MB once decoded. */
const MAX_PIXELS = 100_000_000;

/**
 * @param name what to call the picture in an error
 * @throws SaywhyError `fetch-failed`, `not-a-picture`, `invalid-picture`, `picture-too-large`
 */
export async function decodePicture(sent: SentPicture, name: string): Promise<Picture> {
  if ('pixels' in sent) return sent.pixels as Picture;
  const bitmap = 'bitmap' in sent ? sent.bitmap : await bitmapOf(await fileOf(sent), name);
  try {
    const { width, height } = bitmap;
    if (width * height > MAX_PIXELS)
      throw new SaywhyError(
        'picture-too-large',
        `${name} has ${width} x ${height} pixels, ${Math.round((width * height) / 1e6)} megapixels; the limit is ${MAX_PIXELS / 1e6}. Make it smaller first: models see a few hundred pixels a side.`,
      );
    return unchangingPicture({ data: pixelsOf(bitmap), width, height });
  } finally {
    bitmap.close();
  }
}

async function fileOf(sent: { readonly blob: Blob } | { readonly address: string }): Promise<Blob> {
  if ('blob' in sent) return sent.blob;
  if (sent.address.startsWith('data:')) return readDataUrl(sent.address);
  const { bytes } = await download(sent.address, { what: sent.address });
  return new Blob([bytes]);
}

async function bitmapOf(file: Blob, name: string): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file, asStored);
  } catch (error) {
    const format = pictureFormat(new Uint8Array(await file.slice(0, 512).arrayBuffer()), name);
    throw new SaywhyError(
      'invalid-picture',
      `${name} is a ${format} file that this browser cannot decode: it is damaged, was not copied whole, or is of a kind that the browser does not know. Save it anew as PNG.`,
      { cause: error },
    );
  }
}
