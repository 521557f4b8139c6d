// Real browsers for tests, and a server for their pages:
//
//   const server = await serve({ folders: { '/': 'packages/web/dist', '/samples/': 'samples' } });
//   const browser = await launch('firefox');                  // or 'chromium', 'webkit'; { webgpu: true } in Chromium
//   const page = await browser.open(`${server.origin}/page.html`);
//   const sum = await page.evaluate(async (a, b) => a + b, 1, 2);            // runs in the page; JSON in, JSON out
//   expect(await page.errors()).to.deep.equal([]);
//   expect(browser.outside).to.deep.equal([]);                               // no request left this machine
//   await browser.close();
//   await server.close();
//
// In Chromium `page.raw` is playwright's page, to click, type, drop files and go offline. A browser takes about a second
// to start: start one in `before`, open a page for each test. Whatever the test forgets to close ends with its process.
import { launchChromium } from './chromium.js';
import { launchFirefox } from './firefox.js';
import type { Browser, ChromiumPage, Engine, LaunchOptions } from './types.js';
import { launchWebkit } from './webkit.js';

export { PageError } from './expression.js';
export { type Asked, type Fault, type Server, type ServerOptions, serve, strictPolicy } from './server.js';
export type { Browser, ChromiumPage, Engine, LaunchOptions, OpenOptions, Page } from './types.js';

export const engines: readonly Engine[] = ['chromium', 'firefox', 'webkit'];

export function launch(engine: 'chromium', options?: LaunchOptions): Promise<Browser<ChromiumPage>>;
export function launch(engine: Engine, options?: LaunchOptions): Promise<Browser>;
export function launch(engine: Engine, options: LaunchOptions = {}): Promise<Browser> {
  if (engine === 'chromium') return launchChromium(options);
  return engine === 'firefox' ? launchFirefox() : launchWebkit();
}
