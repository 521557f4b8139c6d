// What can be taken along: the picture, the map, the numbers, a link.
import { loadPicture, overlay } from '@saywhy/node';
import { expect } from 'chai';
import type { Server } from '../../support/browsers/index.js';
import { servePage } from '../../support/page.js';
import { expectSameMap, inNode } from './node.js';
import { Visit } from './visit.js';

describe('taking along what the page shows', function () {
  this.timeout(180_000);
  let server: Server;
  let visit: Visit;
  before(async () => {
    server = await servePage();
    visit = await Visit.open(server);
  });
  beforeEach(() => visit.reset());
  after(async () => {
    await visit?.close();
    await server?.close();
  });

  it('the picture, at its own size, is Node’s but for rounding', async () => {
    const explanation = await inNode({ target: 235 });
    await visit.bar('German shepherd').click();
    await visit.asks('Why “German shepherd”?');
    const look = async (options: Parameters<typeof overlay>[1]): Promise<void> => {
      const { name, bytes } = await visit.save('Picture');
      expect(name).to.equal('cat-and-dog_grad-cam_German-shepherd.png');
      const [saved, expected] = [await loadPicture(bytes), overlay(explanation, options)];
      expect([saved.width, saved.height]).to.deep.equal([expected.width, expected.height]);
      const apart = expected.data.filter((value, i) => Math.abs(value - saved.data[i]!) > 3).length;
      expect(apart / expected.data.length).to.be.lessThan(1e-3);
    };
    await look({ opacity: 0.8 });
    await visit.tab.getByRole('radio', { name: '7 × 7 cells' }).check();
    await visit.button('Colours and lines').click();
    await visit.tab.getByRole('combobox', { name: 'Colours' }).selectOption('viridis');
    await visit.tab.getByRole('checkbox', { name: 'Lines at ¼, ½ and ¾' }).check();
    await visit.tab.getByRole('radio', { name: 'grey' }).check();
    await visit.settled();
    await look({ opacity: 0.8, smooth: false, colormap: 'viridis', contours: [0.25, 0.5, 0.75], base: 'gray' });
  });

  it('the numbers, with all that is needed to get them again', async () => {
    await visit.bar('tabby').click();
    await visit.asks('Why “tabby”?');
    const { maps, predictions, region, provenance } = await inNode({ target: 281 });
    const file = await visit.save('Map (.npy)');
    expect(file.name).to.equal('cat-and-dog_grad-cam_tabby.npy');
    expectSameMap(await visit.savedMap(), maps[0]!.raw);
    const said = await visit.savedJson();
    expect(said.image).to.equal('cat-and-dog.png');
    expect(said.files).to.deep.equal({ overlay: 'cat-and-dog_grad-cam_tabby.png', raw: file.name });
    expect(said).to.include({ method: 'grad-cam', layer: maps[0]!.layer.name, device: 'wasm' });
    expect(said.target).to.include({ index: 281, text: 'tabby' });
    expect(said.target.value).to.be.closeTo(maps[0]!.target.value, 1e-3);
    expect(said.map.range[1]).to.be.closeTo(maps[0]!.range[1], 1e-3);
    expect(said.predictions.map(({ index }) => index)).to.deep.equal(predictions.map(({ index }) => index));
    expect(said.region).to.deep.equal(region);
    expect(said.provenance.model.sha256).to.equal(provenance.model.sha256);
    expect(said.provenance.preprocess).to.deep.equal(provenance.preprocess);
  });

  it('a link, of settings alone', async () => {
    await visit.tab.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await visit.follow('class=281');
    await visit.asks('Why “tabby”?');
    await visit.button('Copy a link').click();
    await visit.button('Copied').waitFor();
    const link = await visit.page.evaluate(() => navigator.clipboard.readText());
    expect(link).to.equal(`${server.origin}/#picture=cat-and-dog.png&model=efficientnet-lite0&class=281`);
  });

  it('a link brings back what it says', async () => {
    const hash = 'picture=hens.jpg&method=hires-cam&class=7&show=against&layer=_blocks.10&cells=yes&opacity=0.5';
    const other = await Visit.open(server, { hash });
    try {
      await other.asks('What speaks against “cock”?');
      const legend = other.tab.locator('.legend-note').first();
      expect(await legend.textContent()).to.include('HiResCAM, 14 × 14 cells');
      expect(await other.tab.getByRole('radio', { name: '14 × 14 cells' }).isChecked()).to.equal(true);
      expect(await other.tab.getByRole('slider', { name: 'Strength' }).inputValue()).to.equal('50');
      const said = await other.savedJson();
      expect(said).to.include({ image: 'hens.jpg', method: 'hires-cam', layer: '_blocks.10' });
    } finally {
      await other.close();
    }
  });

  it('a link of something that is not there opens the page all the same', async () => {
    const hash = 'picture=none.jpg&model=none&method=none&layer=none&class=99999999&opacity=7&colors=pink&beside=kept';
    const other = await Visit.open(server, { hash });
    try {
      await other.asks('Why “Egyptian cat”?');
      expect((await other.savedJson()).method).to.equal('grad-cam');
      expect(await other.page.errors()).to.deep.equal([]);
    } finally {
      await other.close();
    }
  });

  it('a link to a class that the model does not have says so', async () => {
    const other = await Visit.start(server, { hash: 'class=5000' });
    try {
      await other.tab.getByRole('alert').filter({ hasText: '5000' }).waitFor();
      await other.button('A giant panda eating bamboo').click();
      await other.asks('Why “giant panda”?');
    } finally {
      await other.close();
    }
  });
});
