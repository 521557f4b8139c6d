// From the first look to a file, without a mouse.
import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { Server } from '../../support/browsers/index.js';
import { servePage } from '../../support/page.js';
import { inNode } from './node.js';
import { Visit } from './visit.js';

describe('the page by keyboard alone', function () {
  this.timeout(240_000);
  let server: Server;
  let visit: Visit;
  before(async () => {
    server = await servePage();
  });
  after(async () => {
    await visit?.close();
    await server?.close();
  });

  it('a picture, a class, this rather than that, a layer, a method, a comparison, a value, a file', async () => {
    visit = await Visit.open(server);
    const { tab } = visit;
    const { keyboard } = tab;
    await visit.tabTo(visit.button('A giant panda eating bamboo'));
    await keyboard.press('Enter');
    await visit.asks('Why “giant panda”?');
    const { predictions } = await inNode({}, { picture: 'samples/panda.jpg' });
    const second = predictions[1]!.label!.split(',')[0]!;
    await visit.tabTo(visit.bar(second));
    await keyboard.press('Enter');
    await visit.asks(`Why “${second}”?`);
    await visit.tabTo(visit.button(`vs giant panda: why ${second} rather than that?`));
    await keyboard.press('Space');
    await visit.asks(`Why “${second}” rather than “giant panda”?`);
    await visit.tabTo(tab.getByRole('combobox', { name: 'Ask about another class' }));
    await keyboard.type('giant panda');
    await keyboard.press('Enter');
    await visit.asks('Why “giant panda”?');
    await visit.tabTo(tab.getByRole('slider', { name: 'Layer', exact: true }));
    await keyboard.press('ArrowLeft');
    await visit.settled();
    await visit.tabTo(tab.getByRole('combobox', { name: 'Method' }));
    await keyboard.type('HiRes');
    await tab.locator('.legend-note', { hasText: 'HiResCAM' }).waitFor();
    await visit.tabTo(tab.getByRole('combobox', { name: 'Compare with' }));
    await keyboard.type('the photo');
    await keyboard.press('Shift+Tab');
    const divider = tab.getByRole('slider', { name: /^Where the two maps meet/ });
    await visit.tabTo(divider);
    await keyboard.press('ArrowLeft');
    expect(await divider.getAttribute('aria-valuenow')).to.equal('48');
    await visit.tabTo(tab.getByRole('slider', { name: /^Values of the map/ }));
    await keyboard.press('ArrowDown');
    expect(await tab.locator('.legend-note').first().textContent()).to.match(/row \d of \d, column \d of \d/);
    await visit.tabTo(tab.locator('.save').getByRole('button', { name: 'JSON' }));
    const [download] = await Promise.all([tab.waitForEvent('download'), keyboard.press('Enter')]);
    const said = JSON.parse(await readFile(await download.path(), 'utf8')) as Record<string, unknown>;
    expect(said).to.include({ image: 'panda.jpg', method: 'hires-cam' });
    expect(said.target).to.include({ index: 388 });
    expect(await visit.page.errors()).to.deep.equal([]);
  });
});
