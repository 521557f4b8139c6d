import { expect } from 'chai';
import { accessibilityProblems } from '../../support/browsers/axe.js';
import { type Browser, type ChromiumPage, launch, type Server, serve } from '../../support/browsers/index.js';

describe('the search for what keeps people out', () => {
  let server: Server;
  let browser: Browser<ChromiumPage>;
  before(async function () {
    this.timeout(60_000);
    const page = (body: string): string =>
      `<!doctype html><html lang="en"><head><title>Page</title><link rel="stylesheet" href="/page.css"></head><body><main><h1>Page</h1>${body}</main></body></html>`;
    server = await serve({
      files: {
        '/good.html': page('<p>Text</p><button>Press</button>'),
        '/bad.html': page('<p class="faint">Text</p><img src="/favicon.ico"><button></button><input>'),
        '/page.css': 'body { background: #fff; color: #222 } .faint { color: #ddd }',
      },
    });
    browser = await launch('chromium');
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  it('finds nothing on a good page, under the strict policy', async () => {
    const page = await browser.open(`${server.origin}/good.html`);
    expect(await accessibilityProblems(page.raw)).to.deep.equal([]);
    await page.close();
  });

  it('finds what is wrong on a bad one', async () => {
    const page = await browser.open(`${server.origin}/bad.html`);
    const found = (await accessibilityProblems(page.raw)).map((line) => line.split(':')[0]);
    expect(found).to.include.members(['button-name', 'color-contrast', 'image-alt', 'label']);
    await page.close();
  });
});
