import type { ModelBytes, Progress } from '@saywhy/core';
import type { SentFile, SentModel } from '../remote/protocol.js';
import { fetchBytes } from './download.js';

export interface LoadOptions {
  readonly cache: boolean;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export async function loadModel({ model, external }: SentModel, options: LoadOptions): Promise<ModelBytes> {
  const bytes = await readFile(model, 'model', options);
  const files = Object.entries(external).map(
    async ([location, file]) => [location, await readFile(file, location, options)] as const,
  );
  return { bytes, ...(files.length > 0 && { external: Object.fromEntries(await Promise.all(files)) }) };
}

async function readFile(file: SentFile, what: string, options: LoadOptions): Promise<Uint8Array> {
  if ('bytes' in file) return file.bytes;
  if ('blob' in file) return new Uint8Array(await file.blob.arrayBuffer());
  return fetchBytes(file.address, what, options);
}
