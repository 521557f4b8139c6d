// Captioners in two files, as Hugging Face's optimum exports them, against the same network in one.
import { createExplainer, type Explanation } from '@saywhy/core';
import { joinEncoderDecoder } from '@saywhy/core/encoder-decoder';
import { expect } from 'chai';
import { smallPicture } from '../../support/caption-nets.js';
import { errorOf } from '../../support/errors.js';
import { relativeError } from '../../support/golden.js';
import { captioner, encoderFile, preprocess, tokenizer } from '../../support/merged-decoder.js';
import { testRuntime } from '../../support/runtime.js';

const pixel_values = smallPicture();
const layer = 'features';
const SEED = 9;

describe('joinEncoderDecoder', () => {
  let expected: Explanation;

  before(async () => {
    const whole = captioner({ merged: false, picture: true, keeps: false }, SEED);
    await using explainer = await createExplainer(whole, { runtime: testRuntime(), tokenizer, preprocess });
    expected = await explainer.explain({ pixel_values }, { layer });
  });

  for (const kind of [
    { merged: false, keeps: false },
    { merged: true, keeps: false },
    { merged: true, keeps: true },
  ])
    it(`${kind.merged ? 'a merged' : 'a plain'} decoder${kind.keeps ? ' that keeps the encoder’s keys' : ''}: the same words, the same maps`, async () => {
      const decoder = captioner({ ...kind, picture: false }, SEED);
      const model = joinEncoderDecoder({ bytes: encoderFile(SEED) }, { bytes: decoder });
      await using explainer = await createExplainer(model, { runtime: testRuntime(), tokenizer, preprocess });
      const { inputs, picture } = explainer.model;
      expect(inputs.find(({ name }) => name === picture)).to.include({ name: 'pixel_values', kind: 'picture' });
      const { caption, maps } = await explainer.explain({ pixel_values }, { layer });
      expect(caption!.words.length).to.be.greaterThan(2);
      expect(caption!.words.map(({ id }) => id)).to.deep.equal(expected.caption!.words.map(({ id }) => id));
      expect(maps).to.have.length(expected.maps.length);
      for (const [i, { raw }] of maps.entries())
        expect(relativeError(raw.data, expected.maps[i]!.raw.data), `map ${i}`).to.be.below(1e-5);
    });

  it('refuses two files that are no pair, with what each has', async () => {
    const decoder = captioner({ merged: false, picture: false, keeps: false });
    const message = await errorOf(() => joinEncoderDecoder({ bytes: decoder }, { bytes: encoderFile() }));
    expect(message)
      .to.match(/^not-a-pair/)
      .and.to.include('pixel_values')
      .and.to.include('outputs are logits');
  });
});
