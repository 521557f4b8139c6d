// The models of drawn scenes against PyTorch's numbers in float64: questions, captions, segmentation, by tensors alone.
import { readFileSync } from 'node:fs';
import { createExplainer, type Explainer, preprocess, type ScoreFunction, type TensorInput } from '@saywhy/core';
import { expect } from 'chai';
import { decodePicture } from '../../../packages/node/src/pictures/decode.js';
import { distance, floatsOf, type GoldenArray, readGolden } from '../../support/golden.js';
import { testRuntime } from '../../support/runtime.js';

interface Group<Case> {
  readonly layer: { readonly module: string; readonly tensor: string };
  readonly cases: readonly Case[];
}

interface Golden {
  readonly vqa: Group<{
    readonly picture: string;
    readonly question: string;
    readonly tokens: readonly number[];
    readonly answer: string;
    readonly index: number;
    readonly logits: GoldenArray;
    readonly gradCam: GoldenArray;
    readonly inputGradient: GoldenArray;
  }>;
  readonly caption: Group<{
    readonly picture: string;
    readonly text: string;
    readonly tokens: readonly number[];
    readonly logits: GoldenArray;
    readonly words: readonly {
      readonly text: string;
      readonly id: number;
      readonly at: number;
      readonly gradCam: GoldenArray;
    }[];
    readonly gradCam: GoldenArray;
  }>;
  readonly segmentation: Group<{
    readonly picture: string;
    readonly class: number;
    readonly label: string;
    readonly pixels: number;
    readonly score: number;
    readonly logits: GoldenArray;
    readonly gradCam: GoldenArray;
  }>;
}

const root = new URL('../../../', import.meta.url);
const golden = readGolden<Golden>('scenes/goldens.json');
const read = (file: string) => readFileSync(new URL(file, root));

const int64 = (ids: readonly number[]): TensorInput => ({
  data: BigInt64Array.from(ids.map(BigInt)),
  shape: [1, ids.length],
});

/** The sum of the scores at these places. */
const sumAt =
  (places: readonly number[]): ScoreFunction =>
  ({ data }) => {
    const gradient = new Float32Array(data.length);
    for (const place of places) gradient[place] = 1;
    return { value: places.reduce((sum, place) => sum + data[place]!, 0), gradient };
  };

/** All scores, by way of a function that is asked to explain their sum. */
const keeping = (keep: (scores: Float32Array) => void): ScoreFunction => {
  return (scores) => {
    keep(scores.data.slice());
    return { value: 0, gradient: new Float32Array(scores.data.length).fill(1) };
  };
};

/** The largest difference from a golden array that holds all its elements. */
const gap = (actual: Float32Array, array: GoldenArray): number => {
  const expected = floatsOf(array);
  expect(actual).to.have.length(expected.length);
  return Math.max(...expected.map((value, i) => Math.abs(value - actual[i]!)));
};

