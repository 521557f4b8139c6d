// The report of the command, opened from the disk as a person opens it.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import type { Page as Tab } from 'playwright-core';
import { run, sample, temporaryFolder } from '../node/cli/run.js';
import { accessibilityProblems } from '../support/browsers/axe.js';
import { type Browser, type ChromiumPage, launch } from '../support/browsers/index.js';

/** Where the pictures of the pages are left to be looked at; by default nowhere. */
const shots = process.env.SAYWHY_SCREENSHOTS;

describe('the report in a browser', () => {
  const folder = temporaryFolder();
  let browser: Browser<ChromiumPage>;
  let page: ChromiumPage;
  let tab: Tab;
  let url: string;
  const requests: string[] = [];

  before(async function () {
    this.timeout(90_000);
    const pictures = [sample('cat-and-dog.png'), sample('panda.jpg')];
    const asked = ['--method', 'grad-cam,guided-grad-cam', '--target', 'tabby', '--target', 'German shepherd'];
    const { code, stderr } = await run(['explain', ...pictures, ...asked, '--save', 'report', '--out', folder()]);
    expect(code, stderr).to.equal(0);
    url = pathToFileURL(join(folder(), 'report.html')).href;
    browser = await launch('chromium');
  });
  after(() => browser?.close());

  beforeEach(async () => {
    page = await browser.open('about:blank');
    tab = page.raw;
    requests.length = 0;
    tab.on('request', (request) => requests.push(request.url()));
    await tab.goto(url);
  });
  afterEach(() => page?.close());

  it('opens from the disk without an error, and asks for nothing', async () => {
    expect(await page.errors()).to.deep.equal([]);
    expect(requests.filter((address) => !address.startsWith('data:'))).to.deep.equal([url]);
    expect(browser.outside).to.deep.equal([]);
    const { shown, broken } = await page.evaluate(() => {
      const pictures = [...document.images];
      return {
        shown: pictures.length,
        broken: pictures.filter((image) => !image.complete || image.naturalWidth === 0).length,
      };
    });
    expect(shown).to.be.greaterThan(8);
    expect(broken).to.equal(0);
  });

  it('says in words what every picture shows', async () => {
    const photographs = await tab.getByRole('img', { name: /^The picture / }).all();
    expect(photographs).to.have.length(2);
    const maps = await tab.getByRole('img', { name: / map of .* for .* over .*: strongest / }).all();
    expect(maps).to.have.length(8);
    const unnamed = await page.evaluate(
      () => [...document.images].filter((image) => image.alt === '' && !image.closest('[role=img][aria-label]')).length,
    );
    expect(unnamed).to.equal(0);
  });

  it('is worked by the keyboard alone', async () => {
    const focus = (id: string): Promise<void> => tabTo(tab, id);
    const visibility = (): Promise<string[]> =>
      page.evaluate(() =>
        ['.stage:has(.cells) .smooth', '.stage .cells'].map(
          (selector) => getComputedStyle(document.querySelector(selector)!).visibility,
        ),
      );
    expect(await visibility()).to.deep.equal(['visible', 'hidden']);
    await focus('smooth');
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle);
    expect(outline).to.equal('solid');
    await tab.keyboard.press('ArrowRight');
    expect(await visibility()).to.deep.equal(['hidden', 'visible']);

    await focus('colour');
    await tab.keyboard.press('ArrowRight');
    expect(await page.evaluate(() => getComputedStyle(document.querySelector('.photo')!).filter)).to.match(
      /^grayscale/,
    );
    await tab.keyboard.press('ArrowRight');
    expect(await page.evaluate(() => getComputedStyle(document.querySelector('.photo')!).visibility)).to.equal(
      'hidden',
    );

    await focus('opacity');
    const opacity = (): Promise<number> =>
      page.evaluate(() => Number(getComputedStyle(document.querySelector('.stage .smooth')!).opacity));
    expect(await opacity()).to.be.closeTo(0.85, 1e-6);
    await tab.keyboard.press('Home');
    expect(await opacity()).to.equal(0);
    await tab.keyboard.press('End');
    expect(await opacity()).to.equal(1);
    expect(await tab.locator('#opacity-value').textContent()).to.equal('100 %');

    await tab.keyboard.press('Tab');
    await tab.keyboard.press('Enter');
    expect(await tab.locator('details').first().getAttribute('open')).to.not.equal(null);
  });

  it('does not hide what a link leads to under the controls that stay', async () => {
    await tab.getByRole('link', { name: 'panda.jpg' }).click();
    const { controls, picture } = await page.evaluate(() => ({
      controls: document.querySelector('.controls')!.getBoundingClientRect().bottom,
      picture: document.querySelector('#picture-1')!.getBoundingClientRect().top,
    }));
    expect(picture).to.be.at.least(controls);
  });

  for (const width of [360, 800, 1280]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      it(`has nothing that axe finds wrong and fits at ${width} px, ${colorScheme}`, async function () {
        this.timeout(40_000);
        await tab.setViewportSize({ width, height: 900 });
        await tab.emulateMedia({ colorScheme });
        for (const summary of await tab.locator('summary').all()) await summary.click();
        expect(await accessibilityProblems(tab)).to.deep.equal([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).to.be.at.most(width);
        if (shots !== undefined) {
          await mkdir(shots, { recursive: true });
          await tab.screenshot({ path: join(shots, `report-${width}-${colorScheme}.png`), fullPage: true });
        }
      });
    }
  }
});

async function tabTo(tab: Tab, id: string): Promise<void> {
  for (let presses = 0; presses < 30; presses++) {
    if ((await tab.evaluate(() => document.activeElement?.id)) === id) return;
    await tab.keyboard.press('Tab');
  }
  throw new Error(`The keyboard does not reach #${id}`);
}
