import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createExplainer, type ExplainerOptions } from '@saywhy/node';
import { expect } from 'chai';
import { checkTokenizer, taskOf, textInput } from '../../../packages/web/demo/src/state/task.js';
import { captionNet, tokenizer } from '../../support/caption-nets.js';
import { errorOf } from '../../support/errors.js';
import { smallNet } from '../../support/nets.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const bundled = (name: string): Uint8Array => readFileSync(join(root, `models/${name}.onnx`));

async function infoOf(model: Uint8Array, options: ExplainerOptions = {}) {
  await using explainer = await createExplainer(model, options);
  return explainer.model;
}

describe('What a model is for', () => {
  it('is told by what it takes', async () => {
    expect(taskOf(await infoOf(smallNet()))).to.equal('what');
    for (const name of ['scenes-vqa', 'scenes-caption']) {
      const info = await infoOf(bundled(name));
      expect(taskOf(info)).to.equal(name === 'scenes-vqa' ? 'ask' : 'caption');
      expect(textInput(info)!.name).to.equal(name === 'scenes-vqa' ? 'question' : 'tokens');
    }
    for (const shape of ['whole', 'cached', 'next'] as const)
      expect(taskOf(await infoOf(captionNet(shape))), shape).to.equal('caption');
  });

  it('is nothing where nobody knows its words', async () => {
    const info = await infoOf(captionNet('whole'));
    const { tokenizer: _, ...silent } = info;
    expect(await errorOf(() => checkTokenizer(silent, {}))).to.match(
      /^no-tokenizer: .*writes captions.*"tokens".*tokenizer\.json/,
    );
    checkTokenizer(info, {});
    checkTokenizer({ ...silent, tokenizer }, {});
    checkTokenizer(silent, { tokenizer: { json: {} } });
    checkTokenizer(await infoOf(smallNet()), {});
  });
});
