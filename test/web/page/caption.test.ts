// A caption of a drawn scene, word by word.
import { expect } from 'chai';
import { accessibilityProblems } from '../../support/browsers/axe.js';
import type { Server } from '../../support/browsers/index.js';
import { repository, servePage } from '../../support/page.js';
import { distance, nodeExplainer } from './node.js';
import { Visit } from './visit.js';

const inNode = async (scene: string) => {
  const explainer = await nodeExplainer(repository('models/scenes-caption.onnx'));
  const image = repository(`samples/scenes/${scene}.png`);
  const caption = await explainer.caption(image);
  const target = [...caption.words.map(({ id, at }) => ({ token: id, at })), { caption: true } as const];
  const { maps } = await explainer.explain(image, { target });
  return { caption, words: maps.slice(0, -1), whole: maps.at(-1)! };
};

describe('captions on the page', function () {
  this.timeout(180_000);
  let server: Server;
  let visit: Visit;
  before(async () => {
    server = await servePage();
    visit = await Visit.open(server, { hash: 'mode=caption' });
  });
  after(async () => {
    await visit?.close();
    await server?.close();
  });

  const words = () => visit.tab.locator('.caption-word');
  const expectShown = async (map: Parameters<typeof distance>[1], what: string): Promise<void> => {
    await visit.settled();
    expect(distance(await visit.strengths(), map), what).to.be.at.most(2);
  };

  it('what the model says is Node’s caption, and its map', async () => {
    const { caption, whole } = await inNode('star-and-circle');
    expect(await words().allTextContents()).to.deep.equal(caption.words.map(({ token }) => token));
    expect(caption.words.length).to.be.greaterThan(4);
    await expectShown(whole, 'the whole caption');
    expect(server.asked.filter(({ path }) => /efficientnet|Judge|Ask|vqa/.test(path))).to.deep.equal([]);
  });

  it('pointing at a word shows its map, as long as one points', async () => {
    const { caption, words: maps, whole } = await inNode('star-and-circle');
    for (const i of [1, 2, caption.words.length - 1]) {
      await words().nth(i).hover();
      await visit.tab.getByText(`Bright places spoke for “${caption.words[i]!.token}”.`).waitFor();
      await expectShown(maps[i]!, caption.words[i]!.token);
    }
    expect(distance(await visit.strengths(), maps[2]!), 'other words have other maps').to.be.greaterThan(50);
    await visit.tab.mouse.move(0, 0);
    await visit.tab.getByText('Bright places spoke for the whole caption.').waitFor();
    await expectShown(whole, 'the whole caption');
  });

  it('the arrow keys go from word to word', async () => {
    const { words: maps, whole } = await inNode('star-and-circle');
    const { keyboard } = visit.tab;
    await visit.tabTo(words().first());
    await expectShown(maps[0]!, 'first');
    await keyboard.press('ArrowRight');
    await keyboard.press('ArrowRight');
    await expectShown(maps[2]!, 'third');
    await keyboard.press('End');
    await expectShown(maps.at(-1)!, 'last');
    await keyboard.press('ArrowRight');
    await keyboard.press('ArrowLeft');
    await expectShown(maps.at(-2)!, 'last but one');
    await keyboard.press('Home');
    expect(await words().evaluateAll((all) => all.map((one) => (one as HTMLElement).tabIndex))).to.deep.equal(
      maps.map((_, i) => (i === 0 ? 0 : -1)),
    );
    await keyboard.press('Escape');
    await expectShown(whole, 'the whole caption');
  });

  it('another scene has another caption; each word says how sure the model was', async () => {
    await visit.button('two blue crosses and an orange circle').click();
    const { caption, whole } = await inNode('two-crosses');
    await visit.headline.filter({ hasText: caption.words.map(({ token }) => token).join('') }).waitFor();
    await expectShown(whole, 'the whole caption');
    const bars = await visit.tab
      .getByRole('list', { name: 'Words of the caption' })
      .getByRole('button')
      .allTextContents();
    expect(bars.slice(1).map((text) => /^\p{L}+/u.exec(text)![0])).to.deep.equal(
      caption.words.map(({ token }) => token),
    );
    caption.words.forEach(({ probability }, i) => {
      expect(Number.parseFloat(/[\d.]+\s%$/.exec(bars[i + 1]!)![0])).to.be.closeTo(100 * probability, 0.51);
    });
    expect(await visit.page.errors()).to.deep.equal([]);
  });

  it('words come one after the other, or at once where motion is not wanted', async () => {
    const delays = () => words().evaluateAll((all) => all.map((one) => getComputedStyle(one).animationName));
    expect(new Set(await delays())).to.deep.equal(new Set(['appear']));
    await visit.tab.emulateMedia({ reducedMotion: 'reduce' });
    expect(new Set(await delays())).to.deep.equal(new Set(['none']));
    await visit.tab.emulateMedia({ reducedMotion: null });
  });

  for (const [scheme, width] of [
    ['light', 1280],
    ['dark', 320],
  ] as const)
    it(`axe finds nothing wrong at ${width} pixels, ${scheme}`, async () => {
      const other = await Visit.open(server, { hash: 'mode=caption', width, height: 800 });
      try {
        await other.tab.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
        await other.tab.locator('.caption-word').nth(1).focus();
        expect(await accessibilityProblems(other.tab)).to.deep.equal([]);
        expect(await other.overflow()).to.be.at.most(0);
      } finally {
        await other.close();
      }
    });
});
