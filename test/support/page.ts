// The page of packages/web/demo, built once and served as it is shipped, for tests that use it as a person would.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { contentSecurityPolicy } from '../../packages/web/demo/build/headers.js';
import { type Browser, type ChromiumPage, launch, type Server, serve } from './browsers/index.js';

export const repository = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Others may use the machine too: what takes a second may then take twenty. */
export const PATIENCE = 60_000;

let built: Promise<string> | undefined;
let started: Promise<Browser<ChromiumPage>> | undefined;

/** The folder of the page, built from what lies in packages/web now. */
function builtPage(): Promise<string> {
  built ??= (async () => {
    const folder = await mkdtemp(join(tmpdir(), 'saywhy-page-'));
    const { build } = await import('vite');
    await build({
      configFile: repository('packages/web/demo/vite.config.ts'),
      logLevel: 'error',
      build: { outDir: folder, emptyOutDir: true },
    });
    return folder;
  })();
  return built;
}

/** One Chromium for all tests of the page; every page that it opens has a profile of its own. */
export function sharedChromium(): Promise<Browser<ChromiumPage>> {
  started ??= launch('chromium');
  return started;
}

/** Serves the page with the policy that it ships; `isolated` says whether with COOP and COEP. */
export async function servePage({ isolated = true } = {}): Promise<Server> {
  return serve({ folders: { '/': await builtPage() }, policy: contentSecurityPolicy, isolated });
}

after(async () => {
  await (await started)?.close();
  if (built) await rm(await built, { recursive: true, force: true });
});
