// Every kind of file, decoded by each browser, against what Pillow makes of it.
import { readdirSync } from 'node:fs';
import { loadPicture } from '@saywhy/node';
import { expect } from 'chai';
import { type Browser, type Engine, engines, launch, type Page, type Server } from '../../support/browsers/index.js';
import { bundled, serveAdapter } from './pages.js';

const fixtures = new URL('../../node/pictures/fixtures/', import.meta.url);
const names = readdirSync(fixtures).filter(
  (name) => /\.(png|jpg|webp|gif|bmp|avif)$/.test(name) && name !== 'animated.webp',
);

/** The largest and the mean difference that a decoder of lossy files may have: they round, and enlarge colour, in their own ways. */
const tolerances: readonly (readonly [pattern: RegExp, largest: number, mean: number])[] = [
  [/^subsampled\.jpg/, 80, 6],
  [/^lossy\./, 70, 5],
  [/\.(jpg|avif)$/, 4, 1.5],
  [/./, 0, 0],
];

/** Debian's WebKit does not turn an AVIF, and where the size stays the same nothing shows that it did not. */
const left = /^exif-[234]\.avif$/;

/**
 * What a canvas loses of a colour by multiplying it with its alpha, in 8 bits. WebGL loses nothing; without a graphics card, only Chromium has it here.
 */
const lostTo = (alpha: number, engine: Engine) => (engine === 'chromium' || alpha === 255 ? 0 : 255 / alpha + 1);

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

    for (const name of names.filter((name) => engine !== 'webkit' || !left.test(name)))
      it(name, async () => {
        const { width, height, data } = await page.evaluate(async (name) => {
          const { decodePicture } = (await import('/decode.js' as string)) as Decode;
          const address = new URL(`/pictures/${name}`, location.href).href;
          const picture = await decodePicture({ address }, name);
          return { ...picture, data: Array.from(picture.data) };
        }, name);
        const expected = await loadPicture(new URL(`expected/${name}.png`, fixtures));
        expect([width, height]).to.deep.equal([expected.width, expected.height]);
        const differences = data.flatMap((value, i) => {
          if (i % 4 === 3) return [];
          const lost = lostTo(data[i - (i % 4) + 3]!, engine);
          return [Math.max(0, Math.abs(value - expected.data[i]!) - lost)];
        });
        // Of 16 bits Firefox does not take the higher byte, but rounds.
        if (name === 'deep-low.png' && engine === 'firefox') {
          expect(new Set(differences)).to.deep.equal(new Set([0, 1]));
          return;
        }
        const [, largest, mean] = tolerances.find(([pattern]) => pattern.test(name))!;
        expect(Math.max(...differences)).to.be.at.most(largest);
        expect(differences.reduce((a, b) => a + b) / differences.length).to.be.at.most(mean);
      });
  });
