import { basename } from 'node:path';
import { loadPicture, overlay } from '@saywhy/node';
import { expect } from 'chai';
import { distance, expectSameMap } from './node.js';
import { answerOf, captioner, captionOf, photograph, scene, talking, vqa } from './talk.js';

describe('one’s own pictures, asked about in words', function () {
  this.timeout(180_000);
  const { open, written } = talking();

  it('a picture that is dropped is asked about where it was dropped, and no link tells of it', async () => {
    const { visit, talk } = await open({ hash: 'mode=ask&scene=two-crosses' });
    await visit.drop(photograph);
    await talk.picture('cat-and-dog.png').waitFor();
    await visit.settled();
    expect(await talk.mode()).to.equal('Ask');
    expect(await talk.strip.getByRole('button', { pressed: true }).getAttribute('aria-label')).to.equal(
      'cat-and-dog.png',
    );
    await talk.scenesOnly.waitFor();
    await talk.ask('is there a green thing?');
    const { maps, predictions } = await answerOf(vqa, photograph, 'is there a green thing?');
    await visit.asks(`Why “${predictions[0]!.label}”?`);
    expect(distance(await visit.strengths(), maps[0]!)).to.be.at.most(2);
    await visit.tab
      .getByRole('status')
      .filter({ hasText: /^(yes|no): strongest / })
      .waitFor({ state: 'attached' });
    expect(await talk.hash()).to.equal('#mode=ask&picture=cat-and-dog.png&model=efficientnet-lite0');
    await visit.tab.getByText('your own files stay with you').waitFor();

    // It is there in the other modes too, and the way back to it keeps the question.
    await talk.goTo('Caption');
    await talk.expectCaption(await captionOf(captioner, photograph));
    await visit.tab.goBack();
    await visit.asks(`Why “${predictions[0]!.label}”?`);
    expect(await talk.question.inputValue()).to.equal('is there a green thing?');
    await visit.button('two blue crosses and an orange circle').click();
    await talk.scenesOnly.waitFor({ state: 'detached' });
    expect(await talk.hash()).to.include('scene=two-crosses');
  });

  it('a picture that is chosen or pasted is captioned where one is', async () => {
    const { visit, talk } = await open({ hash: 'mode=caption' });
    await visit.tabTo(visit.button(/^Yours/));
    await visit.choose(visit.button(/^Yours/), photograph);
    await talk.picture('cat-and-dog.png').waitFor();
    await talk.scenesOnly.waitFor();
    await talk.expectCaption(await captionOf(captioner, photograph));
    await visit.tab.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await visit.page.evaluate(async () => {
      const canvas = new OffscreenCanvas(90, 60);
      const context = canvas.getContext('2d')!;
      context.fillStyle = 'silver';
      context.fillRect(0, 0, 90, 60);
      context.fillStyle = 'red';
      context.fillRect(20, 20, 20, 20);
      const blob = await canvas.convertToBlob({ type: 'image/png' });
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]);
    });
    await visit.tab.keyboard.press('Control+V');
    await talk.picture('image.png').waitFor();
    await talk.words.first().waitFor();
    await visit.settled();
    expect(await talk.mode()).to.equal('Caption');
    expect(await talk.strip.getByRole('button', { name: 'cat-and-dog.png' }).count()).to.equal(1);
  });

  it('what takes many runs says how many are over, and can be stopped', async () => {
    const { visit } = await open({ hash: 'mode=ask' });
    await visit.asks('Why “red”?');
    await visit.tab.getByRole('combobox', { name: 'Method' }).selectOption({ label: 'Occlusion' });
    await visit.tab.getByText(/Run \d+ of \d+ of the model/).waitFor();
    await visit.button('Stop').click();
    await visit.settled();
    expect((await visit.savedJson()).method).to.equal('grad-cam');
  });

  it('a picture that cannot be read says so over where it would be', async () => {
    const { visit } = await open({ hash: 'mode=ask' });
    await visit.drop(await written('cut.png', Buffer.from('\x89PNG\r\n\x1a\n and nothing more', 'latin1')));
    const problem = visit.tab.getByRole('alert').filter({ hasText: 'cut.png' });
    await problem.waitFor();
    expect(await problem.evaluate((alert) => alert.closest('.viewing') !== null)).to.equal(true);
    await visit.button('two blue crosses and an orange circle').click();
    await problem.waitFor({ state: 'detached' });
  });

  it('an answer’s picture, numbers and question can be taken along', async () => {
    const { visit, talk } = await open({ hash: 'mode=ask' });
    await visit.asks('Why “red”?');
    const question = await talk.question.inputValue();
    const explanation = await answerOf(vqa, scene, question);
    const { name, bytes } = await visit.save('Picture');
    expect(name).to.equal('star-and-circle_grad-cam_red.png');
    const [saved, expected] = [await loadPicture(bytes), overlay(explanation, { opacity: 0.8 })];
    expect([saved.width, saved.height]).to.deep.equal([expected.width, expected.height]);
    const apart = expected.data.filter((value, i) => Math.abs(value - saved.data[i]!) > 3).length;
    expect(apart / expected.data.length).to.be.lessThan(1e-3);
    expectSameMap(await visit.savedMap(), explanation.maps[0]!.raw);
    const json = await visit.savedJson();
    expect(json).to.deep.include({ image: basename(scene), method: 'grad-cam', texts: { question } });
    expect(json.files).to.deep.equal({ overlay: name, raw: name.replace('.png', '.npy') });
  });

  it('so can the map of the word that is shown, and that of the whole caption', async () => {
    const { visit, talk } = await open({ hash: 'mode=caption' });
    const { caption, maps } = await captionOf(captioner, scene);
    expectSameMap(await visit.savedMap(), maps.at(-1)!.raw);
    await talk.words.nth(2).click();
    await visit.settled();
    const file = await visit.save('Map (.npy)');
    expect(file.name).to.equal('star-and-circle_grad-cam_star.npy');
    expectSameMap(await visit.savedMap(), maps[2]!.raw);
    const json = await visit.savedJson();
    expect(json.target.text).to.equal('star');
    expect(json.caption?.text).to.equal(caption.text);
  });
});
