// Models that were fetched, in Cache Storage: the bytes under their SHA-256, and for each address which those were and how the server told that version.
// A file is stored whole and checked, or not at all; where the browser has no Cache Storage (private windows, pages without https) nothing is kept.

import { absolute } from '../absolute.js';

export interface CachedModel {
  readonly address: string;
  readonly sha256: string;
  readonly bytes: number;
  /** When it was fetched, in milliseconds since 1970. */
  readonly fetched: number;
  /** What the server calls this version: its ETag, or its date. */
  readonly version?: string;
}

const NAME = 'saywhy-models-1';

/** The models that are kept, the latest first. */
export async function cachedModels(): Promise<readonly CachedModel[]> {
  return (await withCache(entries)) ?? [];
}

/**
 * Deletes what is kept of an address, or of all.
 * @returns how many models were deleted
 */
export async function deleteCachedModels(address?: string | URL): Promise<number> {
  const wanted = address === undefined ? undefined : absolute(address);
  const deleted = await withCache(async (cache) => {
    const all = await entries(cache);
    const left = all.filter(({ address }) => wanted !== undefined && address !== wanted);
    await sweep(cache, left);
    return all.length - left.length;
  });
  return deleted ?? 0;
}

/** Deletes whatever belongs to none of some models: files too that were not kept to the end. */
async function sweep(cache: Cache, left: readonly CachedModel[]): Promise<void> {
  const wanted = new Set(left.flatMap(({ address, sha256 }) => [indexKey(address), fileKey(sha256)]));
  for (const request of await cache.keys()) if (!wanted.has(new URL(request.url).pathname)) await cache.delete(request);
}

/** What is known of an address. */
export async function findCached(address: string): Promise<CachedModel | undefined> {
  return withCache(async (cache) => readEntry(await cache.match(indexKey(address))));
}

/** The bytes with that hash, checked. What is damaged is deleted. */
export async function readCached(sha256: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  return withCache(async (cache) => {
    const response = await cache.match(fileKey(sha256));
    if (!response) return undefined;
    const bytes = new Uint8Array(await response.arrayBuffer());
    if ((await hashOf(bytes)) === sha256) return bytes;
    await cache.delete(fileKey(sha256));
    return undefined;
  });
}

/** Keeps the bytes that an address gave; where there is no room, it does not. */
export async function keepFetched(address: string, bytes: Uint8Array<ArrayBuffer>, version?: string): Promise<void> {
  const sha256 = await hashOf(bytes);
  if (sha256 === undefined) return;
  await withCache(async (cache) => {
    const before = await readEntry(await cache.match(indexKey(address)));
    const entry: CachedModel = {
      address,
      sha256,
      bytes: bytes.length,
      fetched: Date.now(),
      ...(version !== undefined && { version }),
    };
    // First what tells of the file: should the page end between the two, nothing lies there that nobody knows of.
    await cache.put(indexKey(address), Response.json(entry));
    try {
      await cache.put(fileKey(sha256), new Response(bytes, { headers: { 'content-length': `${bytes.length}` } }));
    } catch {
      await cache.delete(indexKey(address));
      return;
    }
    if (before && before.sha256 !== sha256 && !(await entries(cache)).some((other) => other.sha256 === before.sha256))
      await cache.delete(fileKey(before.sha256));
  });
}

/** SHA-256 in hexadecimal; undefined in a page that is not served securely. */
export async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string | undefined> {
  const digest = await globalThis.crypto?.subtle?.digest('SHA-256', bytes);
  return digest && Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A cache that cannot be used is as good as none: it only saves time. */
async function withCache<T>(use: (cache: Cache) => Promise<T>): Promise<T | undefined> {
  try {
    return globalThis.caches && (await use(await caches.open(NAME)));
  } catch {
    return undefined;
  }
}

async function entries(cache: Cache): Promise<CachedModel[]> {
  const found: CachedModel[] = [];
  for (const request of await cache.keys()) {
    const entry = isIndex(request.url) ? await readEntry(await cache.match(request)) : undefined;
    if (entry && (await cache.match(fileKey(entry.sha256)))) found.push(entry);
  }
  return found.sort((a, b) => b.fetched - a.fetched);
}

async function readEntry(response: Response | undefined): Promise<CachedModel | undefined> {
  // What is damaged is none.
  return response?.json().catch(() => undefined);
}

// Keys are addresses that no server of the page's answers; they are never asked for.
const FOLDER = '/.saywhy/models/';
const indexKey = (address: string) => `${FOLDER}of/${encodeURIComponent(address)}`;
const fileKey = (sha256: string) => `${FOLDER}${sha256}`;
const isIndex = (url: string) => new URL(url).pathname.startsWith(`${FOLDER}of/`);
