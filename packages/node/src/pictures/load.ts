import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { checkPicture, type Picture, SaywhyError } from '@saywhy/core';
import { decodePicture } from './decode.js';

/** A bitmap as jimp and its relatives hold it: `image.bitmap` is RGBA. */
export interface ImageLike {
  readonly bitmap: Picture;
}

/**
 * What can be explained as a picture: a path; a URL (`file:`, `data:`, `http:` or `https:`; only an address that you give
 * is ever fetched); the bytes of a file; a Blob or File; decoded RGBA pixels `{ data, width, height }`; a jimp image.
 */
export type PictureSource = string | URL | Uint8Array | ArrayBuffer | Blob | Picture | ImageLike;

/**
 * Loads and decodes a picture, upright, RGBA.
 * @throws SaywhyError `file-not-found`, `not-a-file`, `unreadable-file`, `fetch-failed`, `not-a-picture`, `invalid-picture`,
 *   `picture-too-large`, `unsupported-picture`; each names the picture.
 */
export async function loadPicture(
  source: PictureSource,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Picture> {
  if (typeof source === 'string' || source instanceof URL) {
    const address = String(source);
    if (/^(https?|data):/i.test(address)) return decodePicture(...(await download(address, options.signal)));
    const path = /^file:/i.test(address) ? fileURLToPath(address) : address;
    return decodePicture(await readBytes(path, 'picture'), path);
  }
  if (source instanceof ArrayBuffer) return decodePicture(new Uint8Array(source), 'The picture');
  if (source instanceof Uint8Array) return decodePicture(source, 'The picture');
  if (source instanceof Blob) {
    const name = 'name' in source && typeof source.name === 'string' && source.name ? source.name : 'The picture';
    return decodePicture(new Uint8Array(await source.arrayBuffer()), name);
  }
  if (typeof source === 'object' && source !== null) {
    if ('bitmap' in source) return checkPicture(source.bitmap);
    if ('data' in source) return checkPicture(source);
  }
  throw new SaywhyError(
    'invalid-picture',
    'A picture is a path, a URL, the bytes of a file (Buffer, Uint8Array, ArrayBuffer, Blob), or RGBA pixels as { data, width, height }.',
  );
}

/**
 * The bytes of a file.
 * @param what the kind of file that is expected there, for the error
 * @throws SaywhyError `file-not-found`, `not-a-file`, `unreadable-file`
 */
export async function readBytes(path: string, what: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const cause = { cause: error };
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new SaywhyError('file-not-found', `There is no ${what} ${path}.`, cause);
    }
    if (code === 'EISDIR') throw new SaywhyError('not-a-file', `${path} is a folder, not a ${what}.`, cause);
    throw new SaywhyError('unreadable-file', `${path} cannot be read: ${(error as Error).message}.`, cause);
  }
}

async function download(address: string, signal: AbortSignal | undefined): Promise<[Uint8Array, string]> {
  const name = address.startsWith('data:') ? 'The data URL' : address;
  const failed = (reason: string, cause?: unknown): SaywhyError =>
    new SaywhyError('fetch-failed', `${name} could not be fetched: ${reason}.`, { cause });
  try {
    const response = await fetch(address, signal ? { signal } : {});
    if (!response.ok) throw failed(`the server answered ${response.status} ${response.statusText}`.trim());
    return [new Uint8Array(await response.arrayBuffer()), name];
  } catch (error) {
    if (error instanceof SaywhyError || signal?.aborted) throw error;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw failed(cause instanceof Error ? cause.message : String(cause), error);
  }
}