describe('the models of drawn scenes', () => {
  const explainers: Explainer[] = [];
  const open = async (name: string): Promise<Explainer> => {
    const explainer = await createExplainer(read(`models/${name}.onnx`), { runtime: testRuntime() });
    explainers.push(explainer);
    return explainer;
  };
  const imageOf = async (explainer: Explainer, picture: string): Promise<TensorInput> =>
    preprocess(await decodePicture(read(`samples/scenes/${picture}`), picture), explainer.model.preprocess!).tensor;
  after(() => Promise.all(explainers.map((explainer) => explainer.dispose())));

  describe('scenes-vqa', () => {
    let explainer: Explainer;
    before(async () => {
      explainer = await open('scenes-vqa');
    });

    it('explains its conditioned map unless another layer is named', () => {
      expect(explainer.model.layer).to.deep.include({ tensor: golden.vqa.layer.tensor, layout: 'channels-first' });
    });

    for (const { picture, question, tokens, answer, index, ...expected } of golden.vqa.cases)
      it(`answers "${question}" on ${picture} as PyTorch does, and for the same reason`, async () => {
        const input = { image: await imageOf(explainer, picture), question: int64(tokens) };
        const { maps, predictions } = await explainer.explain(input, {
          method: ['grad-cam', 'saliency'],
          target: index,
          top: 19,
        });
        expect(predictions[0]).to.include({ index, label: answer });
        const logits = new Float32Array(19);
        for (const found of predictions) logits[found.index] = found.logit;
        expect(gap(logits, expected.logits)).to.be.below(1e-4);
        expect(distance(maps[0]!.raw.data, expected.gradCam)).to.be.below(1e-5);
        expect(distance(maps[1]!.raw.data, expected.inputGradient)).to.be.below(1e-4);
      });
  });

  describe('scenes-caption', () => {
    let explainer: Explainer;
    before(async () => {
      explainer = await open('scenes-caption');
    });

    it('explains its conditioned map unless another layer is named', () => {
      expect(explainer.model.layer).to.deep.include({ tensor: golden.caption.layer.tensor, layout: 'channels-first' });
    });

    for (const { picture, text, tokens, words, ...expected } of golden.caption.cases)
      it(`says "${text}" of ${picture} as PyTorch does, each word for the same reason`, async () => {
        const input = { image: await imageOf(explainer, picture), tokens: int64(tokens) };
        const vocabulary = explainer.model.labels!.length;
        const places = words.map(({ id, at }) => at * vocabulary + id);
        let logits: Float32Array = new Float32Array();
        const keep = keeping((scores) => {
          logits = scores;
        });
        const { maps } = await explainer.explain(input, {
          target: [...places.map((place) => sumAt([place])), sumAt(places), keep],
        });
        expect(gap(logits, expected.logits)).to.be.below(1e-4);
        words.forEach(({ text: word, id, at, gradCam }, i) => {
          expect(explainer.model.labels![id]).to.equal(word);
          const row = logits.subarray(at * vocabulary, (at + 1) * vocabulary);
          expect(row.indexOf(Math.max(...row))).to.equal(id);
          expect(distance(maps[i]!.raw.data, gradCam), word).to.be.below(1e-5);
        });
        expect(distance(maps[words.length]!.raw.data, expected.gradCam)).to.be.below(1e-5);
      });

    it('a word depends on the words before it alone', async () => {
      const { picture, tokens, words } = golden.caption.cases[0]!;
      const image = await imageOf(explainer, picture);
      const { id, at, gradCam } = words[1]!;
      const place = at * explainer.model.labels!.length + id;
      const { maps } = await explainer.explain(
        { image, tokens: int64(tokens.slice(0, at + 1)) },
        { target: sumAt([place]) },
      );
      expect(distance(maps[0]!.raw.data, gradCam)).to.be.below(1e-5);
    });
  });

  describe('scenes-segmentation', () => {
    for (const { picture, label, pixels, score, ...expected } of golden.segmentation.cases)
      it(`finds the ${label} of ${picture} where PyTorch does, and for the same reason`, async () => {
        const explainer = await open('scenes-segmentation');
        expect(explainer.model.labels![expected.class]).to.equal(label);
        const classes = explainer.model.labels!.length;
        const input = { image: await imageOf(explainer, picture) };
        let logits: Float32Array = new Float32Array();
        const keep = keeping((scores) => {
          logits = scores;
        });
        await explainer.explain(input, { target: keep });
        expect(distance(logits, expected.logits)).to.be.below(1e-5);
        const area = logits.length / classes;
        const found = Array.from({ length: area }, (_, pixel) => expected.class * area + pixel).filter((place) =>
          Array.from({ length: classes }, (_, other) => logits[other * area + (place % area)]!).every(
            (value) => value <= logits[place]!,
          ),
        );
        expect(found).to.have.length(pixels);
        const { maps } = await explainer.explain(input, { target: sumAt(found) });
        expect(maps[0]!.layer).to.include({ tensor: golden.segmentation.layer.tensor });
        expect(maps[0]!.target.value / score).to.be.closeTo(1, 1e-5);
        expect(distance(maps[0]!.raw.data, expected.gradCam)).to.be.below(1e-5);
      });
  });
});
