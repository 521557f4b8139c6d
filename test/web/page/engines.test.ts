// The page in the other engines.
import { expect } from 'chai';
import { launch, type Server } from '../../support/browsers/index.js';
import { PATIENCE, servePage } from '../../support/page.js';

describe('the page in other browsers', function () {
  this.timeout(240_000);
  let server: Server;
  before(async () => {
    server = await servePage();
  });
  after(() => server?.close());

  for (const engine of ['firefox', 'webkit'] as const)
    it(`answers in ${engine}`, async () => {
      const browser = await launch(engine);
      try {
        const page = await browser.open(`${server.origin}/#class=281&than=235&show=both&beside=photo`);
        const seen = await page.evaluate(async (patience) => {
          const start = performance.now();
          while (!document.querySelector('.bar-asked') && performance.now() - start < patience)
            await new Promise((resolve) => setTimeout(resolve, 50));
          await new Promise((resolve) => requestAnimationFrame(resolve));
          const canvas = document.querySelector<HTMLCanvasElement>('.viewer canvas')!;
          const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
          return {
            title: document.querySelector('h1')!.textContent,
            isolated: crossOriginIsolated,
            drawn: data.some((value, i) => i % 4 === 3 && value > 100),
            overflow: document.documentElement.scrollWidth - innerWidth,
          };
        }, PATIENCE);
        expect(seen).to.include({ title: '“tabby” or “German shepherd”?', isolated: true, drawn: true });
        expect(seen.overflow).to.be.at.most(0);
        expect(await page.errors()).to.deep.equal([]);
        expect(browser.outside).to.deep.equal([]);
      } finally {
        await browser.close();
      }
    });
});
