// The same maps in every engine as in Node: tiny networks on wasm. adapter/same-as-node.test.ts does it with a real one.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createExplainer, type Explanation, type Progress } from '@saywhy/node';
import type * as Web from '@saywhy/web';
import { expect } from 'chai';
import { type Browser, engines, launch, type Page, type Server, serve } from '../support/browsers/index.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

interface Case {
  readonly name: string;
  /** Beneath the root of the repository. */
  readonly model: string;
  readonly options: { readonly method: string[]; readonly target: (number | { readonly versus: [number, number] })[] };
}

const cases: readonly Case[] = [
  {
    name: 'a tiny network',
    model: 'test/fixtures/nets/residual.torchscript.onnx',
    options: { method: ['grad-cam', 'layer-cam', 'saliency'], target: [3, 7] },
  },
  {
    name: 'a tiny vision transformer',
    model: 'test/fixtures/nets/vit.torchscript.onnx',
    options: { method: ['grad-cam', 'input-x-gradient'], target: [3, { versus: [3, 7] }] },
  },
];

const picture = 'samples/cat-and-dog.png';

interface Answer {
  readonly device: string;
  readonly predictions: Explanation['predictions'];
  readonly region: Explanation['region'];
  readonly progress: string[];
  readonly maps: { readonly data: number[]; readonly raw: number[]; readonly range: readonly [number, number] }[];
}

describe('Three engines', () => {
  let server: Server;
  const expected = new Map<string, Explanation>();

  before(async function () {
    this.timeout(60_000);
    const folders = { '/models/': 'models', '/samples/': 'samples', '/test/fixtures/nets/': 'test/fixtures/nets' };
    server = await serve({
      folders: {
        '/web/': join(root, 'packages/web/dist'),
        ...Object.fromEntries(Object.entries(folders).map(([path, folder]) => [path, join(root, folder)])),
      },
      files: { '/index.html': '<!doctype html><html lang="en"><title>Engines</title>' },
    });
    for (const { name, model, options } of cases) {
      await using explainer = await createExplainer(join(root, model));
      expected.set(name, await explainer.explain(join(root, picture), options));
    }
  });
  after(() => server?.close());

  for (const engine of engines) {
    describe(engine, () => {
      let browser: Browser;
      let page: Page;

      before(async function () {
        this.timeout(60_000);
        browser = await launch(engine);
        page = await browser.open(server.origin);
      });
      after(() => browser?.close());

      for (const { name, model, options } of cases) {
        it(`explains ${name} as Node does`, async function () {
          this.timeout(120_000);
          const answer = await page.evaluate(explainInPage, model, picture, options);
          const { predictions, region, maps } = expected.get(name)!;
          expect(answer.device).to.equal('wasm');
          expect(answer.region).to.deep.equal(region);
          expect(answer.predictions.map(({ label }) => label)).to.deep.equal(predictions.map(({ label }) => label));
          answer.predictions.forEach(({ logit }, i) => {
            expect(logit).to.be.closeTo(predictions[i]!.logit, 1e-3);
          });
          expect(answer.maps).to.have.length(maps.length);
          answer.maps.forEach(({ data, raw }, i) => {
            const map = maps[i]!;
            const strongest = Math.max(Math.abs(map.range[0]), Math.abs(map.range[1]));
            expect(strongest, 'a map that could be wrong').to.be.greaterThan(0);
            expect(difference(data, map.data), `${map.method} of ${map.target.text}`).to.be.lessThan(1e-3);
            expect(difference(raw, map.raw.data) / strongest).to.be.lessThan(1e-3);
          });
          expect(answer.progress).to.include.members(['download', 'prepare', 'run']);
        });
      }

      it('asks for nothing but what the page serves, without an error', async () => {
        expect(browser.outside).to.deep.equal([]);
        expect(await page.errors()).to.deep.equal([]);
        expect(server.asked.filter(({ status }) => status >= 400)).to.deep.equal([]);
      });
    });
  }
});

/** Runs in the page. */
async function explainInPage(model: string, picture: string, options: Case['options']): Promise<Answer> {
  const { createExplainer } = (await import('/web/bundle.js' as string)) as typeof Web;
  const progress = new Set<string>();
  const onProgress = ({ stage }: Progress): void => void progress.add(stage);
  const explainer = await createExplainer(`/${model}`, { device: 'auto', onProgress });
  const { device, predictions, region, maps } = await explainer.explain(`/${picture}`, { ...options, onProgress });
  await explainer.dispose();
  return {
    device,
    predictions,
    region,
    progress: [...progress],
    maps: maps.map(({ data, raw, range }) => ({ data: [...data], raw: [...raw.data], range })),
  };
}

function difference(actual: readonly number[], expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  return actual.reduce((largest, value, i) => Math.max(largest, Math.abs(value - expected[i]!)), 0);
}
