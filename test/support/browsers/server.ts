// A static server for pages under test: strict headers, a list of what was asked for, and wrong answers on demand.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { recorder, recorderPath } from './recorder.js';

/** What a page may do: nothing but its own origin, no eval, WebAssembly. Pictures that it makes itself are shown. */
export const strictPolicy = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "connect-src 'self'",
  "img-src 'self' blob: data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
};

/** A wrong answer. */
export type Fault =
  /** This status, and a line of text. */
  | { readonly status: number }
  /** A page in place of the file, with status 200, as servers of single-page applications answer for what they lack. */
  | 'html'
  /** The connection breaks after so many bytes of the body. */
  | { readonly breakAfter: number }
  /** Only the first bytes, as if they were the whole file. */
  | { readonly first: number }
  /** Slowly, in bytes a second. */
  | { readonly rate: number };

export interface ServerOptions {
  /** Folders by the path under which they appear: `{ '/': 'dist', '/models/': 'models' }`. The longest path wins. */
  readonly folders?: Readonly<Record<string, string>>;
  /** Files by path that are on no disk. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** COOP and COEP, so that pages are cross-origin isolated. Default true. */
  readonly isolated?: boolean;
  /** Content-Security-Policy; false sends none. Default {@link strictPolicy}. */
  readonly policy?: string | false;
}

export interface Asked {
  readonly host: string;
  readonly path: string;
  readonly status: number;
}

export interface Server {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  /** Every request that was answered, in order. Counting is `asked.filter(({ path }) => ...)`; emptying it is allowed. */
  readonly asked: Asked[];
  /** Wrong answers by path; taken back by deleting them. */
  readonly faults: Map<string, Fault>;
  close(): Promise<void>;
}

export async function serve(options: ServerOptions): Promise<Server> {
  const asked: Asked[] = [];
  const faults = new Map<string, Fault>();
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://host').pathname);
    try {
      await reply(request, response, await bodyOf(path, options), path, faults.get(path), options);
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
    asked.push({ host: request.headers.host ?? '', path, status: response.statusCode });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    faults,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(path: string, { files = {}, folders = {} }: ServerOptions): Promise<Buffer | undefined> {
  const name = path.endsWith('/') ? `${path}index.html` : path;
  if (name === recorderPath) return Buffer.from(`(${recorder.toString()})()`);
  const given = files[name];
  if (given !== undefined) return Buffer.from(given);
  const prefix = Object.keys(folders)
    .filter((candidate) => name.startsWith(candidate))
    .sort((a, b) => b.length - a.length)[0];
  if (prefix === undefined) return undefined;
  const inside = normalize(`/${name.slice(prefix.length)}`);
  return readFile(join(folders[prefix]!, inside)).catch(() => undefined);
}

async function reply(
  request: IncomingMessage,
  response: ServerResponse,
  found: Buffer | undefined,
  path: string,
  fault: Fault | undefined,
  { isolated = true, policy = strictPolicy }: ServerOptions,
): Promise<void> {
  if (isolated) {
    response.setHeader('cross-origin-opener-policy', 'same-origin');
    response.setHeader('cross-origin-embedder-policy', 'require-corp');
    response.setHeader('cross-origin-resource-policy', 'same-origin');
  }
  if (policy !== false) response.setHeader('content-security-policy', policy);
  response.setHeader('cache-control', 'no-cache');
  const status = typeof fault === 'object' && 'status' in fault ? fault.status : undefined;
  if (status !== undefined) return void response.writeHead(status, { 'content-type': types['.txt'] }).end('No.');
  if (fault === 'html') return void response.setHeader('content-type', types['.html']!).end('<!doctype html><p>Hello.');
  // Browsers ask for it by themselves; its lack is no error of the page.
  if (found === undefined && path === '/favicon.ico') return void response.writeHead(204).end();
  if (found === undefined) return void response.writeHead(404, { 'content-type': types['.txt'] }).end('Not found.');

  const type = types[path.endsWith('/') ? '.html' : extname(path)] ?? 'application/octet-stream';
  let body = type.startsWith('text/html') ? watched(found, request) : found;
  if (typeof fault === 'object' && 'first' in fault) body = body.subarray(0, fault.first);
  response.setHeader('content-type', type);
  response.setHeader('accept-ranges', 'bytes');
  response.setHeader('etag', `"${createHash('sha1').update(body).digest('hex')}"`);
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (from > 0) {
    response.statusCode = 206;
    response.setHeader('content-range', `bytes ${from}-${body.length - 1}/${body.length}`);
    body = body.subarray(from);
  }
  response.setHeader('content-length', body.length);
  if (request.method === 'HEAD') return void response.end();
  if (typeof fault === 'object' && 'breakAfter' in fault) {
    response.write(body.subarray(0, fault.breakAfter), () => response.destroy());
  } else if (typeof fault === 'object' && 'rate' in fault) {
    await drip(response, body, fault.rate);
  } else {
    response.end(body);
  }
}

/** WebKit's driver has no command for the console, so its pages get a script that keeps what is written there. */
function watched(html: Buffer, { headers }: IncomingMessage): Buffer {
  const agent = headers['user-agent'] ?? '';
  if (!agent.includes('AppleWebKit') || agent.includes('Chrome')) return html;
  const tag = `<script src="${recorderPath}"></script>`;
  const text = html.toString();
  return Buffer.from(/<head[^>]*>/i.test(text) ? text.replace(/<head[^>]*>/i, `$&${tag}`) : `${tag}${text}`);
}

async function drip(response: ServerResponse, body: Buffer, rate: number): Promise<void> {
  const step = Math.max(1, Math.round(rate / 20));
  for (let at = 0; at < body.length && !response.destroyed; at += step) {
    response.write(body.subarray(at, at + step));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  response.end();
}
