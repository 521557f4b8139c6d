import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Browser, engines, launch, PageError, type Server, serve } from '../../support/browsers/index.js';

const html = `<!doctype html><html lang="en"><head><title>Harness</title><script src="/start.js"></script></head>
<body><h1>Harness</h1></body></html>`;

for (const engine of engines) {
  describe(`${engine}, as the tests drive it`, () => {
    let server: Server;
    let open: Server;
    let browser: Browser;

    before(async function () {
      this.timeout(60_000);
      server = await serve({
        files: { '/index.html': html, '/start.js': 'globalThis.started = true', '/sum.js': 'export const one = 1' },
      });
      open = await serve({
        files: {
          '/index.html': '<!doctype html><title>Bad</title><script src="/bad.js"></script><img src="http://a.test/x">',
          '/bad.js': `console.warn('careful'); console.error('wrong'); throw new Error('thrown');`,
        },
        isolated: false,
        policy: false,
      });
      browser = await launch(engine);
    });

    after(async () => {
      await browser?.close();
      await server.close();
      await open.close();
    });

    it('runs functions in a cross-origin isolated page, with promises, arguments and imports', async () => {
      const page = await browser.open(server.origin);
      const seen = await page.evaluate(
        async (text, list) => {
          const length = (values: readonly number[]): number => values.length;
          const { one } = (await import('/sum.js' as string)) as { one: number };
          return { text, sum: length(list) + one, isolated: crossOriginIsolated, started: 'started' in globalThis };
        },
        'a\u2028"b"',
        [1, 2],
      );
      expect(seen).to.deep.equal({ text: 'a\u2028"b"', sum: 3, isolated: true, started: true });
      expect(await page.errors()).to.deep.equal([]);
      await page.close();
    });

    it('gives a thrown error its name, message and code', async () => {
      const page = await browser.open(server.origin);
      const failure = await page
        .evaluate(() => {
          throw Object.assign(new TypeError('oops'), { code: 'some-code' });
        })
        .catch((error: unknown) => error);
      expect(failure).to.be.instanceOf(PageError);
      expect(failure).to.include({ name: 'TypeError', message: 'oops', code: 'some-code' });
      await page.close();
    });

    it('keeps a page under the strict policy: no eval, nothing inline, WebAssembly allowed', async () => {
      const page = await browser.open(server.origin);
      const { inline, evaluated, compiled } = await page.evaluate(async () => {
        const element = document.createElement('script');
        element.textContent = 'globalThis.inline = true';
        document.head.append(element);
        // By a timer, since what a driver itself evaluates may be free of the policy.
        const evaluated = await new Promise<boolean>((resolve) =>
          setTimeout(() => {
            try {
              resolve(new Function('return true')() === true);
            } catch {
              resolve(false);
            }
          }),
        );
        const compiled = WebAssembly.validate(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0))
          ? await WebAssembly.compile(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)).then(() => true)
          : false;
        return { inline: 'inline' in globalThis, evaluated, compiled };
      });
      expect({ inline, evaluated, compiled }).to.deep.equal({ inline: false, evaluated: false, compiled: true });
      expect((await page.errors()).join('\n')).to.match(/Content.Security.Policy/);
      await page.close();
    });

    it('hears the console, exceptions and requests that leave the machine', async () => {
      const page = await browser.open(open.origin);
      expect(await page.evaluate(() => crossOriginIsolated)).to.equal(false);
      expect((await page.console()).join('\n'))
        .to.match(/^warn(ing)?: careful$/m)
        .and.match(/^error: wrong$/m);
      expect((await page.errors()).join('\n'))
        .to.include('wrong')
        .and.match(/Error: thrown/);
      expect([...new Set(browser.outside)]).to.deep.equal(['a.test']);
      await page.close();
    });

    it('takes pictures of a page in the size asked for', async () => {
      const page = await browser.open(server.origin, { width: 700, height: 500 });
      expect(await page.evaluate(() => innerWidth)).to.equal(700);
      const folder = await mkdtemp(join(tmpdir(), 'saywhy-'));
      await page.screenshot(join(folder, 'page.png'));
      const png = await readFile(join(folder, 'page.png'));
      expect(png.readUInt32BE(16)).to.equal(700);
      await rm(folder, { recursive: true });
      await page.close();
    });
  });
}
