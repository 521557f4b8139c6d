// The model's bytes, in the worker: from the page, from the network, or from what was kept.
import { externalLocations, type ModelBytes, parseModel } from '@saywhy/autodiff';
import { type Progress, SaywhyError } from '@saywhy/core';
import { refuseOtherFiles } from '@saywhy/core/other-files';
import type { SentFile, SentModel, SentPart } from '../remote/protocol.js';
import { findCached, hashOf, keepFetched, readCached } from './cache.js';
import { download, versionOf } from './download.js';

export interface LoadOptions {
  readonly cache: boolean;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export interface LoadedModel {
  readonly model: ModelBytes;
  /** Keeps what was fetched for the next time: to be called when the model is known to be whole. */
  keep(): Promise<void>;
}

/**
 * @throws SaywhyError `not-a-model`, `invalid-model`, `fetch-failed`, `wrong-hash`, `not-a-pair`
 */
export async function loadModel(sent: SentModel, options: LoadOptions): Promise<LoadedModel> {
  if (!('encoder' in sent)) return loadPart(sent, options);
  const parts = [loadPart(sent.encoder, options), loadPart(sent.decoder, options)] as const;
  const [{ joinEncoderDecoder }, encoder, decoder] = await Promise.all([
    import('@saywhy/core/encoder-decoder'),
    ...parts,
  ]);
  return {
    model: joinEncoderDecoder(encoder.model, decoder.model),
    keep: async () => {
      await Promise.all([encoder.keep(), decoder.keep()]);
    },
  };
}

async function loadPart({ model, external, sha256 }: SentPart, options: LoadOptions): Promise<LoadedModel> {
  const { bytes, keep } = await readFile(model, sha256, options);
  const name = 'address' in model ? model.address : 'The model';
  refuseOtherFiles(bytes, name);
  const files = Object.entries(external);
  if ('address' in model) {
    // Beside the model, where the page says nothing else.
    const missing = locationsIn(bytes, name).filter((location) => !(location in external));
    for (const location of missing) files.push([location, { address: beside(location, model.address) }]);
  }
  const read = await Promise.all(files.map(([, file]) => readFile(file, undefined, options)));
  const weights = Object.fromEntries(files.map(([location], i) => [location, read[i]!.bytes]));
  return {
    model: { bytes, ...(files.length > 0 && { external: weights }) },
    keep: async () => {
      await Promise.all([keep, ...read.map((file) => file.keep)].map((one) => one?.()));
    },
  };
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

interface ReadFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly keep?: () => Promise<void>;
}

async function readFile(file: SentFile, sha256: string | undefined, options: LoadOptions): Promise<ReadFile> {
  if ('address' in file) return fetchFile(file.address, sha256, options);
  const bytes = 'blob' in file ? new Uint8Array(await file.blob.arrayBuffer()) : file.bytes;
  await checkHash('The model', bytes, sha256);
  return { bytes };
}

async function fetchFile(
  address: string,
  sha256: string | undefined,
  { cache, onProgress }: LoadOptions,
): Promise<ReadFile> {
  // Others have no address by which they could be found again.
  const kept = cache && /^https?:/.test(address);
  if (kept) {
    const known = sha256 ?? (await currentHash(address));
    const bytes = known === undefined ? undefined : await readCached(known);
    if (bytes) return { bytes };
  }
  const what = address.startsWith('data:') ? 'model' : nameIn(address);
  const { bytes, version } = await download(address, { what, onProgress });
  await checkHash(address, bytes, sha256);
  return { bytes, ...(kept && { keep: () => keepFetched(address, bytes, version) }) };
}

/** How long a server has to say whether a model has changed, in milliseconds. */
const PATIENCE = 5000;

function nameIn(address: string): string {
  const name = new URL(address).pathname.split('/').at(-1)!;
  try {
    return decodeURIComponent(name) || address;
  } catch {
    return name;
  }
}

/** The hash of what is kept of an address, unless the server has another version or says nothing of versions; where it cannot be asked, what is kept is what there is. */
async function currentHash(address: string): Promise<string | undefined> {
  const known = await findCached(address);
  if (!known) return undefined;
  try {
    const response = await fetch(address, { method: 'HEAD', cache: 'no-cache', signal: AbortSignal.timeout(PATIENCE) });
    if (response.status >= 500) return known.sha256;
    const version = response.ok ? versionOf(response) : undefined;
    return version !== undefined && version === known.version ? known.sha256 : undefined;
  } catch {
    return known.sha256;
  }
}

/** @throws SaywhyError `wrong-hash`; `insecure-page` where the browser lets the page compute none */
async function checkHash(name: string, bytes: Uint8Array<ArrayBuffer>, expected: string | undefined): Promise<void> {
  if (expected === undefined) return;
  const found = await hashOf(bytes);
  if (found === undefined)
    throw new SaywhyError(
      'insecure-page',
      `${name} cannot be checked against its SHA-256: browsers compute hashes in pages that are served over https, or from localhost. Serve the page so, or leave \`sha256\` out.`,
    );
  if (found === expected) return;
  throw new SaywhyError(
    'wrong-hash',
    `${name} is not the file that was expected: its SHA-256 is ${found}, not ${expected}. Fetch it again; if it was replaced on purpose, give the new hash.`,
  );
}
