// Tiny nets of each family, from both exporters, against PyTorch: which layer `auto` takes, and that its maps and the input's gradient are right.
import { readdirSync, readFileSync } from 'node:fs';
import { createExplainer, inspectModel, type Target } from '@saywhy/core';
import { expect } from 'chai';
import { distance, fixtures, floatsOf, type GoldenArray, readGolden, relativeError } from '../../support/golden.js';
import { testRuntime } from '../../support/runtime.js';
import { withSymbols } from '../../support/symbolic.js';

interface Net {
  readonly cotangent: GoldenArray;
  readonly layer: { readonly module: string };
  readonly gradient: GoldenArray;
  readonly activation: GoldenArray;
  readonly inputGradient: GoldenArray;
  readonly gradCam?: GoldenArray;
}

/** The module, its layout, and the grid that its map should have. */
const expected: Readonly<Record<string, readonly [module: string, layout: string, grid: readonly number[]]>> = {
  alexnet: ['features', 'channels-first', [3, 3]],
  convnext: ['features', 'channels-first', [4, 4]],
  dense: ['features', 'channels-first', [8, 8]],
  efficient: ['features', 'channels-first', [8, 8]],
  inception: ['features', 'channels-first', [4, 4]],
  mobile: ['features', 'channels-first', [8, 8]],
  norms: ['features.9', 'channels-first', [8, 8]],
  plain: ['features', 'channels-first', [8, 8]],
  residual: ['features', 'channels-first', [4, 4]],
  segmentation: ['atrous', 'channels-first', [4, 4]],
  swin: ['norm', 'channels-last', [4, 4]],
  vit: ['blocks.0', 'tokens', [4, 4]],
};

const input = readGolden<GoldenArray>('nets/input.json');
const files = readdirSync(new URL('nets/', fixtures)).filter((file) => file.endsWith('.onnx'));

describe('layers of exported nets', () => {
  for (const file of files)
    it(file, async () => {
      const name = file.split('.')[0]!;
      const net = readGolden<Net>(`nets/${name}.json`);
      await using explainer = await createExplainer(readFileSync(new URL(`nets/${file}`, fixtures)), {
        runtime: testRuntime(),
      });
      const [module, layout, grid] = expected[name]!;
      expect(explainer.model.layer).to.include({ module, layout });
      expect(explainer.model.withoutDerivative).to.deep.equal([]);

      const weights = floatsOf(net.cotangent);
      const target: Target = ({ data }) => ({
        value: data.reduce((sum, value, i) => sum + value * weights[i]!, 0),
        gradient: weights,
      });
      const x = { data: floatsOf(input), shape: input.shape };
      const { maps } = await explainer.explain(x, { target, method: ['grad-cam', 'saliency'] });
      expect(maps[0]!.raw.shape).to.deep.equal(grid);
      expect(maps[0]!.shape).to.deep.equal([32, 32]);
      expect(distance(maps[1]!.raw.data, net.inputGradient)).to.be.below(5e-6);

      const [raw] = await explainer.gradients(x, { target, layer: net.layer.module });
      expect(distance(raw!.activation.data, net.activation)).to.be.below(5e-6);
      expect(distance(raw!.gradient.data, net.gradient)).to.be.below(5e-6);
      if (net.gradCam) {
        const { maps } = await explainer.explain(x, { target, layer: net.layer.module });
        expect(distance(maps[0]!.raw.data, net.gradCam)).to.be.below(5e-6);
      }
    });

  it('are the same where the size of the picture is settled at run time', () => {
    // Of the segmentation dynamo has written the example's size into a Resize: it fits no other.
    for (const file of files.filter((file) => file !== 'segmentation.dynamo.onnx')) {
      const bytes = readFileSync(new URL(`nets/${file}`, fixtures));
      const { layer } = inspectModel(withSymbols(bytes, ['batch', 'height', 'width'], input.shape));
      expect(layer, file).to.include({ module: expected[file.split('.')[0]!]![0] });
    }
  });

  it('restores the grid of tokens: the map is the weighted sum over the patches, the class token left out', async () => {
    const net = readGolden<Net>('nets/vit.json');
    await using explainer = await createExplainer(readFileSync(new URL('nets/vit.dynamo.onnx', fixtures)), {
      runtime: testRuntime(),
    });
    const x = { data: floatsOf(input), shape: input.shape };
    const { maps } = await explainer.explain(x, { target: 3 });
    const [{ activation, gradient }] = (await explainer.gradients(x, { target: 3 })) as [
      Awaited<ReturnType<typeof explainer.gradients>>[0],
    ];
    const channels = activation!.shape[2]!;
    const at = (values: Float32Array, patch: number, c: number) => values[(1 + patch) * channels + c]!;
    const patches = Array.from({ length: 16 }, (_, i) => i);
    const map = patches.map((patch) => {
      let sum = 0;
      for (let c = 0; c < channels; c++) {
        const weight = patches.reduce((total, p) => total + at(gradient.data, p, c), 0) / 16;
        sum += weight * at(activation.data, patch, c);
      }
      return Math.max(0, sum);
    });
    expect(relativeError(maps[0]!.raw.data, map)).to.be.below(1e-5);
    expect(net.layer.module).to.equal('blocks.0');
  });
});
