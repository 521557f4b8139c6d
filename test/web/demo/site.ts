// The page as it is built, served as a server should, and what a person does with it.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { contentSecurityPolicy } from '../../../packages/web/demo/build/headers.js';
import { type Server, serve } from '../../support/browsers/index.js';

export const root = fileURLToPath(new URL('../../../', import.meta.url));

export interface Site extends Server {
  /** The path of a file whose name got a hash when the page was built. */
  pathOf(start: string): Promise<string>;
  close(): Promise<void>;
}

/** Builds the page into a folder of its own and serves it with its own policy. */
export async function openSite(): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'saywhy-page-'));
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  // In a process of its own: this one resolves packages to their sources, and Vite would do as it does.
  const options = ['build', join(root, 'packages/web/demo'), '--outDir', folder, '--logLevel', 'error'];
  await promisify(execFile)(process.execPath, [vite, ...options], { env: { ...process.env, NODE_OPTIONS: '' } });
  const server = await serve({ folders: { '/': folder }, policy: contentSecurityPolicy });
  const close = async (): Promise<void> => {
    await server.close();
    await rm(folder, { recursive: true });
  };
  const pathOf = async (start: string): Promise<string> => {
    const names = await readdir(join(folder, 'assets'));
    return `/assets/${names.find((name) => name.startsWith(start))}`;
  };
  return { ...server, pathOf, close };
}

/** The text of an element, with single spaces. */
export async function textOf(page: Page, selector: string): Promise<string> {
  return ((await page.textContent(selector)) ?? '').replace(/\s+/g, ' ').trim();
}

export const title = (page: Page): Promise<string> => textOf(page, 'h1');

/** Waits until the page asks this. */
export async function untilTitle(page: Page, wanted: string): Promise<void> {
  await page.locator('h1', { hasText: wanted }).waitFor();
}

/** Whether the map over the picture is there: some of its pixels are opaque. */
export function isDrawn(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('.viewer canvas');
    if (!canvas) return false;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    return data.some((value, i) => i % 4 === 3 && value > 100);
  });
}

/** Drops files on the page: those of the repository by their paths, others by a name and their bytes as a string. */
export async function drop(
  page: Page,
  files: readonly (string | readonly [name: string, content: string])[],
): Promise<void> {
  const contents = await Promise.all(
    files.map(async (file) =>
      typeof file === 'string'
        ? ([basename(file), (await readFile(join(root, file))).toString('base64')] as const)
        : ([file[0], Buffer.from(file[1], 'latin1').toString('base64')] as const),
    ),
  );
  const transfer = await page.evaluateHandle((given) => {
    const made = new DataTransfer();
    for (const [name, base64] of given) {
      const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
      made.items.add(new File([bytes], name));
    }
    return made;
  }, contents);
  for (const event of ['dragover', 'drop']) await page.dispatchEvent('main', event, { dataTransfer: transfer });
}
