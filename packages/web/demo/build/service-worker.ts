// A service worker of our own: it needs no more than the list of files and a name for their version.
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';

const entry = fileURLToPath(new URL('../offline/service-worker.ts', import.meta.url));

/** Builds `sw.js` beside the page, with the page's files written into it. */
export function serviceWorker(): Plugin {
  return {
    name: 'saywhy:service-worker',
    apply: 'build',
    enforce: 'post',
    async generateBundle(_, bundle) {
      // The page itself is kept under its folder's address.
      const files = [...Object.keys(bundle).filter((file) => !/\.(html|map)$/.test(file)), ...publicFiles].sort();
      const hash = createHash('sha256');
      for (const file of Object.values(bundle)) hash.update(file.type === 'chunk' ? file.code : file.source);
      const source = await bundled({
        PAGE_VERSION: JSON.stringify(hash.digest('hex').slice(0, 12)),
        PAGE_FILES: JSON.stringify(files),
      });
      this.emitFile({ type: 'asset', fileName: 'sw.js', source });
    },
  };
}

const publicFiles: readonly string[] = ['icon.svg', 'manifest.webmanifest'];

async function bundled(define: Record<string, string>): Promise<string> {
  const output = await build({
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    define,
    build: { write: false, lib: { entry, formats: ['es'], fileName: 'sw' } },
  });
  const [{ output: chunks }] = output as unknown as [{ output: readonly [{ code: string }] }];
  return chunks[0].code;
}
