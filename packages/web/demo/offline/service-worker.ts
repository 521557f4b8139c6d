// Keeps the page's own files, so that it opens without a network; and sees every request, so that none goes elsewhere.
import type { FromServiceWorker, ToServiceWorker } from './messages.js';

declare const self: ServiceWorkerGlobalScope;

/** Filled in by the build: the name of this version's cache, and the files of the page. */
declare const PAGE_VERSION: string;
declare const PAGE_FILES: readonly string[];

const PREFIX = 'saywhy-page-';
const CACHE = PREFIX + PAGE_VERSION;

self.addEventListener('install', () => void self.skipWaiting());

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => names.filter((name) => name.startsWith(PREFIX) && name !== CACHE))
      .then((old) => Promise.all(old.map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener('message', (event) => {
  const message = event.data as ToServiceWorker;
  if (message.kind === 'keep') event.waitUntil(keep(message.except, event.source as Client | null));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) {
    event.respondWith(refuse(url.origin));
    return;
  }
  if (request.method !== 'GET') return;
  event.respondWith(request.mode === 'navigate' ? newest(request) : kept(request));
});

/** The page itself is fetched anew where that is possible: only its files carry a hash in their names. */
async function newest(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const page = new URL('./', self.registration.scope).href;
  try {
    const response = await fetch(request);
    if (response.ok) await cache.put(page, response.clone());
    return response;
  } catch (error) {
    const found = await cache.match(page);
    if (found) return found;
    throw error;
  }
}

async function kept(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const found = await cache.match(request.url);
  if (found) return found;
  const response = await fetch(request);
  if (response.status === 200 && isOwn(request.url)) await cache.put(request.url, response.clone());
  return response;
}

const isOwn = (url: string): boolean => PAGE_FILES.some((file) => addressOf(file) === url);

const addressOf = (file: string): string => new URL(file, self.registration.scope).href;

/** Fetches what is not there yet: from the browser's own cache, as far as the page has loaded it already. */
async function keep(except: readonly string[], client: Client | null): Promise<void> {
  const cache = await caches.open(CACHE);
  const wanted = ['./', ...PAGE_FILES.filter((file) => !except.some((part) => file.includes(part)))];
  for (const file of wanted) if (!(await cache.match(addressOf(file)))) await cache.add(addressOf(file));
  tell(client, { kind: 'kept' });
}

async function refuse(origin: string): Promise<Response> {
  for (const client of await self.clients.matchAll()) tell(client, { kind: 'refused', origin });
  return Response.error();
}

function tell(client: Client | null, message: FromServiceWorker): void {
  client?.postMessage(message);
}
