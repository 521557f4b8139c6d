// One's own models that read questions or write captions: they open where they can be used.
import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { accessibilityProblems } from '../../support/browsers/axe.js';
import { captionNet, preprocess } from '../../support/caption-nets.js';
import { captioner as captionerFile, encoderFile, folderFiles, tokenizer } from '../../support/merged-decoder.js';
import { repository } from '../../support/page.js';
import { expectSameMap } from './node.js';
import { answerOf, captioner, captionOf, photograph, scene, talking, vqa, withoutWords } from './talk.js';

describe('one’s own models, asked in words', function () {
  this.timeout(180_000);
  const { open, written } = talking();

  it('a model that answers questions opens where they are asked, with the picture that came with it', async () => {
    const { visit, talk } = await open();
    await visit.bar('German shepherd').click();
    await visit.asks('Why “German shepherd”?');
    await visit.drop(
      await written('mine.onnx', await readFile(vqa)),
      await written('my-scene.png', await readFile(scene)),
    );
    await talk.picture('my-scene.png').waitFor();
    await talk.opened('mine');
    expect(await talk.mode()).to.equal('Ask');
    expect(await talk.scenesOnly.count(), 'it may know photographs').to.equal(0);
    await talk.ask('what colour is the star?');
    await visit.asks('Why “yellow”?');
    const { maps, predictions } = await answerOf(vqa, scene, 'what colour is the star?');
    expectSameMap(await visit.savedMap(), maps[0]!.raw);
    const json = await visit.savedJson();
    expect(json.image).to.equal('my-scene.png');
    expect(json.model).to.equal('mine');
    expect(json.predictions.map(({ label }) => label)).to.deep.equal(predictions.map(({ label }) => label));
    expect(await talk.hash()).to.equal('#mode=ask&model=efficientnet-lite0');

    // And back to the one that came with the page.
    await talk.model.selectOption({ label: 'Scenes-VQA' });
    await talk.scenesOnly.waitFor();
    await visit.settled();
    expect(await talk.modelInUse()).to.equal('Scenes-VQA');
    expect((await visit.savedJson()).model).to.equal('scenes-vqa');
    // The desk still has its own.
    await talk.goTo('What is it?');
    await visit.headline.filter({ hasText: /^Why “/ }).waitFor();
    expect(await talk.modelInUse()).to.equal('EfficientNet-Lite0');
    expect(await talk.model.locator('option').allTextContents()).to.not.include('mine');
  });

  it('a model that writes captions opens where they are shown, with the preprocessing that came with it', async () => {
    const { visit, talk } = await open({ hash: 'mode=ask' });
    const net = await written('teller.onnx', captionNet('whole', 12));
    await visit.drop(net, await written('pixels.json', JSON.stringify(preprocess)));
    await talk.opened('teller');
    expect(await talk.mode()).to.equal('Caption');
    const expected = await captionOf(net, scene, { preprocess });
    await talk.expectCaption(expected);
    await visit.tab.getByText('as you said', { exact: true }).waitFor();
    await talk.words.nth(1).click();
    await visit.settled();
    expectSameMap(await visit.savedMap(), expected.maps[1]!.raw);
    await talk.model.selectOption({ label: 'Scenes-Caption' });
    await talk.expectCaption(await captionOf(captioner, scene));
  });

  it('a captioner in two files comes with its tokenizer, as in a Hugging Face folder', async () => {
    const decoder = captionerFile({ merged: false, picture: false, keeps: false }, 9);
    const { visit, talk } = await open();
    await visit.bar('German shepherd').click();
    await visit.drop(
      ...(await Promise.all([
        written('decoder_with_past_model.onnx', decoder),
        written('decoder_model.onnx', decoder),
        written('encoder_model.onnx', encoderFile(9)),
        ...Object.entries(folderFiles).map(([name, json]) => written(name, JSON.stringify(json))),
        written('special_tokens_map.json', '{"bos_token": "<begin>"}'),
      ])),
    );
    await talk.opened('encoder_model + decoder_model');
    expect(await talk.mode()).to.equal('Caption');
    const whole = await written('whole.onnx', captionerFile({ merged: false, picture: true, keeps: false }, 9));
    const { caption } = await captionOf(whole, scene, { preprocess, tokenizer });
    await visit.headline.filter({ hasText: caption.words.map(({ token }) => token).join('') }).waitFor();
    expect(await visit.tab.getByRole('alert').count()).to.equal(0);
  });

  it('a model that says marks, and one that says nothing', async () => {
    const { visit, talk } = await open({ hash: 'mode=caption' });
    const pixels = await written('pixels.json', JSON.stringify(preprocess));
    await visit.drop(await written('marks.onnx', captionNet('whole', 41)), pixels);
    await talk.opened('marks');
    await visit.headline.filter({ hasText: 'redred<1>red<1>' }).waitFor();
    await visit.drop(await written('mute.onnx', captionNet('whole', 8)), pixels);
    await talk.opened('mute');
    await visit.tab.getByRole('alert').filter({ hasText: 'has no words' }).waitFor();
    expect(await talk.words.count()).to.equal(0);
  });

  it('a classifier opens on the desk', async () => {
    const { visit, talk } = await open({ hash: 'mode=caption' });
    await visit.drop(
      await written('classes.onnx', await readFile(repository('test/fixtures/nets/residual.torchscript.onnx'))),
    );
    await talk.opened('classes');
    await visit.headline.filter({ hasText: /^Why “class \d”\?$/ }).waitFor();
    expect(await talk.mode()).to.equal('What is it?');
  });

  it('a model whose words nobody knows says so where it was dropped, until it is given them', async () => {
    const { model, words } = await withoutWords();
    const { visit, talk } = await open();
    await visit.bar('German shepherd').click();
    await visit.asks('Why “German shepherd”?');
    await visit.drop(await written('silent.onnx', model));
    const problem = visit.tab.getByRole('alert').filter({ hasText: 'no-tokenizer' });
    await problem.waitFor();
    expect(await problem.textContent()).to.match(/silent reads a question.*"question".*tokenizer\.json.*vocabulary/s);
    expect(await talk.mode()).to.equal('What is it?');
    // What was looked at meanwhile stays as it was.
    await visit.asks('Why “German shepherd”?');
    await visit.choose(
      visit.button('Give its words…'),
      repository('test/fixtures/tokenizers/word-piece/tokenizer_config.json'),
    );
    await visit.tab.getByRole('alert').filter({ hasText: 'Give tokenizer.json with it' }).waitFor();
    await visit.choose(visit.button('Give its words…'), await written('words.json', words));
    await talk.opened('silent');
    expect(await talk.mode()).to.equal('Ask');
    expect(await visit.tab.getByRole('alert').count()).to.equal(0);
    await talk.ask('what colour is the star?');
    await visit.asks('Why “yellow”?');
    await visit.tab.goBack();
    await visit.asks('Why “German shepherd”?');
    await visit.tab.goForward();
    await visit.asks('Why “yellow”?');

    await visit.drop(await written('other.onnx', model));
    await problem.waitFor();
    expect(await talk.modelInUse()).to.equal('silent');
    await problem.getByRole('button', { name: 'Dismiss' }).click();
    await problem.waitFor({ state: 'detached' });
  });

  for (const [scheme, width] of [
    ['light', 320],
    ['dark', 800],
    ['light', 1440],
  ] as const)
    it(`axe finds nothing wrong at ${width} pixels, ${scheme}`, async () => {
      const { visit, talk } = await open({ hash: 'mode=ask', width, height: 900 });
      await visit.tab.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await visit.drop(photograph, await written('silent.onnx', (await withoutWords()).model));
      await visit.tab.getByRole('alert').filter({ hasText: 'no-tokenizer' }).waitFor();
      await talk.scenesOnly.waitFor();
      await visit.settled();
      for (const summary of await visit.tab.locator('summary').all()) await summary.click();
      // On a phone the picture stays in sight, over what is below it.
      await visit.tab.evaluate(() => scrollTo(0, 0));
      expect(await accessibilityProblems(visit.tab)).to.deep.equal([]);
      expect(await visit.overflow()).to.be.at.most(0);
      await talk.goTo('Caption');
      await talk.words.first().waitFor();
      await visit.settled();
      expect(await accessibilityProblems(visit.tab)).to.deep.equal([]);
      expect(await visit.overflow()).to.be.at.most(0);
    });
});
