// What the adapter's tests share: the built package on a strict server, and modules of the sources for a page.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Server, type ServerOptions, serve } from '../../support/browsers/index.js';

const path = (relative: string): string => fileURLToPath(new URL(`../../../${relative}`, import.meta.url));

export const html = '<!doctype html><html lang="en"><head><title>saywhy</title></head><body></body></html>';

/** The package under `/`, models, samples and fixtures, an empty page, and what a test adds (to `files` later, too). */
export function serveAdapter({
  files = {},
  ...options
}: ServerOptions & { readonly files?: Record<string, string | Uint8Array> } = {}): Promise<Server> {
  return serve({
    folders: {
      '/': path('packages/web/dist/'),
      '/models/': path('models/'),
      '/samples/': path('samples/'),
      '/fixtures/': path('test/fixtures/'),
      '/pictures/': path('test/node/pictures/fixtures/'),
    },
    files: Object.assign(files, { '/index.html': html }),
    ...options,
  });
}

/** A module of the adapter's sources, bundled, for what cannot be seen from outside. */
export async function bundled(source: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path(`packages/web/src/${source}`)],
    bundle: true,
    write: false,
    format: 'esm',
    conditions: ['@saywhy/source'],
  });
  return outputFiles[0]!.text;
}
