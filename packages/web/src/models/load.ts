// The model's bytes, in the worker: from the page, from the network, or from what was kept.
import { externalLocations, type ModelBytes, parseModel } from '@saywhy/autodiff';
import { type Progress, refuseOtherFiles, SaywhyError } from '@saywhy/core';
import type { SentFile, SentModel } from '../remote/protocol.js';
import { findCached, hashOf, keep, readCached } from './cache.js';
import { download, versionOf } from './download.js';

export interface LoadOptions {
  readonly cache: boolean;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/**
 * @throws SaywhyError `not-a-model`, `invalid-model`, `fetch-failed`, `wrong-hash`, `external-data-missing`
 */
export async function loadModel({ model, external, sha256 }: SentModel, options: LoadOptions): Promise<ModelBytes> {
  const bytes = await readFile(model, sha256, options);
  const name = 'address' in model ? model.address : 'The model';
  refuseOtherFiles(bytes, name);
  const files = Object.entries(external);
  if ('address' in model) {
    // Beside the model, where the page says nothing else.
    const missing = locationsIn(bytes, name).filter((location) => !(location in external));
    for (const location of missing) files.push([location, { address: beside(location, model.address) }]);
  }
  const read = files.map(async ([location, file]) => [location, await readFile(file, undefined, options)] as const);
  return { bytes, ...(files.length > 0 && { external: Object.fromEntries(await Promise.all(read)) }) };
}

function locationsIn(bytes: Uint8Array, name: string): readonly string[] {
  try {
    return externalLocations(parseModel(bytes));
  } catch (error) {
    if (error instanceof SaywhyError) throw new SaywhyError(error.code, `${name}: ${error.message}`, { cause: error });
    throw error;
  }
}

const beside = (location: string, address: string): string =>
  new URL(location.split('/').map(encodeURIComponent).join('/'), address).href;

async function readFile(file: SentFile, sha256: string | undefined, options: LoadOptions): Promise<Uint8Array> {
  if ('address' in file) return fetchFile(file.address, sha256, options);
  const bytes = 'blob' in file ? new Uint8Array(await file.blob.arrayBuffer()) : file.bytes;
  if (sha256 !== undefined) checkHash('The model', await hashOf(bytes as Uint8Array<ArrayBuffer>), sha256);
  return bytes;
}

async function fetchFile(address: string, sha256: string | undefined, { cache, onProgress }: LoadOptions) {
  if (cache) {
    const known = sha256 ?? (await currentHash(address));
    const bytes = known === undefined ? undefined : await readCached(known);
    if (bytes) return bytes;
  }
  const what = decodeURIComponent(new URL(address).pathname.split('/').at(-1) ?? '') || address;
  const { bytes, version } = await download(address, { what, onProgress });
  const found = cache || sha256 !== undefined ? await hashOf(bytes) : undefined;
  if (sha256 !== undefined) checkHash(address, found, sha256);
  if (cache && found !== undefined) await keep(address, bytes, found, version);
  return bytes;
}

/**
 * The hash of what is kept of an address, if the server has no other version; if it cannot be asked, what is kept is what there is.
 */
async function currentHash(address: string): Promise<string | undefined> {
  const known = await findCached(address);
  if (!known) return undefined;
  try {
    const response = await fetch(address, { method: 'HEAD', cache: 'no-cache' });
    if (!response.ok) return undefined;
    const version = versionOf(response);
    const length = Number(response.headers.get('content-length'));
    const encoded = response.headers.has('content-encoding');
    const same = version === known.version && (encoded || length === 0 || length === known.bytes);
    return same ? known.sha256 : undefined;
  } catch {
    return known.sha256;
  }
}

/** @param found undefined where the page cannot compute one, since it is not served securely */
function checkHash(name: string, found: string | undefined, expected: string): void {
  if (found === undefined || found === expected) return;
  throw new SaywhyError(
    'wrong-hash',
    `${name} is not the file that was expected: its SHA-256 is ${found}, not ${expected}. Fetch it again; if it was replaced on purpose, give the new hash.`,
  );
}
