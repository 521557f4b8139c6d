import { chromium } from 'playwright-core';
import { answer, expression } from './expression.js';
import { watchOutside } from './outside.js';
import { find, within } from './process.js';
import type { Browser, ChromiumPage, LaunchOptions } from './types.js';

const LIMIT = 120_000;

const quiet = [
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
];

/** Debian's Chromium through playwright-core, whose pipe to it ends the browser together with the test. */
export async function launchChromium({ webgpu = false }: LaunchOptions): Promise<Browser<ChromiumPage>> {
  const outside = await watchOutside([
    'update.googleapis.com',
    'accounts.google.com',
    'content-autofill.googleapis.com',
  ]);
  const browser = await chromium.launch({
    executablePath: find('chromium'),
    chromiumSandbox: process.getuid?.() !== 0,
    args: [...quiet, ...(webgpu ? ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'] : [])],
    proxy: { server: `http://127.0.0.1:${outside.port}`, bypass: '127.0.0.1,localhost' },
    timeout: 60_000,
  });
  return {
    engine: 'chromium',
    outside: outside.hosts,
    async open(url, { width = 1280, height = 800 } = {}) {
      const context = await browser.newContext({ viewport: { width, height }, acceptDownloads: true });
      // tsx compiles functions inside functions to calls of __name, which raw.evaluate takes along as text.
      await context.addInitScript('globalThis.__name ??= (f) => f');
      const raw = await context.newPage();
      const lines: string[] = [];
      const errors: string[] = [];
      raw.on('console', (message) => {
        lines.push(`${message.type()}: ${message.text()}`);
        if (message.type() === 'error') errors.push(`${message.text()} (${message.location().url})`);
      });
      raw.on('pageerror', (error) => errors.push(String(error.stack ?? error)));
      await raw.goto(url, { waitUntil: 'load', timeout: 60_000 });
      return {
        raw,
        console: async () => lines,
        errors: async () => errors,
        evaluate: async (f, ...args) =>
          answer(await within(LIMIT, 'evaluate in Chromium', raw.evaluate<string>(expression(f, args)))),
        screenshot: async (path) => void (await raw.screenshot({ path })),
        close: () => context.close(),
      };
    },
    async close() {
      await browser.close();
      await outside.close();
    },
  };
}
