// The bundled segmentation model on drawn scenes: what it sees where, and what it looked at.
import { readFileSync } from 'node:fs';
import { createExplainer, type ExplanationMap, type Rectangle } from '@saywhy/node';
import { expect } from 'chai';
import { errorOf } from '../support/errors.js';

interface Thing {
  readonly colour: string;
  readonly shape: string;
  /** Left, top, right, bottom. */
  readonly box: readonly [number, number, number, number];
}
interface Scene {
  readonly file: string;
  readonly things: readonly Thing[];
}

const samples = new URL('../../samples/scenes/', import.meta.url);
const model = new URL('../../models/scenes-segmentation.onnx', import.meta.url);
const { scenes } = JSON.parse(readFileSync(new URL('scenes.json', samples), 'utf8')) as { scenes: readonly Scene[] };
const SIZE = 384;

const nameOf = ({ colour, shape }: Thing) => `${colour} ${shape}`;
const rectangle = ([left, top, right, bottom]: Thing['box']): Rectangle => ({
  x: left,
  y: top,
  width: right - left,
  height: bottom - top,
});

/** Whether the largest value of a map lies in a box, grown by a cell of 32 pixels. */
function peaksIn({ data, shape: [height, width] }: ExplanationMap, [left, top, right, bottom]: Thing['box']): boolean {
  const peak = data.indexOf(Math.max(...data));
  const [x, y] = [((peak % width!) + 0.5) * (SIZE / width!), (Math.floor(peak / width!) + 0.5) * (SIZE / height!)];
  return x > left - 32 && x < right + 32 && y > top - 32 && y < bottom + 32;
}

describe('a segmentation model on drawn scenes', () => {
  it('sees the things that were drawn, and looks at each for itself', async () => {
    await using explainer = await createExplainer(model);
    expect(explainer.model.scores).to.deep.include({ kind: 'segmentation', kindFrom: 'metadata' });
    let [seen, all] = [0, 0];
    const right = [0, 0, 0, 0];
    for (const { file, things } of scenes) {
      // Of several alike it is not one that is asked about.
      const single = things.filter((one) => things.filter((other) => nameOf(one) === nameOf(other)).length === 1);
      const { predictions } = await explainer.predict(new URL(file, samples), { top: 31 });
      const labels = predictions.map(({ label }) => label);
      for (const thing of single) {
        all++;
        if (!labels.includes(nameOf(thing))) continue;
        seen++;
        const { maps } = await explainer.explain(new URL(file, samples), {
          target: nameOf(thing),
          method: ['grad-cam', 'hires-cam'],
          layer: ['auto', 'trunk'],
        });
        maps.forEach((map, i) => {
          if (peaksIn(map, thing.box)) right[i]!++;
        });
      }
    }
    expect(all).to.be.above(12);
    expect(seen / all).to.be.above(0.9);
    const [gradCam, gradCamDeep, hiResCam, hiResCamDeep] = right.map((count) => count / seen) as [
      number,
      number,
      number,
      number,
    ];
    expect(Math.min(gradCam, hiResCam, hiResCamDeep)).to.be.above(0.9);
    // Weights that are averaged over all places miss some where a cell is 32 pixels: 4 of 18.
    expect(gradCamDeep).to.be.within(0.7, hiResCamDeep);
  }).timeout(120_000);

  it('a region of one thing explains that thing, and a mask of its places is its class', async () => {
    await using explainer = await createExplainer(model);
    const scene = scenes.find(({ file }) => file === 'star-and-circle.png')!;
    const picture = new URL(scene.file, samples);
    const [star, circle] = scene.things as [Thing, Thing];
    const place = rectangle(circle.box);
    const { maps } = await explainer.explain(picture, {
      target: [
        { mask: place },
        { mask: place, class: nameOf(circle) },
        nameOf(circle),
        { mask: rectangle(star.box), class: nameOf(star) },
      ],
      layer: 'trunk',
    });
    expect(maps[0]!.target.label).to.equal(nameOf(circle));
    expect(maps[0]!.raw).to.deep.equal(maps[1]!.raw);
    expect(maps[1]!.target.value).to.be.below(maps[2]!.target.value);
    expect(peaksIn(maps[1]!, circle.box)).to.equal(true);
    expect(peaksIn(maps[3]!, star.box)).to.equal(true);
    expect(await errorOf(() => explainer.explain(picture, { target: 'blue cross' }))).to.match(
      /^empty-mask: .*"blue cross" nowhere.*"red circle"/,
    );
    expect(await errorOf(() => explainer.explain(picture, { target: { box: place } }))).to.match(/^target-kind/);
  });
});
