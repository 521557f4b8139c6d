// Targets of other tasks than classification, through transformers' networks at random weights: value and gradients against PyTorch's autograd.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createExplainer, type ScoreKind, type Target, type TensorInput } from '@saywhy/core';
import { expect } from 'chai';
import { distance, floatsOf, type GoldenArray } from '../support/golden.js';
import { testRuntime } from '../support/runtime.js';
import { bound, folder } from './cases.js';

type Given = GoldenArray | { readonly shape: readonly number[]; readonly values: readonly number[] };

/** With how far PyTorch's own float32 is off. */
type Gradient = GoldenArray & { readonly noise: number };

interface TargetCase {
  readonly name: string;
  readonly kind: ScoreKind;
  readonly layer: string;
  readonly labels: readonly string[] | null;
  readonly inputs: Readonly<Record<string, Given>>;
  readonly targets: readonly {
    readonly target: Target;
    readonly value: number;
    readonly input: Gradient;
    readonly layer: Gradient;
  }[];
}

const from = join(folder, 'target-cases');
const cases = JSON.parse(readFileSync(join(from, 'cases.json'), 'utf8')) as readonly TargetCase[];

const tensorOf = (given: Given): TensorInput =>
  'data' in given
    ? { data: floatsOf(given), shape: given.shape }
    : { data: BigInt64Array.from(given.values, BigInt), shape: given.shape };

/** `{ similarTo: { picture } }` stands for a second picture. */
function targetOf(target: Target): Target {
  const other = typeof target === 'object' && 'similarTo' in target ? target.similarTo : undefined;
  return other && 'picture' in other ? { similarTo: tensorOf(other.picture as GoldenArray) } : target;
}

/** Where `auto` looks: the end of a picture's own tokens or maps, however many words, queries and candidates the network has beside them. */
const layers: Readonly<Record<string, readonly [layer: string, grid: readonly number[]]>> = {
  segformer: ['network.segformer.stages.3.blocks.0', [2, 2]],
  detr: ['network.model.encoder', [2, 2]],
  yolos: ['/network/vit/encoder/layer.0/Add_output_0', [4, 4]],
  clip: ['network.vision_model.encoder.layers.0', [4, 4]],
  vit_regression: ['network.vit.layers.0', [4, 4]],
  vilt: ['network.vilt.encoder.layer.0', [4, 4]],
  blip: ['vision_model.encoder', [4, 4]],
};

describe('targets equal PyTorch’s', function () {
  this.timeout(120_000);
  for (const { name, kind, layer, labels, inputs, targets } of cases)
    for (const { target, value, ...gradients } of targets)
      it(`${name}: ${JSON.stringify(target).slice(0, 90)}`, async () => {
        await using explainer = await createExplainer(readFileSync(join(from, `${name}.onnx`)), {
          runtime: testRuntime(),
          scoreKind: kind,
          ...(labels && { labels }),
        });
        const given = Object.fromEntries(Object.entries(inputs).map(([key, input]) => [key, tensorOf(input)]));
        const asked = targetOf(target);
        const [byInput, byLayer, ...others] = await explainer.gradients(given, {
          target: asked,
          layer: ['image', layer],
        });
        expect(others).to.deep.equal([]);
        expect(byInput!.target.value).to.be.closeTo(value, 1e-4 * Math.max(1, Math.abs(value)));
        expect(distance(byInput!.gradient.data, gradients.input), 'by the input').to.be.below(
          bound(gradients.input.noise),
        );
        expect(distance(byLayer!.gradient.data, gradients.layer), 'by the layer').to.be.below(
          bound(gradients.layer.noise),
        );
        const { maps } = await explainer.explain(given, { target: asked });
        expect([maps[0]!.layer.name, maps[0]!.raw.shape]).to.deep.equal(layers[name]);
        expect(maps[0]!.target.value).to.be.closeTo(value, 1e-4 * Math.max(1, Math.abs(value)));
      });

  it('are found without a word of what the scores are, where it is said that it is a guess', async () => {
    for (const { name, kind } of cases.filter((one) => ['segmentation', 'detection', 'embedding'].includes(one.kind))) {
      await using explainer = await createExplainer(readFileSync(join(from, `${name}.onnx`)), {
        runtime: testRuntime(),
      });
      expect(explainer.model.scores.kind, name).to.equal(kind);
      expect(explainer.model.warnings.map(({ code }) => code)).to.include('score-kind-guessed');
    }
  });
});
