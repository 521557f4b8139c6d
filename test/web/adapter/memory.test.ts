// 500 explanations on wasm: neither WebAssembly's memory nor JavaScript's grows once it is warm.
import { expect } from 'chai';
import { type Browser, launch, type Page, type Server } from '../../support/browsers/index.js';
import { smallNet } from '../../support/nets.js';
import { type Hooked, hookedWorkers } from './gpu-hooks.js';
import { serveAdapter } from './pages.js';

type Web = typeof import('@saywhy/web');

const SIDE = 64;
/** So large that a few results left behind at each explanation would be seen: `hidden` alone has 98 KB. */
const files = { ...hookedWorkers, '/small.onnx': smallNet({ size: SIDE }) };

describe('the memory of the adapter', () => {
  let server: Server;
  let browser: Browser;
  let page: Page;

  before(async () => {
    server = await serveAdapter({ files });
    browser = await launch('chromium', { webgpu: true });
    page = await browser.open(server.origin);
  });
  after(async () => {
    await browser?.close();
    await server.close();
  });

  it('does not grow on wasm in 500 explanations', async function () {
    this.timeout(240_000);
    const counts = await page.evaluate(async (side) => {
      const { createExplainer } = (await import('/bundle.js' as string)) as Web;
      const channel = new BroadcastChannel('hooks');
      const explainer = await createExplainer('/small.onnx', { device: 'wasm', worker: '/hooked.js' });
      const measure = performance as unknown as { measureUserAgentSpecificMemory(): Promise<{ bytes: number }> };
      const counts: { readonly wasm: number; readonly heap: number }[] = [];
      for (let n = 1; n <= 500; n++) {
        const data = Float32Array.from({ length: 3 * side * side }, (_, i) => Math.sin(i * n));
        await explainer.explain({ data, shape: [3, side, side] }, { method: ['grad-cam', 'saliency'], target: n % 5 });
        if (n !== 100 && n !== 500) continue;
        const { wasm } = await new Promise<Hooked>((resolve) => {
          channel.onmessage = ({ data }) => resolve(data);
          channel.postMessage('ask');
        });
        // After a garbage collection, of the page and its worker.
        counts.push({ wasm, heap: (await measure.measureUserAgentSpecificMemory()).bytes });
      }
      return counts;
    }, SIDE);
    const [warm, last] = counts;
    const grown = last!.heap - warm!.heap;
    this.test!.title +=
      ` (JavaScript: ${Math.round(grown / 400)} bytes an explanation, of ${(warm!.heap / 1e6).toFixed(0)} MB)`;
    expect(warm!.wasm).to.be.greaterThan(0);
    expect(last!.wasm).to.equal(warm!.wasm);
    // What one explanation leaves behind as long as it is kept is a hundred times as much.
    expect(grown).to.be.below(400 * 2000);
  });
});
