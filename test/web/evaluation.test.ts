// The page of `saywhy evaluate`, opened from the disk as a person opens it.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { net, run, sample, temporaryFolder } from '../node/cli/run.js';
import { accessibilityProblems } from '../support/browsers/axe.js';
import { type Browser, type ChromiumPage, launch } from '../support/browsers/index.js';

/** Where the pictures of the page are left to be looked at; by default nowhere. */
const shots = process.env.SAYWHY_SCREENSHOTS;

describe('the page of an evaluation in a browser', () => {
  const folder = temporaryFolder();
  let browser: Browser<ChromiumPage>;
  let url: string;

  before(async function () {
    this.timeout(90_000);
    const asked = ['--method', 'grad-cam,saliency,random', '--metric', 'insertion,road,complexity,sanity-cascading'];
    const model = ['--model', net('residual.torchscript.onnx')];
    const pictures = [sample('cat.jpg'), sample('panda.jpg')];
    const { code, stderr } = await run(['evaluate', ...pictures, ...model, ...asked, '--out', folder()]);
    expect(code, stderr).to.equal(0);
    url = pathToFileURL(join(folder(), 'evaluation.html')).href;
    browser = await launch('chromium');
  });
  after(() => browser?.close());

  for (const scheme of ['light', 'dark'] as const)
    for (const width of [1280, 390])
      it(`is accessible, ${scheme}, ${width} pixels wide, and does not scroll sideways`, async () => {
        const page = await browser.open('about:blank', { width });
        const requests: string[] = [];
        page.raw.on('request', (request) => requests.push(request.url()));
        await page.raw.emulateMedia({ colorScheme: scheme });
        await page.raw.goto(url);
        await page.raw.evaluate(() => {
          for (const details of document.querySelectorAll('details')) details.open = true;
        });
        expect(await accessibilityProblems(page.raw)).to.deep.equal([]);
        expect(await page.errors()).to.deep.equal([]);
        expect(requests).to.deep.equal([url]);
        const overflow = await page.raw.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(overflow).to.be.at.most(0);
        if (shots)
          await page.raw.screenshot({ path: join(shots, `evaluation-${scheme}-${width}.png`), fullPage: true });
        await page.close();
      }).timeout(60_000);

  it('says in words what the charts show', async () => {
    const page = await browser.open(url);
    const charts = await page.raw.getByRole('img').all();
    // Dots of four metrics, curves of three, times.
    expect(charts).to.have.length(8);
    const names = await Promise.all(charts.map((chart) => chart.getAttribute('aria-label')));
    expect(names[0]).to.match(/^Insertion: .*Grad-CAM [\d.]+/);
    expect(names.at(-1)).to.match(/^Milliseconds a map: /);
    await page.close();
  });
});
