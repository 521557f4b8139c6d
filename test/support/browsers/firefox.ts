import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer from 'puppeteer-core';
import { answer, expression } from './expression.js';
import { watchOutside } from './outside.js';
import { within } from './process.js';
import type { Browser, Page } from './types.js';

const LIMIT = 120_000;

/** Debian's Firefox through puppeteer-core, which speaks WebDriver BiDi to it. */
export async function launchFirefox(): Promise<Browser> {
  const outside = await watchOutside(['firefox.settings.services.mozilla.com']);
  const folder = await mkdtemp(join(tmpdir(), 'saywhy-firefox-'));
  const executablePath = join(folder, 'firefox');
  // The kernel ends Firefox when the test dies; puppeteer takes a program, not a command line.
  await writeFile(executablePath, '#!/bin/sh\nexec setpriv --pdeathsig TERM -- firefox-esr "$@"\n', { mode: 0o755 });
  await mkdir(join(folder, 'home'));
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath,
    headless: true,
    timeout: 60_000,
    protocolTimeout: LIMIT,
    env: { ...process.env, HOME: join(folder, 'home') },
    extraPrefsFirefox: {
      'network.proxy.type': 1,
      'network.proxy.http': '127.0.0.1',
      'network.proxy.http_port': outside.port,
      'network.proxy.ssl': '127.0.0.1',
      'network.proxy.ssl_port': outside.port,
      'network.proxy.no_proxies_on': '127.0.0.1,localhost',
    },
  });
  return {
    engine: 'firefox',
    outside: outside.hosts,
    async open(url, { width = 1280, height = 800 } = {}): Promise<Page> {
      const context = await browser.createBrowserContext();
      const page = await context.newPage();
      await page.setViewport({ width, height });
      const lines: string[] = [];
      const errors: string[] = [];
      page.on('console', (message) => {
        lines.push(`${message.type()}: ${message.text()}`);
        if (message.type() === 'error') errors.push(message.text());
      });
      page.on('pageerror', (error) => errors.push(String(error.stack ?? error)));
      await page.goto(url, { waitUntil: 'load', timeout: 60_000 });
      return {
        console: async () => lines,
        errors: async () => errors,
        evaluate: async (f, ...args) =>
          answer(await within(LIMIT, 'evaluate in Firefox', page.evaluate(expression(f, args)) as Promise<string>)),
        screenshot: async (path) => {
          await writeFile(path, await page.screenshot());
        },
        close: () => context.close(),
      };
    },
    async close() {
      await browser.close();
      await outside.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
