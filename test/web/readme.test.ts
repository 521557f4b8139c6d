// What the README writes for a page works in one.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { overlay } from '@saywhy/core/render';
import { createExplainer, loadPicture } from '@saywhy/node';
import { expect } from 'chai';
import { launch } from '../support/browsers/index.js';
import { serveAdapter } from './adapter/pages.js';

const path = (relative: string): string => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
const [example] = [...readFileSync(path('README.md'), 'utf8').matchAll(/^```js\n(.*?)^```/gms)]
  .map((match) => match[1]!)
  .filter((block) => block.includes('@saywhy/web'));
const sample = 'samples/cat-and-dog.png';

describe('the README, in a page', () => {
  it('draws the map over the photograph, as Node does', async function () {
    this.timeout(60_000);
    const photograph = await loadPicture(path(sample));
    const { width, height } = photograph;
    const files = {
      '/readme.html': `<!doctype html><html lang="en"><head><title>README</title></head><body>
        <img src="/${sample}" alt=""><canvas width="${width}" height="${height}"></canvas>
        <script type="module" src="/example.js"></script></body></html>`,
      // Where a bundler or an import map would find the package.
      '/example.js': `${example!.replace('@saywhy/web', '/bundle.js')}\ndocument.body.id = 'drawn';`,
    };
    const server = await serveAdapter({ files });
    const browser = await launch('chromium');
    let drawn: readonly number[];
    try {
      const page = await browser.open(`${server.origin}/readme.html`);
      await page.raw.waitForSelector('#drawn');
      drawn = await page.evaluate(() => {
        const canvas = document.querySelector('canvas')!;
        return [...canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data];
      });
      expect(await page.errors()).to.deep.equal([]);
    } finally {
      await browser.close();
      await server.close();
    }

    await using explainer = await createExplainer(path('models/efficientnet-lite0.onnx'));
    const { maps, region } = await explainer.explain(photograph, { target: 'tabby' });
    const { data } = overlay(photograph, maps[0]!, region!);
    let farthest = 0;
    for (let i = 0; i < data.length; i++) farthest = Math.max(farthest, Math.abs(data[i]! - drawn[i]!));
    expect(drawn).to.have.length(data.length);
    expect(farthest, 'of 255').to.be.at.most(2);
  });
});
