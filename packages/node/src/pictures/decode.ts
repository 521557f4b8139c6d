import type { Picture } from '@saywhy/core';
import { readPicture } from '@saywhy/core/pictures';
import { decode } from './codecs.js';

/**
 * Decodes a file's bytes and turns the picture upright, once.
 * @param name what to call the picture in an error: its path, mostly
 * @throws SaywhyError `not-a-picture`, `invalid-picture` (damaged or cut off), `picture-too-large`, `unsupported-picture`
 */
export function decodePicture(bytes: Uint8Array, name: string): Promise<Picture> {
  return readPicture(bytes, name, async (format, file, header) => ({
    picture: await decode(format, file, header),
    upright: false,
  }));
}
