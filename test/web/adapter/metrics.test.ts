// Metrics ask an explainer for everything, so that they work with one whose model lies in a worker.

import { evaluate } from '@saywhy/core/metrics';
import { createExplainer } from '@saywhy/node';
import { expect } from 'chai';
import { type Browser, launch, type Server } from '../../support/browsers/index.js';
import { randomInput, smallNet } from '../../support/nets.js';
import { bundled, serveAdapter } from './pages.js';

describe('metrics in a page', () => {
  let server: Server;
  let browser: Browser;
  before(async function () {
    this.timeout(60_000);
    const metrics = await bundled('../../core/src/metrics/index.ts');
    server = await serveAdapter({ files: { '/small.onnx': smallNet(), '/metrics.js': metrics } });
    browser = await launch('chromium');
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  it("are Node's", async () => {
    const options = {
      method: ['grad-cam', 'input-x-gradient', 'random'],
      metric: ['insertion', 'deletion', 'average-drop', 'road', 'infidelity', 'sensitivity', 'occlusion-correlation'],
      target: 2,
      seed: 3,
    };
    const input = randomInput();
    const page = await browser.open(server.origin);
    const found = await page.evaluate(
      async (data, shape, asked) => {
        const { createExplainer } = (await import('/bundle.js' as string)) as typeof import('@saywhy/web');
        const { evaluate } = (await import('/metrics.js' as string)) as typeof import('@saywhy/core/metrics');
        const explainer = await createExplainer('/small.onnx', { device: 'wasm' });
        const { measurements } = await evaluate(explainer, { data: Float32Array.from(data), shape }, asked);
        await explainer.dispose();
        return measurements;
      },
      Array.from(input.data),
      input.shape,
      options,
    );
    await using node = await createExplainer(smallNet());
    const { measurements } = await evaluate(node, input, options);
    expect(found.map(({ method, metric }) => [method, metric])).to.deep.equal(
      measurements.map(({ method, metric }) => [method, metric]),
    );
    measurements.forEach(({ method, metric, value }, i) => {
      expect(found[i]!.value, `${metric} of ${method}`).to.be.closeTo(value, 1e-3 * Math.max(1, Math.abs(value)));
    });
    await page.close();
  }).timeout(60_000);
});
