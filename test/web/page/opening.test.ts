// How the page opens: with an answer, from its own files alone.
import { expect } from 'chai';
import type { Server } from '../../support/browsers/index.js';
import { servePage, sharedChromium } from '../../support/page.js';
import { expectSameMap, inNode } from './node.js';
import { Visit } from './visit.js';

describe('the page opens', function () {
  this.timeout(180_000);
  let server: Server;
  let visit: Visit;
  before(async () => {
    server = await servePage();
  });
  beforeEach(() => {
    server.faults.clear();
    server.asked.length = 0;
  });
  afterEach(() => visit?.close());
  after(() => server?.close());

  const modelPath = async (): Promise<string> => {
    const html = await (await fetch(`${server.origin}/`)).text();
    const script = await (await fetch(new URL(/src="(.*?\.js)"/.exec(html)![1]!, server.origin))).text();
    return `/assets/${/efficientnet-lite0-[\w-]+\.onnx/.exec(script)![0]}`;
  };

  it('with an explanation of the first sample, the same as Node’s, and asks nobody else for anything', async () => {
    visit = await Visit.open(server);
    const { predictions, maps, region } = await inNode();
    const [map] = maps;
    const label = map!.target.label!;
    expect(await visit.headline.textContent()).to.equal(`Why “${label.split(',')[0]}”?`);
    expect(await visit.tab.title()).to.equal(`Why “${label.split(',')[0]}”? – saywhy`);
    expectSameMap(await visit.savedMap(), map!.raw);
    const said = await visit.savedJson();
    expect(said.device).to.equal('wasm');
    expect(said.region).to.deep.equal(region);
    expect(said.provenance.model.sha256).to.match(/^[0-9a-f]{64}$/);
    expect(said.predictions.map(({ label }) => label)).to.deep.equal(predictions.map(({ label }) => label));
    said.predictions.forEach(({ logit }, i) => {
      expect(logit).to.be.closeTo(predictions[i]!.logit, 1e-3);
    });
    await visit.tab.getByText('0 requests left this page').waitFor();
    await visit.button(/^Runs on your processor/).waitFor();
    expect((await sharedChromium()).outside).to.deep.equal([]);
    expect(await visit.page.errors()).to.deep.equal([]);
    expect(server.asked.filter(({ status }) => status >= 400)).to.deep.equal([]);
    const addresses = await visit.page.evaluate(() =>
      performance.getEntriesByType('resource').map(({ name }) => new URL(name).origin),
    );
    expect(new Set(addresses)).to.deep.equal(new Set([server.origin]));
  });

  it('with a measure of what is loaded, a choice of pictures meanwhile, and a way to stop and to go on', async () => {
    const model = await modelPath();
    server.faults.set(model, { rate: 200_000 });
    visit = await Visit.start(server);
    const { tab } = visit;
    await tab.getByText(/Loading EfficientNet-Lite0.*: \d+\.\d of \d+\.\d MB/).waitFor();
    const bar = tab.locator('.waiting progress');
    expect(await bar.getAttribute('value').then(Number)).to.be.within(0, 1);
    expect(await tab.locator('.bars-skeleton li').count()).to.equal(5);
    await visit.button('A scarlet macaw').click();
    await tab.locator('.viewer').getByRole('img', { name: 'A scarlet macaw' }).waitFor();
    await visit.button('Stop').click();
    await bar.waitFor({ state: 'detached' });
    server.faults.clear();
    await visit.button('Open it').click();
    await visit.asks('Why “macaw”?');
    expect(await visit.page.errors()).to.deep.equal([]);
  });

  it('with the reason and a way on where the model cannot be had', async () => {
    const model = await modelPath();
    server.faults.set(model, { status: 503 });
    visit = await Visit.start(server);
    await visit.tab.getByRole('alert').filter({ hasText: 'could not be fetched: the server answered 503' }).waitFor();
    server.faults.clear();
    await visit.button('Try again').click();
    await visit.map.waitFor();
  });

  it('without a network after the first visit', async () => {
    visit = await Visit.open(server);
    await visit.tab.waitForFunction(() => document.body.textContent?.includes('works without a network'));
    server.asked.length = 0;
    await visit.tab.context().setOffline(true);
    await visit.tab.reload();
    await visit.asks('Why “Egyptian cat”?');
    expectSameMap(await visit.savedMap(), (await inNode()).maps[0]!.raw);
    await visit.button('Hens on a lawn').click();
    await visit.asks('Why “hen”?');
    // Also what was never looked at.
    await visit.tab.getByRole('link', { name: 'Judge' }).click();
    await visit.button('Begin').waitFor();
    // The browser asks for a newer service worker by itself.
    expect(server.asked.filter(({ path }) => path !== '/sw.js')).to.deep.equal([]);
    await visit.tab.context().setOffline(false);
  });

  it('on one thread, and says so, where the page is not isolated', async () => {
    const plain = await servePage({ isolated: false });
    try {
      visit = await Visit.open(plain);
      expect(await visit.page.evaluate(() => crossOriginIsolated)).to.equal(false);
      await visit.tab.getByText(/on one thread: this page is not cross-origin isolated/).waitFor();
      expectSameMap(await visit.savedMap(), (await inNode()).maps[0]!.raw);
    } finally {
      await plain.close();
    }
  });
});
