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
        // A study composes its pictures on canvases that not every browser has had for long.
        const judged = await page.evaluate(async (patience) => {
          const until = async <T>(find: () => T | null | undefined): Promise<T | undefined> => {
            const start = performance.now();
            while (!find() && performance.now() - start < patience)
              await new Promise((resolve) => setTimeout(resolve, 50));
            return find() ?? undefined;
          };
          location.hash = '#mode=judge';
          const begin = await until(() => document.querySelector<HTMLButtonElement>('.judge-start [type=submit]'));
          begin!.click();
          const canvas = await until(() => document.querySelector<HTMLCanvasElement>('.judge-pictures canvas'));
          await until(() => canvas!.width === 448);
          return { width: canvas!.width, answers: document.querySelectorAll('.judge-choices button').length };
        }, PATIENCE);
        expect(judged).to.deep.equal({ width: 448, answers: 2 });
        const asked = await page.evaluate(async (patience) => {
          const start = performance.now();
          location.hash = '#mode=ask';
          while (!document.querySelector('.desk-scenes .bar-asked') && performance.now() - start < patience)
            await new Promise((resolve) => setTimeout(resolve, 50));
          return document.querySelector('h1')!.textContent;
        }, PATIENCE);
        expect(asked).to.equal('Why “red”?');
        expect(await page.errors()).to.deep.equal([]);
        expect(browser.outside).to.deep.equal([]);
      } finally {
        await browser.close();
      }
    });
});
