// Two maps on one picture: another class, another model, random weights, the photograph alone.
import { expect } from 'chai';
import type { Server } from '../../support/browsers/index.js';
import { repository, servePage } from '../../support/page.js';
import { expectSameMap, inNode, nodeExplainer } from './node.js';
import { Visit } from './visit.js';

describe('comparing on the page', function () {
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

  const compareWith = () => visit.tab.getByRole('combobox', { name: 'Compare with' });
  const divider = () => visit.tab.getByRole('slider', { name: /^Where the two maps meet/ });
  const captions = () => visit.tab.locator('.pane-captions').allTextContents();

  it('with the photograph: the line between them is dragged, and moved by keys', async () => {
    await compareWith().selectOption({ label: 'the photograph' });
    await visit.settled();
    expect(await visit.tab.locator('.viewer .photo').count()).to.equal(2);
    await visit.tab.locator('.viewer .frame').scrollIntoViewIfNeeded();
    const frame = (await visit.tab.locator('.viewer .frame').boundingBox())!;
    const grip = (await divider().boundingBox())!;
    const { mouse, keyboard } = visit.tab;
    await mouse.move(grip.x + grip.width / 2, grip.y + grip.height / 2);
    await mouse.down();
    await mouse.move(frame.x + frame.width / 4, frame.y + frame.height / 2, { steps: 4 });
    await mouse.up();
    expect(await divider().getAttribute('aria-valuenow').then(Number)).to.be.closeTo(25, 2);
    for (const [key, share] of [
      ['1', 100],
      ['2', 0],
      ['3', 50],
      ['ArrowRight', 52],
      ['Home', 0],
      ['End', 100],
    ] as const) {
      await keyboard.press(key);
      await visit.settled();
      expect(await divider().getAttribute('aria-valuenow').then(Number), key).to.equal(share);
    }
  });

  it('with a map that was kept, on one scale', async () => {
    await visit.button('Keep this map').click();
    await visit.bar('German shepherd').click();
    await visit.asks('Why “German shepherd”?');
    const texts = (await captions()).join();
    expect(texts).to.include('German shepherd').and.include('Egyptian cat');
    expect(await visit.tab.locator('.viewer canvas').count()).to.equal(2);
    const { maps } = await inNode({ target: [235, 285] });
    const highest = Math.max(...maps.map(({ range }) => range[1]));
    const legend = visit.tab.locator('.legend');
    expect(await legend.textContent())
      .to.include('one scale for both')
      .and.include(String(Number(highest.toPrecision(3))));
  });

  it('with another model, split or side by side', async () => {
    await compareWith().selectOption({ label: 'EfficientNet-Lite2' });
    const list = visit.tab.getByRole('list', { name: 'Answers of EfficientNet-Lite2' });
    await list.waitFor();
    await visit.settled();
    const { predictions, maps } = await inNode({}, { model: 'efficientnet-lite2' });
    const said = await list.getByRole('listitem').allTextContents();
    predictions.forEach(({ label }, i) => {
      expect(said[i]).to.include(label!.split(',')[0]!);
    });
    // The same class of both, though the second would have said another one first.
    expect(predictions[0]!.label).to.not.include('Egyptian cat');
    expect((await captions()).join())
      .to.match(/EfficientNet-Lite0 · Egyptian cat/)
      .and.match(/EfficientNet-Lite2 · Egyptian cat/);
    await visit.tab.getByRole('radio', { name: 'side by side' }).check();
    await visit.settled();
    expect(await visit.tab.locator('.viewer .stage').count()).to.equal(2);
    // The second model alone gives Node's map too.
    await visit.tab.getByRole('combobox', { name: 'Model' }).selectOption({ label: 'EfficientNet-Lite2' });
    await visit.tab.getByRole('list', { name: 'Answers of EfficientNet-Lite2' }).getByRole('button').first().waitFor();
    await visit.settled();
    expectSameMap(await visit.savedMap(), maps[0]!.raw);
    await visit.tab.getByRole('combobox', { name: 'Model' }).selectOption({ label: 'EfficientNet-Lite0' });
    await visit.asks('Why “Egyptian cat”?');
  });

  it('with random weights: how alike the maps are is Node’s number, and says what follows', async () => {
    await visit.button('Check it').click();
    const verdict = visit.tab.locator('.verdict');
    await verdict.waitFor();
    const node = await nodeExplainer('efficientnet-lite0');
    const check = async (method: string): Promise<number> => {
      const { similarity } = await node.sanityCheck(repository('samples/cat-and-dog.png'), { method, seed: 0 });
      return similarity;
    };
    const told = async (): Promise<number> =>
      Number(/weights: ([−\d.]+)/.exec((await verdict.textContent())!)![1]!.replace('−', '-'));
    expect(await told()).to.be.closeTo(await check('grad-cam'), 0.02);
    expect(await verdict.textContent()).to.include('Depends on what was learned');
    await visit.button('Show the two maps together').click();
    await visit.settled();
    expect((await captions()).join()).to.include('Random weights');
    await visit.tab.getByRole('combobox', { name: 'Method' }).selectOption('guided-backprop');
    await visit.tab.getByText('Hardly depends on the weights').waitFor();
    expect(await told()).to.be.closeTo(await check('guided-backprop'), 0.02);
  });

  it('raised no error all the while', async () => {
    expect(await visit.page.errors()).to.deep.equal([]);
  });
});
