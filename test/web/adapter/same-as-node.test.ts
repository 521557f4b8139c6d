// The bundled model on two photographs, on wasm in three engines: Node's maps, and PyTorch's numbers.
import { fileURLToPath } from 'node:url';
import { createExplainer, type Explainer, type Explanation, type NodeInput } from '@saywhy/node';
import { expect } from 'chai';
import { type Browser, engines, launch, type Page, type Server } from '../../support/browsers/index.js';
import { distance, type GoldenArray, readGolden, relativeError } from '../../support/golden.js';
import { serveAdapter } from './pages.js';

interface Golden {
  readonly pictures: readonly {
    readonly file: string;
    readonly top: readonly { readonly index: number; readonly logit: number }[];
    readonly classes: readonly { readonly index: number; readonly gradCam: GoldenArray }[];
  }[];
}

const golden = readGolden<Golden>('efficientnet-lite0.json');
const root = new URL('../../../', import.meta.url);
const pictures = golden.pictures.map((picture) => ({
  ...picture,
  address: picture.file.replace(/^test\//, '/'),
  options: { method: ['grad-cam', 'layer-cam', 'saliency'], target: picture.classes.map(({ index }) => index) },
}));

type Web = typeof import('@saywhy/web');

for (const engine of engines)
  describe(`the bundled model in ${engine}, on wasm`, () => {
    let server: Server;
    let browser: Browser;
    let page: Page;
    let node: Explainer<NodeInput>;

    before(async function () {
      this.timeout(120_000);
      server = await serveAdapter();
      browser = await launch(engine);
      page = await browser.open(server.origin);
      node = await createExplainer('efficientnet-lite0');
      const device = await page.evaluate(async () => {
        const { createExplainer } = (await import('/bundle.js' as string)) as Web;
        const explainer = await createExplainer('/models/efficientnet-lite0.onnx', { device: 'wasm' });
        Object.assign(globalThis, { explainer });
        return explainer.device;
      });
      expect(device).to.equal('wasm');
    });
    after(async () => {
      await node.dispose();
      await browser?.close();
      await server.close();
    });

    it('says of itself what it says in Node', async () => {
      const model = await page.evaluate(() => (globalThis as unknown as { explainer: Explainer }).explainer.model);
      expect(model).to.deep.equal(JSON.parse(JSON.stringify(node.model)));
    });

    for (const { file, address, options, top, classes } of pictures)
      it(`${file}: Node's explanation and PyTorch's maps`, async function () {
        this.timeout(60_000);
        const { maps, ...found } = await page.evaluate(
          async (address, options) => {
            const { explainer } = globalThis as unknown as { explainer: Explainer<string> };
            const found = await explainer.explain(address, options);
            const numbers = (data: Float32Array) => Array.from(data);
            const maps = found.maps.map((map) => ({
              ...map,
              data: numbers(map.data),
              raw: { shape: map.raw.shape, data: numbers(map.raw.data) },
            }));
            return { ...found, maps };
          },
          address,
          options,
        );
        const expected = await node.explain(fileURLToPath(new URL(file, root)), options);
        expect(found).to.have.all.keys(Object.keys(expected).filter((key) => key !== 'maps'));
        expect(found.region).to.deep.equal(expected.region);
        expect(found.warnings).to.deep.equal(expected.warnings);
        expect(found.provenance.model).to.deep.equal(expected.provenance.model);
        expect(found.provenance.preprocess).to.deep.equal(expected.provenance.preprocess);
        for (const [i, prediction] of found.predictions.entries()) {
          expect(prediction.label).to.equal(expected.predictions[i]!.label);
          expect(prediction.logit).to.be.closeTo(top[i]!.logit, 1e-4);
        }
        expect(maps).to.have.length(expected.maps.length);
        for (const [i, map] of maps.entries()) {
          const other = expected.maps[i]!;
          expect(described(map)).to.deep.equal(described(other));
          const name = `${map.method} of ${map.target.text}`;
          const largest = Math.max(...map.data.map((value, at) => Math.abs(value - other.data[at]!)));
          // A unit within float32's rounding of a kink of ReLU6 passes its whole gradient or none, which shows at the input.
          if (map.method === 'saliency') expect(relativeError(map.raw.data, other.raw.data), name).to.be.below(1e-2);
          else expect(largest, name).to.be.below(1e-3);
        }
        for (const { index, gradCam } of classes) {
          const { raw } = maps.find(({ method, target }) => method === 'grad-cam' && target.index === index)!;
          expect(distance(raw.data, gradCam)).to.be.below(1e-4);
        }
      });

    it('asked nobody else, and wrote nothing to the console', async () => {
      expect(browser.outside).to.deep.equal([]);
      expect(await page.console()).to.deep.equal([]);
    });
  });

/** What a map says beside its numbers. */
function described({
  method,
  target,
  layer,
  shape,
  signed,
}: Omit<Explanation['maps'][number], 'data' | 'raw' | 'range'>) {
  const { value: _, ...info } = target;
  return { method, target: info, layer, shape, signed };
}
