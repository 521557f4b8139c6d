// Questions and captions in words, on the models of drawn scenes, against PyTorch's numbers in float64.
import { readFileSync } from 'node:fs';
import { createExplainer, type Picture, type Target } from '@saywhy/core';
import { expect } from 'chai';
import { decodePicture } from '../../../packages/node/src/pictures/decode.js';
import { errorOf } from '../../support/errors.js';
import { distance, floatsOf, type GoldenArray, readGolden, relativeError } from '../../support/golden.js';
import { testRuntime } from '../../support/runtime.js';

interface Golden {
  readonly vqa: {
    readonly cases: readonly {
      picture: string;
      question: string;
      answer: string;
      index: number;
      logits: GoldenArray;
      gradCam: GoldenArray;
    }[];
  };
  readonly caption: {
    readonly cases: readonly {
      picture: string;
      text: string;
      words: readonly { text: string; id: number; at: number; logProbability: number; gradCam: GoldenArray }[];
      gradCam: GoldenArray;
      logProbability: number;
    }[];
  };
}

const goldens = readGolden<Golden>('scenes/goldens.json');
const file = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url));
const scene = (name: string): Promise<Picture> => decodePicture(file(`samples/scenes/${name}`), name);
const open = (name: string) => createExplainer(file(`models/${name}.onnx`), { runtime: testRuntime() });

describe('scenes in words', () => {
  it('questions are answered and explained as in PyTorch', async () => {
    await using explainer = await open('scenes-vqa');
    expect(explainer.model.inputs.map(({ name, kind }) => `${name} ${kind}`)).to.deep.equal([
      'image picture',
      'question text',
    ]);
    for (const { picture, question, answer, index, logits, gradCam } of goldens.vqa.cases) {
      const image = await scene(picture);
      const { predictions, maps, texts } = await explainer.explain(
        { image, question },
        { target: [{ answer }, { top: 1 }] },
      );
      expect(texts).to.deep.equal({ question });
      expect(predictions[0]).to.deep.include({ label: answer, index });
      expect(predictions[0]!.logit).to.be.closeTo(floatsOf(logits)[index]!, 1e-3);
      for (const map of maps) expect(distance(map.raw.data, gradCam), question).to.be.below(1e-4);
    }
  });

  it('captions are said word for word, each with its map, as in PyTorch', async () => {
    await using explainer = await open('scenes-caption');
    for (const { picture, text, words, gradCam, logProbability } of goldens.caption.cases) {
      const image = await scene(picture);
      const caption = await explainer.caption(image);
      expect(caption.text).to.equal(text);
      expect(caption.ended).to.equal(true);
      expect(caption.logProbability).to.be.closeTo(logProbability, 1e-3);
      const target: Target[] = [{ caption: true }, ...caption.words, { logProbability: { caption: text } }];
      const { maps, caption: again } = await explainer.explain({ image, tokens: text }, { target });
      expect(again!.text).to.equal(text);
      expect(distance(maps[0]!.raw.data, gradCam), text).to.be.below(1e-4);
      for (const [i, word] of words.entries()) {
        expect(caption.words[i]!.id).to.equal(word.id);
        expect(Math.log(caption.words[i]!.probability)).to.be.closeTo(word.logProbability, 1e-3);
        expect(distance(maps[i + 1]!.raw.data, word.gradCam), `${text}: ${word.text}`).to.be.below(1e-4);
      }
      expect(maps.at(-1)!.target.value).to.be.closeTo(logProbability, 1e-3);
    }
  });

  it('a caption that is not given is said first; a word is found in it, or placed in it', async () => {
    await using explainer = await open('scenes-caption');
    const image = await scene('star-and-circle.png');
    const whole = await explainer.explain(image);
    expect(whole.caption!.text).to.equal(goldens.caption.cases[0]!.text);
    expect(whole.predictions).to.deep.equal([]);
    expect(whole.maps[0]!.target.text).to.equal(whole.caption!.text);
    const { maps } = await explainer.explain(image, {
      target: [
        'circle',
        { token: 'circle', at: 7 },
        {
          versus: [
            { token: 'circle', at: 7 },
            { token: 'square', at: 7 },
          ],
        },
      ],
    });
    expect(relativeError(maps[0]!.raw.data, maps[1]!.raw.data)).to.be.below(1e-6);
    expect(maps[2]!.target.text).to.equal('circle vs square');
    expect((await explainer.predict(image)).caption!.text).to.equal(whole.caption!.text);
    const check = await explainer.sanityCheck(image, { target: { token: 'circle' } });
    expect(relativeError(check.original.raw.data, maps[0]!.raw.data)).to.be.below(1e-6);
    expect(check.similarity).to.be.below(0.9);
  });

  it('says what does not fit', async () => {
    await using vqa = await open('scenes-vqa');
    await using captions = await open('scenes-caption');
    const image = await scene('star-and-circle.png');
    const asked = (question: string) => errorOf(() => vqa.explain({ image, question }));
    expect(await asked('what color is the cirle?')).to.match(/^unknown-word: .*"cirle".*"circle"/);
    expect(await asked('is there a red circle left of a blue star above a green cross'.repeat(2))).to.match(
      /^(unknown-word|text-too-long)/,
    );
    expect(await asked('a '.repeat(13))).to.match(/^text-too-long: .*"question" takes 12 tokens.*13/);
    expect(await errorOf(() => vqa.explain(image))).to.match(
      /^missing-input: .*"question" \(a text, or int64 \[batch,12\]\)/,
    );
    expect(await errorOf(() => vqa.caption({ image, question: 'is there a star' }))).to.match(/^no-caption/);
    expect(await errorOf(() => vqa.explain({ image, query: 'is there a star' }))).to.match(/^unknown-input: .*"query"/);
    const explained = (target: Target) => errorOf(() => captions.explain(image, { target }));
    expect(await explained({ token: 'square' })).to.match(/^invalid-target: "square" is no word of the caption/);
    expect(await explained({ token: 'circle', at: 20 })).to.match(
      /^invalid-target: `at` is a place in .*0 to 8, not 20/,
    );
    expect(await explained({ token: 'red circle' })).to.match(/^invalid-target: "red circle" is 2 tokens/);
    const wrong = { image, tokens: 'a red circle' };
    expect(await errorOf(() => captions.explain(wrong, { target: { caption: 'a red star' } }))).to.match(
      /^invalid-target/,
    );
  });
});
