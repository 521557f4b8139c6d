import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answer, expression } from './expression.js';
import { watchOutside } from './outside.js';
import { freePort, start, stop, within } from './process.js';
import type { Recorded } from './recorder.js';
import type { Browser, Page } from './types.js';
import { openSession } from './webdriver.js';

/** Debian's WebKitGTK: its small browser on a screen of its own (Xvfb), driven by WebKitWebDriver. One page at a time. */
export async function launchWebkit(): Promise<Browser> {
  const outside = await watchOutside();
  const folder = await mkdtemp(join(tmpdir(), 'saywhy-webkit-'));
  const screen = start('Xvfb', ['-displayfd', '3', '-screen', '0', '1600x1200x24', '-nolisten', 'tcp']);
  const port = await freePort();
  const display = await within(20_000, 'Xvfb', firstLine(screen.stdio[3] as NodeJS.ReadableStream));
  const proxy = `http://127.0.0.1:${outside.port}`;
  const driver = start('WebKitWebDriver', [`--port=${port}`], {
    DISPLAY: `:${display}`,
    HOME: folder,
    XDG_RUNTIME_DIR: folder,
    GDK_BACKEND: 'x11',
    NO_AT_BRIDGE: '1',
    http_proxy: proxy,
    https_proxy: proxy,
    no_proxy: '127.0.0.1,localhost',
    ...(process.getuid?.() === 0 && { WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' }),
  });
  const { command } = await openSession(`http://127.0.0.1:${port}`, {
    browserName: 'MiniBrowser',
    timeouts: { script: 120_000, pageLoad: 60_000 },
    'webkitgtk:browserOptions': { binary: miniBrowser(), args: ['--automation'] },
  });
  const evaluate: Page['evaluate'] = async (f, ...args) => {
    const script = `${expression(f, args)}.then(arguments[arguments.length - 1])`;
    return answer((await command('POST', '/execute/async', { script, args: [] })) as string);
  };
  return {
    engine: 'webkit',
    outside: outside.hosts,
    async open(url, { width = 1280, height = 800 } = {}): Promise<Page> {
      await command('POST', '/window/rect', { width, height });
      await command('POST', '/url', { url });
      return {
        console: async () => (await evaluate(recorded)).console,
        errors: async () => (await evaluate(recorded)).errors,
        evaluate,
        async screenshot(path) {
          await writeFile(path, Buffer.from((await command('GET', '/screenshot')) as string, 'base64'));
        },
        async close() {
          await command('POST', '/url', { url: 'about:blank' });
        },
      };
    },
    async close() {
      await command('DELETE', '');
      await stop(driver);
      await stop(screen);
      await outside.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What the recorder of the test server kept. */
function recorded(): Recorded {
  const page = globalThis as { __recorded?: Recorded };
  return page.__recorded ?? { console: [], errors: [] };
}

/** Debian keeps it out of PATH, in a folder named after the machine. */
function miniBrowser(): string {
  for (const machine of readdirSync('/usr/lib')) {
    const file = join('/usr/lib', machine, 'webkit2gtk-4.1/MiniBrowser');
    if (existsSync(file)) return file;
  }
  throw new Error('WebKitGTK has no MiniBrowser here: run scripts/setup-browsers.sh');
}

function firstLine(stream: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    stream.on('data', (chunk: Buffer) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.trim());
    });
    stream.once('end', () => reject(new Error('Xvfb ended before it had a screen')));
  });
}
