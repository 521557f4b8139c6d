// Hugging Face's tokenizers by their JavaScript library, against the Python one.
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createExplainer, huggingFaceTokenizer, readTokenizer, type Tokenizer } from '@saywhy/node';
import { expect } from 'chai';
import { captionNet, smallPicture } from '../support/caption-nets.js';
import { errorOf } from '../support/errors.js';
import { readGolden } from '../support/golden.js';
import { buildModel, floats, integers } from '../support/model.js';

type Goldens = Readonly<Record<string, readonly { text: string; whole: number[]; bare: number[]; decoded: string }[]>>;

const folder = (name: string) => fileURLToPath(new URL(`../fixtures/tokenizers/${name}`, import.meta.url));

describe('a Hugging Face tokenizer', () => {
  for (const [name, cases] of Object.entries(readGolden<Goldens>('tokenizers/goldens.json')))
    it(`${name}: gives the ids that Python gives`, async () => {
      const { encode, decode } = (await readTokenizer(folder(name))) as Tokenizer;
      for (const { text, whole, bare, decoded } of cases) {
        expect(encode(text, true), text).to.deep.equal(whole);
        expect(encode(text, false), text).to.deep.equal(bare);
        // JavaScript also takes out the spaces that its kind of tokens leaves around marks, as transformers does.
        expect(decode(whole).replaceAll(' ', ''), text).to.equal(decoded.replaceAll(' ', ''));
      }
    });

  it('knows its marks and its side from the config', async () => {
    expect(await readTokenizer(folder('word-piece'))).to.deep.include({ begin: 2, end: 3, pad: 0, padding: 'right' });
    expect(await readTokenizer(join(folder('byte-pairs'), 'tokenizer.json'))).to.deep.include({
      begin: 0,
      end: 0,
      padding: 'left',
    });
    expect(await errorOf(() => huggingFaceTokenizer({ model: {} }))).to.match(/^invalid-tokenizer/);
    expect(await errorOf(() => readTokenizer('nowhere.json'))).to.match(/^file-not-found/);
  });

  it('feeds ids, mask and kinds to a model whose folder it lies in', async () => {
    const place = await mkdtemp(join(tmpdir(), 'saywhy-tokenizer-'));
    try {
      for (const file of ['tokenizer.json', 'tokenizer_config.json'])
        await copyFile(join(folder('word-piece'), file), join(place, file));
      await writeFile(join(place, 'model.onnx'), sums());
      await using explainer = await createExplainer(place, { device: 'cpu', preprocess: pixels });
      expect(explainer.model.inputs.map(({ kind }) => kind)).to.deep.equal(['picture', 'text', 'mask', 'types']);
      const golden = readGolden<Goldens>('tokenizers/goldens.json')['word-piece']![0]!;
      const { predictions } = await explainer.predict({ pixel_values: smallPicture(), input_ids: golden.text });
      const sum = golden.whole.reduce((all, id) => all + id, 0);
      const logits = [...predictions].sort((a, b) => a.index - b.index).map(({ logit }) => Math.round(logit));
      expect(logits).to.deep.equal([sum, golden.whole.length, 0]);
    } finally {
      await rm(place, { recursive: true });
    }
  });

  it('is an option too, where the file has none', async () => {
    const tokenizer = { ...((await readTokenizer(folder('byte-pairs'))) as Tokenizer), encode: () => [3, 4] };
    await using explainer = await createExplainer(captionNet('next'), {
      tokenizer: { ...tokenizer, length: 6, pad: 0, begin: 1, end: 2 },
      preprocess: pixels,
    });
    const { ids } = {
      ids: (await explainer.predict({ image: smallPicture(), tokens: 'anything' })).caption!.words.map(({ id }) => id),
    };
    expect(ids).to.deep.equal([3, 4]);
  });
});

const pixels = {
  channels: 'RGB',
  layout: 'NCHW',
  steps: [{ resize: { size: [4, 4], filter: 'bilinear' } }, { rescale: 1 / 255 }],
} as const;

/** logits = [sum of the ids, of the mask, of the kinds] + 0 x the picture. */
function sums(): Uint8Array {
  const names = ['input_ids', 'attention_mask', 'token_type_ids'] as const;
  return buildModel({
    opset: 17,
    inputs: [
      { name: 'pixel_values', shape: [1, 3, 4, 4] },
      ...names.map((name) => ({ name, shape: [1, 'n'], type: 'int64' as const })),
    ],
    outputs: [{ name: 'logits', shape: [1, 3] }],
    initializers: [
      floats('zeros', [3, 3, 1, 1], new Array(9).fill(0)),
      integers('axis', [1], [1]),
      integers('flat', [2], [1, 3]),
    ],
    nodes: [
      { op: 'Conv', inputs: ['pixel_values', 'zeros'], outputs: ['c'] },
      { op: 'GlobalAveragePool', inputs: ['c'], outputs: ['p'] },
      { op: 'Reshape', inputs: ['p', 'flat'], outputs: ['none'] },
      ...names.flatMap((name) => [
        { op: 'Cast', inputs: [name], outputs: [`${name}.float`], attributes: { to: 1 } },
        { op: 'ReduceSum', inputs: [`${name}.float`, 'axis'], outputs: [`${name}.sum`] },
      ]),
      { op: 'Concat', inputs: names.map((name) => `${name}.sum`), outputs: ['sums'], attributes: { axis: 1 } },
      { op: 'Add', inputs: ['sums', 'none'], outputs: ['logits'] },
    ],
  });
}
