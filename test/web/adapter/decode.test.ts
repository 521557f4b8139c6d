// Every kind of file, decoded by each browser, against what Pillow makes of it.
import { readdirSync } from 'node:fs';
import { loadPicture } from '@saywhy/node';
import { expect } from 'chai';
import { type Browser, engines, launch, type Page, type Server } from '../../support/browsers/index.js';
import { bundled, serveAdapter } from './pages.js';

const fixtures = new URL('../../node/pictures/fixtures/', import.meta.url);
const names = readdirSync(fixtures).filter((name) => /\.(png|jpg|webp|gif|bmp|avif)$/.test(name) && name !== "animated.webp");

type Decode = typeof import('../../../packages/web/src/pictures/decode.js');

for (const engine of engines)
  describe(`decoded by ${engine}`, () => {
    let server: Server;
    let browser: Browser;
    let page: Page;

    before(async function () {
      this.timeout(60_000);
      server = await serveAdapter({ files: { '/decode.js': await bundled('pictures/decode.ts') } });
      browser = await launch(engine);
      page = await browser.open(server.origin);
    });
    after(async () => {
      await browser?.close();
      await server.close();
    });

    for (const name of names)
      it(name, async () => {
        const { width, height, data } = await page.evaluate(async (name) => {
          const { decodePicture } = (await import('/decode.js' as string)) as Decode;
          const address = new URL(`/pictures/${name}`, location.href).href;
          const picture = await decodePicture({ address }, name);
          return { ...picture, data: Array.from(picture.data) };
        }, name);
        const expected = await loadPicture(new URL(`expected/${name}.png`, fixtures));
        if (width !== expected.width) { console.log(engine, name, "SIZE"); return; }
        let [largest, sum] = [0, 0];
        for (const [i, value] of data.entries()) {
          if (i % 4 === 3) continue;
          const difference = Math.abs(value - expected.data[i]!);
          largest = Math.max(largest, difference);
          sum += difference;
        }
        console.log(engine, name, largest, (sum / (data.length * 0.75)).toFixed(2));
      });
  });
