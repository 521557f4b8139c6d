import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { recognise } from '../../../packages/web/demo/src/state/recognise.js';
import { sortFiles } from '../../../packages/web/demo/src/state/sort.js';
import { errorOf } from '../../support/errors.js';
import { folderFiles } from '../../support/merged-decoder.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

const of = (content: string | Uint8Array) => {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return recognise(bytes.subarray(0, 4096), async () => new TextDecoder().decode(bytes));
};

const file = (path: string) => new File([readFileSync(join(root, path))], 'a-name-that-says-nothing');

describe('A file is what it holds', () => {
  it('every sample is a picture, every network of the tests and every bundled one a model', async () => {
    for (const name of readdirSync(join(root, 'samples')).filter((one) => /\.(jpg|png)$/.test(one)))
      expect(await of(readFileSync(join(root, 'samples', name))), name).to.deep.equal({ kind: 'picture' });
    const nets = readdirSync(join(root, 'test/fixtures/nets')).filter((one) => one.endsWith('.onnx'));
    const models = [...nets.map((name) => `test/fixtures/nets/${name}`), 'models/efficientnet-lite0.onnx'];
    for (const path of models) expect(await of(readFileSync(join(root, path))), path).to.deep.equal({ kind: 'model' });
    expect(nets.length).to.be.above(3);
  });

  it('knows pictures by their first bytes', async () => {
    const starts = ['GIF89a', 'RIFF\x10\0\0\0WEBPVP8 ', '\0\0\0\x1cftypavif\0\0\0\0', 'II*\0\x08\0\0\0'];
    for (const start of starts) {
      const bytes = Uint8Array.from(start.padEnd(64, '\0'), (one) => one.charCodeAt(0));
      expect(await of(bytes), start).to.deep.equal({ kind: 'picture' });
    }
  });

  it('knows labels in the forms in which they are passed around', async () => {
    const labels = ['cat', 'dog'];
    for (const text of [
      'cat\ndog\n',
      '\ufeffcat\r\ndog',
      '["cat", "dog"]',
      '{"0": "cat", "1": "dog"}',
      '{"0": ["n02123045", "cat"], "1": ["n02099712", "dog"]}',
      '{"id2label": {"0": "cat", "1": "dog"}}',
    ])
      expect(await of(text), text).to.deep.equal({ kind: 'labels', labels });
  });

  it('takes a tokenizer’s words for no labels', async () => {
    for (const text of ['[PAD]\n[unused0]\n[CLS]\n[SEP]\nthe\n##ing', '#version: 0.2\ni n\nt h']) {
      expect(await of(text)).to.deep.equal({ kind: 'vocabulary' });
    }
    expect(await of('{"<s>": 0, "what": 1}')).to.deep.equal({ kind: 'vocabulary' });
  });

  it('takes the kind of scores from a Hugging Face config, and no labels that nobody filled in', async () => {
    const config = { id2label: { 0: 'a', 1: 'b' }, problem_type: 'multi_label_classification' };
    expect(await of(JSON.stringify(config))).to.include({ kind: 'labels', scoreKind: 'multilabel' });
    expect(await of('{"id2label": {"0": "LABEL_0", "1": "LABEL_1"}}')).to.include({ kind: 'unknown' });
  });

  it("knows preprocessing in saywhy's form and in Hugging Face's", async () => {
    const own = { channels: 'BGR', layout: 'NCHW', steps: [{ rescale: 0.5 }] };
    expect(await of(JSON.stringify(own))).to.deep.equal({ kind: 'preprocess', preprocess: own });
    const theirs = {
      image_processor_type: 'ViTImageProcessor',
      size: { height: 8, width: 8 },
      do_resize: true,
      do_normalize: false,
    };
    expect(await of(JSON.stringify(theirs))).to.include({ kind: 'preprocess' });
  });

  it("knows a model's words, and what a Hugging Face folder says of them", async () => {
    const tokenizer = { vocabulary: { what: 1, is: 2 }, lowercase: true };
    expect(await of(JSON.stringify(tokenizer))).to.deep.equal({ kind: 'tokenizer', tokenizer });
    expect(await errorOf(() => of('{"vocabulary": {"what": -1}}'))).to.match(/^invalid-tokenizer/);
    for (const folder of ['word-piece', 'byte-pairs'])
      for (const name of ['tokenizer.json', 'tokenizer_config.json']) {
        const text = readFileSync(join(root, `test/fixtures/tokenizers/${folder}/${name}`), 'utf8');
        expect(await of(text)).to.deep.equal({ kind: name, json: JSON.parse(text) });
      }
    const generation = { decoder_start_token_id: 2 };
    expect(await of(JSON.stringify(generation))).to.deep.equal({ kind: 'generation_config.json', json: generation });
  });

  it('puts together what a Hugging Face folder says of its words', async () => {
    const json = (name: string, value: unknown) => new File([JSON.stringify(value)], name);
    const files = Object.entries(folderFiles).map(([name, value]) => json(name, value));
    const { options, unused } = await sortFiles([
      ...files,
      json('vocab.json', { '<s>': 0 }),
      json('special_tokens_map.json', { bos_token: 'other', cls_token: 'more' }),
    ]);
    expect(unused).to.deep.equal([]);
    expect(options.tokenizer).to.deep.equal({
      json: folderFiles['tokenizer.json'],
      config: { ...folderFiles['tokenizer_config.json'], cls_token: 'more' },
      generation: { ...folderFiles['config.json'], ...folderFiles['generation_config.json'] },
    });
    expect(options.preprocess).to.have.nested.property('steps[0].resize.size').that.deep.equals([4, 4]);
    const alone = await sortFiles([json('any.json', folderFiles['tokenizer_config.json'])]);
    expect(alone.options).to.deep.equal({});
    expect(alone.unused.join()).to.match(/any.json was not used.*tokenizer\.json/);
  });

  it('says what is wrong with a file that means to be something', async () => {
    expect(await errorOf(() => of('{"steps": [{"resize": {"shortest": -1}}]}'))).to.match(
      /^invalid-preprocess: preprocess\.steps\[0\]\.resize\.shortest/,
    );
    expect(await errorOf(() => of('["cat", 3]'))).to.match(/^invalid-labels/);
  });

  it('leaves what it does not know to the reader of models, and texts that are nothing alone', async () => {
    expect(await of(Uint8Array.from([0x50, 0x4b, 3, 4, 0, 0, 1]))).to.deep.equal({ kind: 'data' });
    expect(await of(new Uint8Array(64))).to.deep.equal({ kind: 'data' });
    expect(await of('<!doctype html><title>404</title>')).to.include({ kind: 'unknown' });
    expect(await of('just a line')).to.include({ kind: 'unknown' });
    const reasons = {
      '': 'it is empty',
      '%PDF-1.4\nA page\nof text': 'it is a PDF: save the picture in it as PNG or JPEG',
      '<svg xmlns="http://www.w3.org/2000/svg"/>': 'it is an SVG drawing: save it as PNG',
      '<?xml version="1.0"?>\n<svg width="1"/>': 'it is an SVG drawing: save it as PNG',
      '<?xml version="1.0"?><note/>': 'it is markup',
    };
    for (const [text, reason] of Object.entries(reasons))
      expect(await of(text)).to.deep.equal({ kind: 'unknown', reason });
    expect(await of('{"half": ')).to.include({ kind: 'unknown' });
  });

  it('sorts what came together, whatever the names', async () => {
    const labels = new File(['cat\ndog'], 'picture.png');
    const weights = new File([new Uint8Array(100)], 'weights.bin');
    const readme = new File(['# Read me'], 'README.md');
    const sorted = await sortFiles([
      file('samples/cat.jpg'),
      file('test/fixtures/nets/residual.torchscript.onnx'),
      weights,
      labels,
      readme,
      file('samples/dog.jpg'),
    ]);
    expect(sorted.pictures.map(({ size }) => size)).to.deep.equal([
      file('samples/cat.jpg').size,
      file('samples/dog.jpg').size,
    ]);
    expect(sorted.models).to.have.length(1);
    expect(sorted.data).to.deep.equal([weights]);
    expect(sorted.options).to.deep.equal({ labels: ['cat', 'dog'] });
    expect(sorted.unused).to.have.length(1);
    expect(sorted.unused[0]).to.include('README.md');
  });
});
