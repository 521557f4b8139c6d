// For everybody: what axe finds, large type, no motion.
import { expect } from 'chai';
import { accessibilityProblems } from '../../support/browsers/axe.js';
import type { Server } from '../../support/browsers/index.js';
import { servePage } from '../../support/page.js';
import { Visit } from './visit.js';

describe('the page is for everybody', function () {
  this.timeout(240_000);
  let server: Server;
  let visit: Visit;
  before(async () => {
    server = await servePage();
  });
  afterEach(() => visit?.close());
  after(() => server?.close());

  for (const scheme of ['light', 'dark'] as const)
    for (const width of [1440, 800, 320])
      it(`axe finds nothing wrong at ${width} pixels, ${scheme}`, async () => {
        const hash = 'class=285&than=235&show=both&beside=photo&contours=yes';
        visit = await Visit.open(server, { hash, width, height: 900 });
        await visit.tab.emulateMedia({ colorScheme: scheme });
        await visit.button('Colours and lines').click();
        const box = visit.tab.getByRole('combobox', { name: 'Ask about another class' });
        await box.fill('no such class');
        await box.press('Enter');
        for (const summary of await visit.tab.locator('summary').all()) await summary.click();
        expect(await accessibilityProblems(visit.tab)).to.deep.equal([]);
        expect(await visit.overflow()).to.be.at.most(0);
      });

  it('at 200 % on a window of 1280 pixels nothing has to be scrolled sideways', async () => {
    // A browser that enlarges a page gives it as many pixels fewer.
    visit = await Visit.open(server, { width: 640, height: 400 });
    await visit.tab.getByRole('combobox', { name: 'Compare with' }).selectOption({ label: 'EfficientNet-Lite2' });
    await visit.tab.getByRole('list', { name: 'Answers of EfficientNet-Lite2' }).waitFor();
    await visit.settled();
    expect(await visit.overflow()).to.be.at.most(0);
    await visit.tab.getByRole('radio', { name: 'side by side' }).check();
    await visit.settled();
    expect(await visit.overflow()).to.be.at.most(0);
  });

  it('choosing what to compare with does not move the desk', async () => {
    visit = await Visit.open(server, { width: 1280, height: 800 });
    const top = () => visit.tab.locator('.desk').evaluate((desk) => desk.getBoundingClientRect().top + scrollY);
    const before = await top();
    for (const label of ['the photograph', 'EfficientNet-Lite2', 'nothing']) {
      await visit.tab.getByRole('combobox', { name: 'Compare with' }).selectOption({ label });
      await visit.settled();
      expect(await top(), label).to.equal(before);
    }
  });

  it('nothing moves where motion is not wanted', async () => {
    visit = await Visit.open(server);
    const longest = () =>
      visit.tab.evaluate(() => {
        const seconds = (text: string): number[] =>
          text.split(',').map((part) => Number.parseFloat(part) * (part.trim().endsWith('ms') ? 0.001 : 1));
        const all = [...document.querySelectorAll('*')].flatMap((element) => {
          const style = getComputedStyle(element);
          const animated = style.animationName === 'none' ? [0] : seconds(style.animationDuration);
          return [...animated, ...seconds(style.transitionDuration)];
        });
        return Math.max(...all);
      });
    // A map that is waited for breathes.
    const method = visit.tab.getByRole('combobox', { name: 'Method' });
    await method.selectOption({ label: 'Occlusion' });
    await visit.tab.locator('.layer-waiting').first().waitFor();
    expect(await longest()).to.be.greaterThan(0.1);
    await visit.tab.emulateMedia({ reducedMotion: 'reduce' });
    expect(await visit.tab.locator('.layer-waiting').count(), 'it is still waited for').to.be.greaterThan(0);
    expect(await longest()).to.be.at.most(0.01);
    await visit.button('Stop').click();
  });
});
