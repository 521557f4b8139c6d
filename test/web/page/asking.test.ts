// Asking about classes: by click, keyboard, drag and words.
import { expect } from 'chai';
import type { Server } from '../../support/browsers/index.js';
import { servePage } from '../../support/page.js';
import { expectSameMap, inNode } from './node.js';
import { Visit } from './visit.js';

/** The cat's face fills the lower half of the sample that the page opens with, a German shepherd the upper one. */
const [DOG, CAT, TABBY] = [235, 285, 281];

describe('asking about a class on the page', function () {
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

  it('by clicking its bar shows its map, without another forward run', async () => {
    await visit.bar('German shepherd').click();
    await visit.asks('Why “German shepherd”?');
    const { maps } = await inNode({ target: DOG });
    const map = await visit.savedMap();
    expectSameMap(map, maps[0]!.raw);
    const [rows, columns] = map.shape as [number, number];
    const peak = map.data.indexOf(Math.max(...map.data));
    expect(Math.floor(peak / columns), 'the dog is in the upper half').to.be.lessThan(Math.floor(rows / 2));
    expect((await visit.savedJson()).timings).to.include({ forward: 0 });
    expect(await visit.tab.locator('.timings').textContent()).to.match(/from click to screen on wasm: .*forward 0,/);
    expect(await visit.bar('German shepherd').getAttribute('aria-pressed')).to.equal('true');

    await visit.bar('Egyptian cat').click();
    await visit.asks('Why “Egyptian cat”?');
    const cat = await visit.savedMap();
    expectSameMap(cat, (await inNode({ target: CAT })).maps[0]!.raw);
    const catPeak = cat.data.indexOf(Math.max(...cat.data));
    expect(Math.floor(catPeak / columns), 'the cat is in the lower half').to.be.greaterThan(Math.floor(rows / 2));
  });

  it('rather than another one, by the button at the other’s bar, and the other way round', async () => {
    await visit.button('vs German shepherd: why Egyptian cat rather than that?').click();
    await visit.asks('Why “Egyptian cat” rather than “German shepherd”?');
    const { maps } = await inNode({ target: [{ versus: [CAT, DOG] }, { versus: [DOG, CAT] }] });
    expectSameMap(await visit.savedMap(), maps[0]!.raw);
    await visit.button('Turn it round').click();
    await visit.asks('Why “German shepherd” rather than “Egyptian cat”?');
    expectSameMap(await visit.savedMap(), maps[1]!.raw);
    await visit.tab.getByRole('radio', { name: 'both' }).check();
    await visit.asks('“German shepherd” or “Egyptian cat”?');
    await visit.tab.getByRole('radio', { name: 'for the first' }).check();
  });

  it('rather than another one, by dragging its bar onto the other', async () => {
    const from = (await visit.bar('tabby').boundingBox())!;
    const to = (await visit.bar('German shepherd').boundingBox())!;
    const { mouse } = visit.tab;
    await mouse.move(from.x + 60, from.y + 12);
    await mouse.down();
    await mouse.move(to.x + 60, to.y + 20, { steps: 6 });
    await mouse.up();
    await visit.asks('Why “tabby” rather than “German shepherd”?');
    const { maps } = await inNode({ target: { versus: [TABBY, DOG] } });
    expectSameMap(await visit.savedMap(), maps[0]!.raw);
  });

  it('rather than another one, by the keyboard', async () => {
    const { keyboard } = visit.tab;
    await visit.bar('Egyptian cat').focus();
    await keyboard.press('Enter');
    await visit.asks('Why “Egyptian cat”?');
    await visit.bar('tabby').focus();
    await keyboard.press('Tab');
    await keyboard.press('Space');
    await visit.asks('Why “Egyptian cat” rather than “tabby”?');
  });

  it('in words: a label, an index, one against another', async () => {
    const box = visit.tab.getByRole('combobox', { name: 'Ask about another class' });
    for (const [words, question] of [
      ['red wine', 'Why “red wine”?'],
      ['lynx', 'Why “lynx”?'],
      ['235', 'Why “German shepherd”?'],
      ['tabby vs Egyptian cat', 'Why “tabby” rather than “Egyptian cat”?'],
      ['not:tabby', 'What speaks against “tabby”?'],
    ] as const) {
      await box.fill(words);
      await box.press('Enter');
      await visit.asks(question);
      expect(await box.inputValue()).to.equal('');
      if (words === 'red wine') expect(await visit.bar('red wine').textContent()).to.match(/<\s0\.1\s%/);
    }
    expectSameMap(await visit.savedMap(), (await inNode({ target: { not: TABBY } })).maps[0]!.raw);
    await visit.tab.getByRole('radio', { name: 'for it' }).check();
    await visit.asks('Why “tabby”?');
  });

  it('in words that no class has says what there is', async () => {
    const box = visit.tab.getByRole('combobox', { name: 'Ask about another class' });
    await box.fill('taby');
    await box.press('Enter');
    const problem = visit.tab.getByRole('alert');
    await problem.filter({ hasText: 'unknown-label' }).waitFor();
    expect(await problem.textContent()).to.match(/"taby".*tabby/);
    expect(await visit.headline.textContent()).to.equal('Why “Egyptian cat”?');
    await problem.getByRole('button', { name: 'Dismiss' }).click();
    await problem.waitFor({ state: 'detached' });
  });

  it('shows what speaks against it, and both around zero', async () => {
    await visit.bar('German shepherd').click();
    await visit.tab.getByRole('radio', { name: 'against it' }).check();
    await visit.asks('What speaks against “German shepherd”?');
    const { maps } = await inNode({ target: [DOG, { not: DOG }] });
    const [pro, contra] = maps.map(({ raw }) => raw);
    expectSameMap(await visit.savedMap(), contra!);
    await visit.tab.getByRole('radio', { name: 'both' }).check();
    await visit.asks('What speaks for and against “German shepherd”?');
    const both = await visit.savedMap();
    expectSameMap(both, { shape: pro!.shape, data: pro!.data.map((value, i) => value - contra!.data[i]!) });
    const { range, signed } = (await visit.savedJson()).map;
    expect(signed).to.equal(true);
    expect(range[0]).to.equal(-range[1]);
    expect(await visit.tab.locator('.legend-scale').textContent()).to.match(/against −.*for /);
    await visit.tab.getByRole('radio', { name: 'for it' }).check();
    await visit.asks('Why “German shepherd”?');
  });

  it('stops what is still running when something else is asked', async () => {
    await visit.tab.getByRole('combobox', { name: 'Method' }).selectOption({ label: 'Occlusion' });
    await visit.tab.getByText(/Run \d+ of \d+ of the model/).waitFor();
    await visit.tab.getByRole('combobox', { name: 'Method' }).selectOption({ label: 'Grad-CAM' });
    await visit.bar('Egyptian cat').click();
    await visit.asks('Why “Egyptian cat”?');
    expectSameMap(await visit.savedMap(), (await inNode({ target: CAT })).maps[0]!.raw);
    expect(await visit.tab.getByRole('alert').count()).to.equal(0);

    await visit.tab.getByRole('combobox', { name: 'Method' }).selectOption({ label: 'Occlusion' });
    await visit.button('Stop').click();
    await visit.settled();
    // The last answer stays, and so does what it was asked with.
    const method = visit.tab.getByRole('combobox', { name: 'Method' });
    expect((await visit.savedJson()).method).to.equal('grad-cam');
    expect(await method.inputValue()).to.equal('grad-cam');
    await method.selectOption({ label: 'Occlusion' });
    await visit.tab.getByText(/Run \d+ of \d+ of the model/).waitFor();
    await visit.tab.keyboard.press('Escape');
    await visit.settled();
    expect(await method.inputValue()).to.equal('grad-cam');
    expect(await visit.headline.textContent()).to.equal('Why “Egyptian cat”?');
    expect(await visit.page.errors()).to.deep.equal([]);
  });
});
