// What a user gets who names no layer: on every architecture a map of places that the scores depend on, and a layer that is listed.
import { createExplainer } from '@saywhy/node';
import { expect } from 'chai';
import { bytesOf, cases, floatsOf } from './cases.js';

describe('the layer that is taken when none is named', function () {
  this.timeout(120_000);
  for (const test of cases)
    it(test.name, async function () {
      await using explainer = await createExplainer(bytesOf(test, test.files[0]!.plain), { device: 'cpu' });
      const input = { data: floatsOf(test, 'input.f32'), shape: test.input };
      // A gradient of zeros would be an error, and so would tokens that form no grid.
      const { maps } = await explainer.explain(input, { target: test.class });
      const { layer, raw } = maps[0]!;
      expect(raw.shape).to.have.length(2);
      expect(Math.max(...raw.shape), 'places').to.be.above(1);
      expect(explainer.model.layers.map(({ tensor }) => tensor)).to.include(layer.tensor);
      this.test!.title += `: ${layer.name} ${raw.shape.join(' x ')}`;
    });
});
