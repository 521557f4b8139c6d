// Grad-CAM as a user gets it, against pytorch-grad-cam on the same weights.
import { createExplainer } from '@saywhy/node';
import { expect } from 'chai';
import { relativeError } from '../support/golden.js';
import { bound, bytesOf, cases, floatsOf } from './cases.js';

describe('Grad-CAM maps equal pytorch-grad-cam’s', function () {
  this.timeout(120_000);
  for (const test of cases) {
    const { cam } = test;
    if (!cam) continue;
    it(`${test.name} at ${cam.module}`, async () => {
      const explainer = await createExplainer(bytesOf(test, test.files[0]!.plain), { device: 'cpu' });
      const input = { data: floatsOf(test, 'input.f32'), shape: test.input };
      const { maps } = await explainer.explain(input, { target: test.class, layer: cam.module });
      await explainer.dispose();
      const map = maps[0]!;
      expect(map.raw.shape).to.deep.equal(cam.shape);
      expect(map.shape).to.deep.equal(cam.size);
      expect(relativeError(map.raw.data, floatsOf(test, 'cam-raw.f32')), 'raw').to.be.below(
        bound(10 * test.noise.gradient),
      );
      const peer = floatsOf(test, 'cam.f32');
      const largest = map.data.reduce((most, value, index) => Math.max(most, Math.abs(value - peer[index]!)), 0);
      expect(largest, 'scaled, at the input’s size').to.be.below(5e-3);
    });
  }
});
