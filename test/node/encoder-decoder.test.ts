// A folder as Hugging Face's optimum writes it for a model that captions pictures: an encoder, decoders, a tokenizer, and how texts begin and end.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeModel } from '@saywhy/autodiff';
import { createExplainer, type Explanation, loadModel, prepare } from '@saywhy/node';
import { expect } from 'chai';
import { smallPicture } from '../support/caption-nets.js';
import { errorOf } from '../support/errors.js';
import { captioner, encoderFile, folderFiles, preprocess, tokenizer } from '../support/merged-decoder.js';
import { run } from './cli/run.js';

const SEED = 9;
const pixel_values = smallPicture();
describe('a folder with an encoder and decoders', () => {
  let folder: string;
  let expected: Explanation;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saywhy-pair-'));
    const whole = captioner({ merged: false, picture: true, keeps: false }, SEED);
    await using explainer = await createExplainer(whole, { device: 'cpu', tokenizer, preprocess });
    expected = await explainer.explain({ pixel_values }, { layer: 'features' });
    await mkdir(join(folder, 'onnx'));
    for (const [name, json] of Object.entries(folderFiles)) await writeFile(join(folder, name), JSON.stringify(json));
    await writeFile(join(folder, 'onnx', 'encoder_model.onnx'), encoderFile(SEED));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const add = (name: string, merged: boolean) =>
    writeFile(join(folder, 'onnx', name), captioner({ merged, picture: false, keeps: false }, SEED));
  const same = ({ caption, maps }: Explanation): void => {
    expect(caption!.text).to.equal(expected.caption!.text);
    expect(maps).to.have.length(expected.maps.length);
    for (const [i, { data }] of maps.entries())
      for (const [k, value] of data.entries()) expect(value).to.be.closeTo(expected.maps[i]!.data[k]!, 1e-4);
  };

  it('is one model, from the picture to the words', async () => {
    await add('decoder_model_merged.onnx', true);
    await add('decoder_model.onnx', false);
    await add('decoder_with_past_model.onnx', false);
    await using explainer = await createExplainer(folder, { device: 'cpu' });
    // The plain decoder is taken where there is one.
    expect(explainer.model.inputs.map(({ name }) => name)).to.deep.equal(['pixel_values', 'input_ids']);
    same(await explainer.explain({ pixel_values }, { layer: 'features' }));
  });

  it('is one with the merged decoder too', async () => {
    await add('decoder_model_merged.onnx', true);
    await using explainer = await createExplainer(folder, { device: 'cpu' });
    same(await explainer.explain({ pixel_values }, { layer: 'features' }));
  });

  it('can be given file by file, and prepared as one file', async () => {
    await add('decoder_model.onnx', false);
    const at = (name: string) => join(folder, 'onnx', name);
    const pair = { encoder: at('encoder_model.onnx'), decoder: at('decoder_model.onnx') };
    await using explainer = await createExplainer(pair, { device: 'cpu', tokenizer, preprocess });
    same(await explainer.explain({ pixel_values }, { layer: 'features' }));
    expect(explainer.model.name).to.equal('encoder_model');
    const bytes = writeModel(prepare((await loadModel(folder)).model, { scores: 'logits' }));
    await using prepared = await createExplainer(bytes, { device: 'cpu', tokenizer, preprocess });
    same(await prepared.explain({ pixel_values }, { layer: 'features' }));
  });

  it('is told of by the command as what it is', async () => {
    await add('decoder_model.onnx', false);
    const { code, stdout } = await run(['inspect', folder]);
    expect(code).to.equal(0);
    expect(stdout)
      .to.match(/pixel_values: .*\(the picture\)/)
      .and.match(/input_ids: .*\(the caption so far, decoded where it is not given\)/)
      .and.match(/preprocessing .*"size":\[4,4\]/);
  });

  it('is no model where something else is beside the encoder', async () => {
    await writeFile(join(folder, 'onnx', 'another.onnx'), encoderFile(SEED));
    expect(await errorOf(() => createExplainer(folder)))
      .to.match(/^no-model: .*several models/)
      .and.to.include('encoder_model.onnx');
  });
});
