// From what the page sent to RGBA pixels, in the worker.
import { type Picture, SaywhyError, unchangingPicture } from '@saywhy/core';
import { type Decode, MAX_PIXELS, type PictureHeader, readPicture } from '@saywhy/core/pictures';
import { download } from '../models/download.js';
import type { SentPicture } from '../remote/protocol.js';
import { readDataUrl } from './data-url.js';
import { pixelsOf } from './pixels.js';
import { asStored } from './shared.js';

/**
 * @param name what to call the picture in an error
 * @throws SaywhyError `fetch-failed`, and what `readPicture` throws
 */
export async function decodePicture(sent: SentPicture, name: string): Promise<Picture> {
  if ('pixels' in sent) return sent.pixels as Picture;
  if ('bitmap' in sent) return unchangingPicture(fromBitmap(sent.bitmap, name));
  return unchangingPicture(await readPicture(await bytesOf(sent), name, decode));
}

async function bytesOf(sent: { readonly blob: Blob } | { readonly address: string }): Promise<Uint8Array> {
  if ('blob' in sent) return new Uint8Array(await sent.blob.arrayBuffer());
  if (sent.address.startsWith('data:')) return readDataUrl(sent.address);
  return (await download(sent.address, { what: sent.address })).bytes;
}

/**
 * Every browser turns a JPEG as it says itself. Of PNG and WebP some do and some do not (Chromium leaves WebP, WebKit both): those are decoded without the
 * remark and turned here. WebKit leaves AVIF, too, which can be seen where rows and columns change places.
 */
const decode: Decode = async (format, bytes, header) => {
  const byUs = format === 'PNG' || format === 'WebP';
  const file = byUs ? withoutRemark(format, bytes, header) : bytes;
  const picture = fromBitmap(
    await createImageBitmap(new Blob([file as Uint8Array<ArrayBuffer>]), asStored),
    `The ${format} file`,
  );
  const left = byUs || (header.orientation > 4 && picture.width === header.width && picture.height === header.height);
  return { picture, upright: !left };
};

function withoutRemark(format: 'PNG' | 'WebP', bytes: Uint8Array, { exif }: PictureHeader): Uint8Array {
  if (!exif) return bytes;
  const { start, end } = exif;
  const file = bytes.slice();
  // A chunk of WebP that nobody knows is skipped; PNG's have a checksum, so it is cut out.
  if (format === 'WebP') return file.fill(0x78, start, start + 4);
  return file.copyWithin(start, end).subarray(0, bytes.length - (end - start));
}

function fromBitmap(bitmap: ImageBitmap, name: string): Picture {
  const { width, height } = bitmap;
  try {
    if (width * height > MAX_PIXELS)
      throw new SaywhyError(
        'picture-too-large',
        `${name} has ${width} x ${height} pixels; the limit is ${MAX_PIXELS / 1e6} megapixels. Make it smaller first: models see a few hundred pixels a side.`,
      );
    return { data: pixelsOf(bitmap), width, height };
  } finally {
    bitmap.close();
  }
}
