// From one mode to another: by links, back and forth, and by what is dropped.
import { expect } from 'chai';
import type { Server } from '../../support/browsers/index.js';
import { repository, servePage } from '../../support/page.js';
import { Visit } from './visit.js';

describe('the modes of the page', function () {
  this.timeout(240_000);
  let server: Server;
  let visit: Visit;
  before(async () => {
    server = await servePage();
  });
  beforeEach(() => {
    server.asked.length = 0;
  });
  afterEach(() => visit?.close());
  after(() => server?.close());

  const link = (name: string) => visit.tab.getByRole('navigation', { name: 'Modes' }).getByRole('link', { name });
  const current = () => visit.tab.locator('.modes [aria-current=page]').allTextContents();

  it('are links that can be gone back from; what is set stays', async () => {
    visit = await Visit.open(server);
    await visit.bar('German shepherd').click();
    await visit.asks('Why “German shepherd”?');
    await link('Ask').click();
    await visit.asks('Why “red”?');
    expect(await current()).to.deep.equal(['Ask']);
    await link('Caption').click();
    await visit.tab.locator('.caption-word').first().waitFor();
    expect(await current()).to.deep.equal(['Caption']);
    await visit.tab.goBack();
    await visit.asks('Why “red”?');
    await visit.tab.goBack();
    await visit.asks('Why “German shepherd”?');
    expect(await current()).to.deep.equal(['What is it?']);
    expect(await visit.tab.title()).to.equal('Why “German shepherd”? – saywhy');
    // Nothing was asked again: the map that was there is there.
    await visit.map.waitFor();
    await visit.tab.goForward();
    await visit.asks('Why “red”?');
    expect(await visit.page.errors()).to.deep.equal([]);
  });

  it('cost nothing until they are opened', async () => {
    // Without its service worker, which later fetches what is needed without a network.
    visit = await Visit.start(server);
    await visit.map.waitFor();
    const early = await visit.tab.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name));
    expect(early.filter((name) => /(Ask|Caption|Judge|scenes)-/.test(name))).to.deep.equal([]);
    expect(early.filter((name) => /assets\/index-/.test(name))).to.not.deep.equal([]);
  });

  it('what is dropped where nothing takes it is looked at on the desk', async () => {
    visit = await Visit.start(server, { hash: 'mode=judge' });
    await visit.button('Begin').waitFor();
    await visit.drop(repository('samples/koala.jpg'));
    await visit.asks('Why “koala”?');
    expect(await current()).to.deep.equal(['What is it?']);
  });

  it('a study goes on where one left it', async () => {
    visit = await Visit.start(server, { hash: 'mode=judge' });
    await visit.button('Begin').click();
    const ready = (n: number) =>
      visit.tab
        .getByText(`${n} of 20`, { exact: true })
        .waitFor()
        .then(() => visit.tab.locator('.judge-choices [aria-disabled=false]').first().waitFor());
    await ready(1);
    await visit.tab.keyboard.press('1');
    await ready(2);
    await link('What is it?').click();
    await visit.asks('Why “Egyptian cat”?');
    // Keys answer nothing there.
    await visit.tab.keyboard.press('1');
    await link('Judge').click();
    await ready(2);
    await visit.tab.keyboard.press('2');
    await ready(3);
    await visit.tab.keyboard.press('2');
    await ready(4);
    expect(await visit.page.errors()).to.deep.equal([]);
  });
});
