// The bundled model against PyTorch's numbers, on two photographs.
import { readFileSync } from 'node:fs';
import {
  createExplainer,
  type Explainer,
  type Explanation,
  type ExplanationMap,
  type Picture,
  preprocess,
} from '@saywhy/core';
import { expect } from 'chai';
import { decodePicture } from '../../../packages/node/src/pictures/decode.js';
import { distance, floatsOf, type GoldenArray, readGolden, relativeError } from '../../support/golden.js';
import { testRuntime } from '../../support/runtime.js';

interface Golden {
  readonly layer: { readonly tensor: string; readonly shape: readonly number[] };
  readonly pictures: readonly {
    readonly file: string;
    readonly top: readonly { readonly index: number; readonly logit: number }[];
    readonly classes: readonly {
      readonly index: number;
      readonly logit: number;
      readonly gradCam: GoldenArray;
      readonly inputGradient: GoldenArray;
      readonly guidedBackprop: GoldenArray;
    }[];
  }[];
}

const root = new URL('../../../', import.meta.url);
const golden = readGolden<Golden>('efficientnet-lite0.json');
const read = (file: string) => readFileSync(new URL(file, root));
const methods = ['grad-cam', 'guided-backprop', 'saliency', 'guided-grad-cam'];

describe('the bundled model', () => {
  let explainer: Explainer;
  before(async () => {
    explainer = await createExplainer(read('models/efficientnet-lite0.onnx'), { runtime: testRuntime() });
  });
  after(() => explainer.dispose());

  it('describes itself', () => {
    const { model } = explainer;
    expect(model.scores).to.include({ tensor: 'logits', kind: 'softmax' });
    expect(model.layer).to.include({ tensor: golden.layer.tensor, layout: 'channels-first' });
    expect(model.layer!.shape.slice(1)).to.deep.equal(golden.layer.shape.slice(1));
    expect(model.labels).to.have.length(1000);
    expect(model.preprocessFrom).to.equal('metadata');
    expect(model.warnings).to.deep.equal([]);
    expect(model.withoutDerivative).to.deep.equal([]);
  });

  for (const { file, top, classes } of golden.pictures)
    describe(file, () => {
      let explanation: Explanation;
      const map = (method: string, index: number): ExplanationMap =>
        explanation.maps.find((found) => found.method === method && found.target.index === index)!;
      let picture: Picture;
      /**
       * The distance to PyTorch's float64. Where a unit lies within float32's rounding of a kink of ReLU6, its whole branch of the gradient comes or goes (3e-3
       * on the panda): then it is that of the closest among pictures that differ by that rounding.
       */
      const nearby = async (method: string, index: number, golden: GoldenArray): Promise<number> => {
        let best = distance(map(method, index).raw.data, golden);
        const { tensor } = preprocess(picture, explainer.model.preprocess!);
        for (let step = 1; best > 1e-5 && step <= 8; step++) {
          const data = tensor.data.map((x, i) => x * (1 + step * 1e-7 * Math.sin(i)));
          const { maps } = await explainer.explain({ data, shape: tensor.shape }, { method, target: index });
          best = Math.min(best, distance(maps[0]!.raw.data, golden));
        }
        return best;
      };
      before(async () => {
        picture = await decodePicture(read(file), file);
        explanation = await explainer.explain(picture, { method: methods, target: classes.map(({ index }) => index) });
      });

      it('predicts what PyTorch does', () => {
        expect(explanation.predictions.map(({ index }) => index)).to.deep.equal(top.map(({ index }) => index));
        explanation.predictions.forEach(({ logit }, i) => {
          expect(logit).to.be.closeTo(top[i]!.logit, 1e-4);
        });
      });

      for (const { index, logit, gradCam, inputGradient, guidedBackprop } of classes)
        it(`has PyTorch's maps of class ${index}`, async () => {
          expect(map('grad-cam', index).target.value).to.be.closeTo(logit, 1e-4);
          expect(distance(map('grad-cam', index).raw.data, gradCam)).to.be.below(1e-5);
          expect(await nearby('saliency', index, inputGradient)).to.be.below(1e-5);
          expect(await nearby('guided-backprop', index, guidedBackprop)).to.be.below(1e-5);
        });
    });

  it('gives maps at the size of the input, from 0 to 1, as bilinear resizing of the raw map has them', async () => {
    const { file, classes } = golden.pictures[0]!;
    const picture = await decodePicture(read(file), file);
    const { maps, region } = await explainer.explain(picture, { target: classes[0]!.index });
    const [map] = maps as [ExplanationMap];
    expect(map.shape).to.deep.equal([224, 224]);
    expect(Math.min(...map.data)).to.equal(0);
    expect(Math.max(...map.data)).to.equal(1);
    expect(region).to.deep.equal({ x: 28, y: 28, width: 392, height: 392 });
    // The centre of a cell of 32 x 32 pixels lies between its middle four.
    const raw = floatsOf(classes[0]!.gradCam);
    const centre = (row: number, column: number) =>
      [15, 16]
        .flatMap((y) => [15, 16].map((x) => map.data[(row * 32 + y) * 224 + column * 32 + x]!))
        .reduce((a, b) => a + b) / 4;
    const inner = [1, 2, 3, 4, 5].flatMap((row) => [1, 2, 3, 4, 5].map((column) => [row, column] as const));
    const expected = inner.map(([row, column]) => raw[row * 7 + column]!);
    const found = inner.map(([row, column]) => map.range[0] + centre(row, column) * (map.range[1] - map.range[0]));
    expect(relativeError(found, expected)).to.be.below(0.02);
  });

  it('says what is needed to get the same result again', async () => {
    const { file } = golden.pictures[1]!;
    const { provenance, device, model } = await explainer.explain(await decodePicture(read(file), file));
    const manifest = JSON.parse(read('models/manifest.json').toString()) as {
      models: { name: string; sha256: string }[];
    };
    expect(provenance.model.sha256).to.equal(manifest.models.find(({ name }) => name === 'efficientnet-lite0')!.sha256);
    expect(provenance.versions).to.include({ 'onnxruntime-node': 'test' });
    expect(provenance.versions.saywhy).to.equal(JSON.parse(read('packages/core/package.json').toString()).version);
    expect(provenance.preprocess!.steps).to.have.length(3);
    expect(device).to.equal('cpu');
    expect(model).to.equal('main_graph');
  });
});
