// The bundled detector on a photograph: what it finds, and where it looked.
import { createExplainer, type ExplanationMap, type Rectangle } from '@saywhy/node';
import { expect } from 'chai';
import { errorOf } from '../support/errors.js';

const astronaut = new URL('../../samples/astronaut.jpg', import.meta.url);
/** Eyes, nose and mouth in the photograph, found by eye. */
const face: Rectangle = { x: 185, y: 85, width: 80, height: 95 };

/** Whether the largest value of a map lies in a box of the 512 x 512 photograph, and how much of all that is positive does. */
function within({ data, shape: [height, width] }: ExplanationMap, box: Rectangle) {
  let [inside, all, peak] = [0, 0, 0];
  const isInside = (i: number) => {
    const [x, y] = [((i % width!) + 0.5) * (512 / width!), (Math.floor(i / width!) + 0.5) * (512 / height!)];
    return x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height;
  };
  data.forEach((value, i) => {
    if (value > data[peak]!) peak = i;
    all += value;
    if (isInside(i)) inside += value;
  });
  return { peak: isInside(peak), share: inside / all };
}

describe('a detector of faces', () => {
  it('finds the face of the photograph and looks at it', async () => {
    await using explainer = await createExplainer('blazeface');
    expect(explainer.model.scores).to.deep.include({ kind: 'detection', kindFrom: 'metadata' });
    expect(explainer.model.layer!.name).to.equal('re_lu_10/Relu');
    expect(explainer.model.warnings).to.deep.equal([]);
    const { predictions, maps } = await explainer.explain(astronaut, {
      method: ['grad-cam', 'hires-cam', 'occlusion'],
    });
    const [first, second] = predictions;
    expect(first!.label).to.equal('face');
    expect(first!.probability).to.be.above(0.9);
    expect(second!.probability).to.be.below(0.25);
    const { x, y, width, height } = first!.box!;
    expect(Math.abs(x + width / 2 - 225)).to.be.below(10);
    expect(Math.abs(y + height / 2 - 130)).to.be.below(12);
    // The face is a thirtieth of the photograph.
    for (const map of maps) {
      expect(within(map, face).peak, map.method).to.equal(true);
      if (map.method !== 'occlusion') expect(within(map, face).share, map.method).to.be.above(0.4);
      expect(map.target.text).to.equal('box:179,82,95,95:face');
    }
  });

  it('a box asks of the candidate that fits it, whatever the model is sure of', async () => {
    await using explainer = await createExplainer('blazeface');
    const patch: Rectangle = { x: 370, y: 415, width: 95, height: 95 };
    const { maps } = await explainer.explain(astronaut, {
      // Grad-CAM's weights are averages over all places, so that its maps do not keep two boxes apart; gradients do.
      method: 'saliency',
      target: [{ box: face }, { box: patch, class: 'face' }, 'face'],
    });
    const [asked, elsewhere, best] = maps.map(({ target }) => target.value) as [number, number, number];
    expect(asked).to.equal(best);
    expect(elsewhere).to.be.below(0);
    expect(maps[0]!.raw).to.deep.equal(maps[2]!.raw);
    expect(within(maps[0]!, face).share).to.be.above(0.2);
    expect(within(maps[1]!, face).share).to.be.below(0.05);
    expect(await errorOf(() => explainer.explain(astronaut, { target: { similarTo: [1] } }))).to.match(/^target-kind/);
  });
});
