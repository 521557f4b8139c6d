// The page as a person uses it, in Chromium.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeNpy } from '@saywhy/node';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { accessibilityProblems } from '../../support/browsers/axe.js';
import { type Browser, type ChromiumPage, launch } from '../../support/browsers/index.js';
import { drop, isDrawn, openSite, root, type Site, textOf, title, untilTitle } from './site.js';

/** Milliseconds that something may take. */
const PATIENCE = 110_000;

const net = 'test/fixtures/nets/residual.torchscript.onnx';

describe('The page', function () {
  // Machines that test many things at once are slow.
  this.timeout(240_000);
  let site: Site;
  let browser: Browser<ChromiumPage>;
  let opened: ChromiumPage | undefined;
  let page: Page;

  before(async () => {
    site = await openSite();
    browser = await launch('chromium');
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });

  const open = async (hash = '', size: { width?: number; height?: number } = {}): Promise<void> => {
    opened = await browser.open(`${site.origin}/#${hash}`, size);
    page = opened.raw;
    page.setDefaultTimeout(PATIENCE);
    await page.locator('.bar-asked').waitFor();
  };
  afterEach(async () => {
    const last = opened;
    opened = undefined;
    if (!last) return;
    expect(await last.errors()).to.deep.equal([]);
    expect(browser.outside).to.deep.equal([]);
    await last.close();
  });

  it('opens with an answer, and nothing leaves it', async () => {
    await open();
    expect(await title(page)).to.equal('Why “Egyptian cat”?');
    expect(await isDrawn(page)).to.equal(true);
    expect(await textOf(page, '.chips')).to.match(/Runs on your processor.*\n?.*0 requests left this page/);
    expect(await page.evaluate(() => crossOriginIsolated)).to.equal(true);
  });

  for (const scheme of ['light', 'dark'] as const)
    for (const width of [1440, 800, 320])
      it(`has nothing that axe finds wrong, at ${width} pixels, ${scheme}`, async () => {
        await open('class=285&than=235&show=both&beside=photo&contours=yes', { width, height: 900 });
        await page.emulateMedia({ colorScheme: scheme });
        await page.click('text=Colours and lines');
        await page.fill('#ask-class', 'no such class');
        await page.click('button:has-text("Ask")');
        for (const summary of await page.locator('summary').all()) await summary.click();
        expect(await accessibilityProblems(page)).to.deep.equal([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).to.be.at.most(0);
      });

  it('tells why another class without a forward run', async () => {
    await open();
    await page.click('.bar-row:nth-child(2) .bar');
    await untilTitle(page, 'Why “German shepherd”?');
    expect(await textOf(page, '.timings')).to.match(/from click to screen on wasm: .* forward 0,/);
    expect(await textOf(page, '.bar-asked')).to.include('German shepherd');
  });

  it('asks why this rather than that, by dragging and from the keyboard', async () => {
    await open();
    const [from, to] = await Promise.all(
      [3, 1].map(async (row) => (await page.locator(`.bar-row:nth-child(${row}) .bar`).boundingBox())!),
    );
    await page.mouse.move(from!.x + 40, from!.y + 15);
    await page.mouse.down();
    await page.mouse.move(to!.x + 60, to!.y + 20, { steps: 5 });
    await page.mouse.up();
    await untilTitle(page, 'Why “tabby” rather than “Egyptian cat”?');
    await page.click('text=Turn it round');
    await untilTitle(page, 'Why “Egyptian cat” rather than “tabby”?');
    await page.focus('.bar-row:nth-child(2) .bar-versus');
    await page.keyboard.press('Enter');
    await untilTitle(page, 'Why “Egyptian cat” rather than “German shepherd”?');
    await page.getByLabel('both').check({ force: true });
    await untilTitle(page, '“Egyptian cat” or “German shepherd”?');
    expect(await textOf(page, '.legend-scale')).to.match(/against −[\d.]+.*for [\d.]+/);
  });

  it('asks about any class by its name, and says what is near where there is none', async () => {
    await open();
    await page.fill('#ask-class', 'red wine');
    await page.keyboard.press('Enter');
    await untilTitle(page, 'Why “red wine”?');
    expect(await textOf(page, '.bar-asked')).to.match(/red wine.*< 0.1 %/s);
    await page.fill('#ask-class', 'tigr cat');
    await page.keyboard.press('Enter');
    expect(await page.getByRole('alert').textContent()).to.match(/tiger cat.*unknown-label/s);
  });

  it('moves through the layers, and draws early ones finely', async () => {
    await open();
    const slider = page.getByRole('slider', { name: 'Layer' });
    await slider.focus();
    await page.keyboard.press('Home');
    await page.locator('.legend-note', { hasText: '112 × 112 cells' }).waitFor();
    expect(await textOf(page, '.layer-name')).to.match(/^_conv_stem 112 × 112 · 1 of 91/);
    await page.click('text=Back to the last');
    await page.locator('.legend-note', { hasText: '7 × 7 cells' }).waitFor();
  });

  it('reads the number of a cell from the keyboard and under the pointer', async () => {
    await open();
    const probe = page.getByRole('slider', { name: /Values of the map/ });
    await probe.focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    const text = (await probe.getAttribute('aria-valuetext'))?.replace(/\s/g, ' ');
    expect(text).to.match(/^[\d.]+, [\d.]+ % of the peak; row 5 of 7, column 4 of 7$/);
    expect(await textOf(page, '.legend-note')).to.equal(text);
    await probe.hover({ position: { x: 3, y: 3 } });
    expect(await textOf(page, '.legend-note')).to.equal('Grad-CAM, 7 × 7 cells');
  });

  it('compares two models on one scale, split or side by side, by keys', async () => {
    await open();
    await page.selectOption('.toolbar-row select', 'model:efficientnet-lite2');
    await page.locator('.second .bar').first().waitFor();
    expect(await textOf(page, '.pane-captions')).to.match(/EfficientNet-Lite0[\s\S]*EfficientNet-Lite2/);
    expect(await textOf(page, '.legend-note')).to.include('one scale for both');
    const divider = page.getByRole('slider', { name: /Where the two maps meet/ });
    await divider.focus();
    for (const [key, share] of [
      ['ArrowRight', '52'],
      ['1', '100'],
      ['2', '0'],
      ['3', '50'],
    ] as const) {
      await page.keyboard.press(key);
      expect(await divider.getAttribute('aria-valuenow'), key).to.equal(share);
    }
    await page.getByLabel('side by side').check({ force: true });
    expect(await page.locator('.stage').count()).to.equal(2);
  });

  it('checks a method against random weights', async () => {
    await open();
    await page.click('text=Check it');
    await page.locator('.verdict').waitFor();
    expect(await textOf(page, '.verdict')).to.match(/Depends on what was learned[\s\S]*: −?0\.\d\d/);
    await page.click('text=Show the two maps together');
    expect(await textOf(page, '.pane-captions')).to.include('Random weights');
    await page.selectOption('section[aria-labelledby=method-title] select', 'guided-backprop');
    await page.locator('.verdict-bad').waitFor();
  });

  it('draws every method that the model allows', async () => {
    await open();
    await page.click('text=All 14 side by side');
    await page.waitForFunction(() => document.querySelectorAll('.method-card canvas').length === 13);
    expect(await page.locator('.method-card').count()).to.equal(14);
    await page.click('.method-name:has-text("HiResCAM")');
    await page.locator('.legend-note', { hasText: 'HiResCAM' }).waitFor();
  });

  it('can be stopped in the middle of many runs', async () => {
    await open();
    await page.selectOption('section[aria-labelledby=method-title] select', 'occlusion');
    await page.locator('.waiting', { hasText: /Run \d+ of \d+/ }).waitFor();
    await page.click('.waiting >> text=Stop');
    await page.locator('.waiting').waitFor({ state: 'detached' });
    await page.selectOption('section[aria-labelledby=method-title] select', 'grad-cam');
    await page.locator('.legend-note', { hasText: 'Grad-CAM' }).waitFor();
  });

  it('takes a model, its labels, its preprocessing and a picture in one drop', async () => {
    await open();
    const labels = Array.from({ length: 10 }, (_, i) => `thing ${i}`).join('\n');
    const preprocess = '{"steps": [{"resize": {"size": [32, 32]}}, {"rescale": 0.00392156862745098}]}';
    await drop(page, ['samples/macaw.jpg', ['picture.png', labels], [`a.txt`, preprocess], net]);
    await page.locator('.headline', { hasText: 'residual.torchscript gives it' }).waitFor();
    expect(await title(page)).to.match(/^Why “thing \d”\?$/);
    expect(await textOf(page, '.steps')).to.match(/Resize to 32 × 32 pixels.*Divide by 255/s);
    expect(await textOf(page, '.preprocessing')).to.include('as you said');
    expect(await textOf(page, '.save')).to.include('your own files stay with you');
  });

  it('says what it guessed of a model that says nothing', async () => {
    await open();
    await drop(page, [net]);
    await page.locator('.headline', { hasText: 'residual.torchscript gives it' }).waitFor();
    expect(await title(page)).to.match(/^Why “class \d”\?$/);
    expect(await textOf(page, '.notes')).to.include('preprocess guessed');
    expect(await textOf(page, '.preprocessing')).to.include('guessed');
  });

  it('says what is wrong where the user acted, and goes on', async () => {
    await open();
    await drop(page, [['model.onnx', 'PK\x03\x04 a zip archive of something']]);
    expect(await page.locator('.panel [role=alert]').textContent()).to.match(
      /zip archive.*torch\.onnx\.export.*not-a-model/s,
    );
    await page.selectOption('.inline-select', 'efficientnet-lite0');
    await page.locator('.bar-asked').waitFor();
    await drop(page, [['cat.jpg', '\x89PNG\r\n\x1a\n and nothing more']]);
    expect(await page.locator('.viewing [role=alert]').textContent()).to.match(/cat\.jpg/);
    await page.click('.thumb[aria-label="Hens on a lawn"]');
    await untilTitle(page, 'Why “hen”?');
    await page.click('summary:has-text("Change it")');
    await page.fill('textarea', '{"steps": [{"resize": {"shortest": -1}}]}');
    await page.click('text=Use it');
    expect(await page.locator('.preprocessing [role=alert]').textContent()).to.match(/shortest.*invalid-preprocess/s);
  });

  it('says why a map is blank, and what to do', async () => {
    await open('picture=espresso.jpg&class=640');
    const blank = page.locator('.viewing .problem');
    expect(await blank.textContent()).to.include('nothing in the layer _swish_1 speaks for manhole cover');
    await blank.getByText('Show what speaks against it too').click();
    await untilTitle(page, 'What speaks for and against “manhole cover”?');
    await blank.waitFor({ state: 'detached' });
    expect(await textOf(page, '.legend-scale')).to.match(/against −[\d.]+.*for [\d.]+/);
  });

  it('draws a weak map weak, and stretches it when asked to', async () => {
    await open('picture=hens.jpg&class=822');
    await page.locator('.legend-faint').waitFor();
    expect(await isDrawn(page)).to.equal(false);
    await page.click('text=Stretch it all the same');
    await page.locator('.legend-faint').waitFor({ state: 'detached' });
    expect(await isDrawn(page)).to.equal(true);
  });

  it('saves the picture, the map and the numbers, and a link without either', async () => {
    await open('class=281');
    const save = async (name: string): Promise<{ file: string; bytes: Buffer }> => {
      const [download] = await Promise.all([page.waitForEvent('download'), page.click(`.save >> text="${name}"`)]);
      return { file: download.suggestedFilename(), bytes: await readFile(await download.path()) };
    };
    const picture = await save('Picture');
    expect(picture.file).to.equal('cat-and-dog_grad-cam_tabby.png');
    expect(picture.bytes.subarray(1, 4).toString()).to.equal('PNG');
    expect(picture.bytes.readUInt32BE(16)).to.equal(448);
    const map = decodeNpy((await save('Map (.npy)')).bytes);
    expect(map.shape).to.deep.equal([7, 7]);
    const json = JSON.parse((await save('JSON')).bytes.toString());
    expect(json).to.include({ image: 'cat-and-dog.png', method: 'grad-cam', layer: '_swish_1' });
    expect(Math.max(...map.data)).to.be.at.least(json.map.range[1] - 1e-6);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.click('text=Copy a link');
    const link = await page.evaluate(() => navigator.clipboard.readText());
    expect(link).to.equal(`${site.origin}/#picture=cat-and-dog.png&model=efficientnet-lite0&class=281`);
  });

  it('brings back what a link says', async () => {
    await open('picture=hens.jpg&method=hires-cam&class=7&show=against&layer=_blocks.10&cells=yes&opacity=0.5');
    await untilTitle(page, 'What speaks against “cock”?');
    await page.locator('.legend-note', { hasText: 'HiResCAM, 14 × 14 cells' }).waitFor();
    expect(await textOf(page, '.layer-name')).to.include('_blocks.10');
    expect(await page.getByLabel('14 × 14 cells').isChecked()).to.equal(true);
  });

  it('opens without a network after the first visit', async () => {
    await open();
    await page.waitForFunction(() => document.body.textContent?.includes('works without a network'));
    site.asked.length = 0;
    await page.context().setOffline(true);
    await page.reload();
    await page.locator('.bar-asked').waitFor();
    expect(await isDrawn(page)).to.equal(true);
    await page.click('.thumb[aria-label="Hens on a lawn"]');
    await untilTitle(page, 'Why “hen”?');
    // The browser asks for a newer service worker by itself.
    expect(site.asked.filter(({ path }) => path !== '/sw.js')).to.deep.equal([]);
    await page.context().setOffline(false);
  });

  it('shows how much is loaded, and takes a picture meanwhile', async () => {
    const wasm = (await readFile(join(root, 'packages/web/dist/ort-wasm-simd-threaded.wasm'))).length;
    const path = await site.pathOf('efficientnet-lite0');
    site.faults.set(path, { rate: 2e6 });
    try {
      opened = await browser.open(`${site.origin}/`);
      page = opened.raw;
      page.setDefaultTimeout(PATIENCE);
      const waiting = page.locator('.waiting', {
        hasText: /Loading EfficientNet-Lite0 and what runs it: [\d.]+ of [\d.]+ MB/,
      });
      await waiting.waitFor();
      await page.click('.thumb[aria-label="Hens on a lawn"]');
      const total = (wasm + 9_360_748) / 1e6;
      await page.locator('.waiting', { hasText: `of ${total.toFixed(1)} MB` }).waitFor();
      await untilTitle(page, 'Why “hen”?');
    } finally {
      site.faults.delete(path);
    }
  });

  for (const engine of ['firefox', 'webkit'] as const)
    it(`answers in ${engine} too`, async () => {
      const other = await launch(engine);
      try {
        const elsewhere = await other.open(`${site.origin}/#class=281&than=235&show=both&beside=photo`);
        const seen = await elsewhere.evaluate(async (patience) => {
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
        expect(await elsewhere.errors()).to.deep.equal([]);
        expect(other.outside).to.deep.equal([]);
      } finally {
        await other.close();
      }
    });
});
