// Questions and captions in a page, on wasm: texts cross to the worker as texts, addresses as addresses, and Node's answers and maps come back.
import { fileURLToPath } from 'node:url';
import { type Caption, createExplainer, type Explainer, type Explanation } from '@saywhy/node';
import { expect } from 'chai';
import { type Browser, launch, type Page, type Server } from '../../support/browsers/index.js';
import { relativeError } from '../../support/golden.js';
import { captioner, encoderFile, folderFiles, preprocess, tokenizer } from '../../support/merged-decoder.js';
import { serveAdapter } from './pages.js';

type Web = typeof import('@saywhy/web');

const scene = 'samples/scenes/star-and-circle.png';
const here = fileURLToPath(new URL(`../../../${scene}`, import.meta.url));

/** A captioner in two files, and what lies beside them. */
const files = {
  '/pair/encoder_model.onnx': encoderFile(9),
  '/pair/decoder_model_merged.onnx': captioner({ merged: true, picture: false, keeps: true }, 9),
  ...Object.fromEntries(Object.entries(folderFiles).map(([name, json]) => [`/pair/${name}`, JSON.stringify(json)])),
};

describe('texts in a page', () => {
  let server: Server;
  let browser: Browser;
  let page: Page;

  before(async function () {
    this.timeout(120_000);
    server = await serveAdapter({ files });
    browser = await launch('chromium');
    page = await browser.open(server.origin);
  });
  after(async () => {
    await browser?.close();
    await server.close();
  });

  const inPage = (model: string, input: Record<string, string>, target?: unknown) =>
    page.evaluate(
      async (model, input, target) => {
        const { createExplainer } = (await import('/bundle.js' as string)) as Web;
        const explainer = await createExplainer(`/models/${model}.onnx`, { device: 'wasm' });
        const found: Explanation = await explainer.explain(input, { target: target as string });
        const caption: Caption | string = await explainer
          .caption(input, { beam: 2 })
          .catch(({ code }: { code: string }) => code);
        const wrong: string = await explainer
          .explain({ ...input, question: 'is there a cirle?' })
          .then(String, ({ code }: { code: string }) => code);
        await explainer.dispose();
        return {
          texts: found.texts,
          said: found.caption,
          caption,
          wrong,
          predictions: found.predictions.map(({ label }) => label),
          maps: found.maps.map(({ target, raw }) => ({ text: target.text, raw: Array.from(raw.data) })),
        };
      },
      model,
      input,
      target,
    );

  const inNode = async (model: string, input: Record<string, string>, target: unknown): Promise<Explanation> => {
    await using explainer: Explainer<Record<string, string>> = await createExplainer(model, { device: 'cpu' });
    return explainer.explain(input, { target: target as string });
  };

  it('a question is asked as in Node', async function () {
    this.timeout(60_000);
    const question = 'what colour is the circle?';
    const target = [{ answer: 'red' }, { top: 1 }];
    const found = await inPage('scenes-vqa', { image: `/${scene}`, question }, target);
    const node = await inNode('scenes-vqa', { image: here, question }, target);
    expect(found.texts).to.deep.equal({ question });
    expect(found.predictions[0]).to.equal('red');
    expect(found.caption).to.equal('no-caption');
    expect(found.wrong).to.equal('unknown-word');
    for (const [i, { raw }] of node.maps.entries())
      expect(relativeError(found.maps[i]!.raw, raw.data)).to.be.below(1e-3);
  });

  it('a caption is said and explained as in Node', async function () {
    this.timeout(60_000);
    const target = [{ caption: true }, { token: 'circle' }];
    const found = await inPage('scenes-caption', { image: `/${scene}` }, target);
    const node = await inNode('scenes-caption', { image: here }, target);
    expect(found.said!.text).to.equal('a yellow star left of a red circle');
    expect((found.caption as Caption).text).to.equal(node.caption!.text);
    expect(found.maps.map(({ text }) => text)).to.deep.equal(node.maps.map(({ target }) => target.text));
    for (const [i, { raw }] of node.maps.entries())
      expect(relativeError(found.maps[i]!.raw, raw.data)).to.be.below(1e-3);
  });

  it('a captioner in two files, with a Hugging Face tokenizer, says what it says in one with words of its own', async function () {
    this.timeout(60_000);
    const found = await page.evaluate(async (scene) => {
      const { createExplainer } = (await import('/bundle.js' as string)) as Web;
      const read = async (name: string) => (await fetch(`/pair/${name}`)).json();
      const blob = async (name: string) => (await fetch(`/pair/${name}`)).blob();
      const options = {
        device: 'wasm',
        preprocess: {
          channels: 'RGB',
          layout: 'NCHW',
          steps: [{ resize: { size: [4, 4], filter: 'bilinear' } }, { rescale: 1 / 255 }],
        },
        tokenizer: {
          json: await read('tokenizer.json'),
          config: await read('tokenizer_config.json'),
          generation: await read('generation_config.json'),
        },
      } as const;
      const both: string[] = [];
      let last: { text: string; maps: number[][] } | undefined;
      for (const source of [
        { encoder: '/pair/encoder_model.onnx', decoder: '/pair/decoder_model_merged.onnx' },
        { encoder: await blob('encoder_model.onnx'), decoder: await blob('decoder_model_merged.onnx') },
      ]) {
        const explainer = await createExplainer(source, options);
        both.push(explainer.model.name);
        const { caption, maps } = await explainer.explain(scene, { layer: 'features' });
        last = { text: caption!.text, maps: maps.map(({ raw }) => Array.from(raw.data)) };
        await explainer.dispose();
      }
      const wrong: string = await createExplainer(
        { encoder: '/pair/decoder_model_merged.onnx', decoder: '/pair/encoder_model.onnx' },
        options,
      ).then(String, ({ code }: { code: string }) => code);
      const unread: string = await createExplainer('/pair/encoder_model.onnx', {
        ...options,
        tokenizer: { json: {} },
      }).then(String, ({ code }: { code: string }) => code);
      return { ...last!, both, wrong, unread };
    }, `/${scene}`);
    const whole = captioner({ merged: false, picture: true, keeps: false }, 9);
    await using explainer = await createExplainer(whole, { device: 'cpu', tokenizer, preprocess });
    const { caption, maps } = await explainer.explain(here, { layer: 'features' });
    expect(found.both).to.deep.equal(['encoder_model', 'test']);
    expect(found.text).to.equal(caption!.text);
    expect(found.maps).to.have.length(maps.length);
    for (const [i, { raw }] of maps.entries())
      expect(relativeError(found.maps[i]!, raw.data), `map ${i}`).to.be.below(1e-3);
    expect([found.wrong, found.unread]).to.deep.equal(['not-a-pair', 'invalid-tokenizer']);
  });
});
