// A second question about the same input: what the first computed is used again, and gives what a fresh explainer gives.
import { createExplainer, type ExplainOptions, type Input, type Method, unchangingPicture } from '@saywhy/core';
import { expect } from 'chai';
import { errorOf } from '../../support/errors.js';
import { randomInput, smallNet } from '../../support/nets.js';
import { random } from '../../support/random.js';
import { testRuntime } from '../../support/runtime.js';

const spec = {
  channels: 'RGB',
  layout: 'NCHW',
  steps: [{ resize: { size: [12, 12], filter: 'bilinear' } }, { rescale: 1 / 255 }],
} as const;

function picture(seed: number) {
  const next = random(seed);
  return { data: Uint8ClampedArray.from({ length: 20 * 17 * 4 }, () => 256 * next()), width: 20, height: 17 };
}

async function fresh(input: Input, options: ExplainOptions) {
  await using explainer = await createExplainer(smallNet(), { runtime: testRuntime(), preprocess: spec });
  return explainer.explain(input, options);
}

/** An explainer, and how many forward and backward runs of Grad-CAM's sessions a call costs. */
async function counted(sessionBytes?: number) {
  const runtime = testRuntime();
  const explainer = await createExplainer(smallNet(), {
    runtime,
    preprocess: spec,
    ...(sessionBytes !== undefined && { sessionBytes }),
  });
  const runs = () => runtime.sessions.map((session) => session.runs);
  const cost = async <T>(call: () => Promise<T>) => {
    const before = runs();
    const result = await call();
    return { result, cost: runs().map((count, i) => count - (before[i] ?? 0)) };
  };
  return { explainer, runtime, cost };
}

describe('the same input again', () => {
  it('another class costs one backward run, and gives what a fresh explainer gives', async () => {
    const { explainer, cost } = await counted();
    expect((await cost(() => explainer.explain(randomInput()))).cost).to.deep.equal([1, 1]);
    const second = await cost(() => explainer.explain(randomInput(), { target: 3, method: ['grad-cam', 'hires-cam'] }));
    expect(second.cost).to.deep.equal([0, 1]);
    const { timings, ...found } = second.result;
    const { timings: others, ...expected } = await fresh(randomInput(), {
      target: 3,
      method: ['grad-cam', 'hires-cam'],
    });
    expect({ ...found, provenance: { ...found.provenance } }).to.deep.equal(expected);
    expect(timings.forward).to.equal(0);
    expect(others.forward).to.be.above(0);
    await explainer.dispose();
  });

  it('a prediction before it is that forward run, and one after it costs nothing', async () => {
    const { explainer, cost } = await counted();
    expect((await cost(() => explainer.predict(randomInput()))).cost).to.deep.equal([1, 0]);
    expect((await cost(() => explainer.explain(randomInput()))).cost).to.deep.equal([0, 1]);
    const after = await cost(() => explainer.predict(randomInput()));
    expect(after.cost).to.deep.equal([0, 0]);
    expect(after.result.predictions).to.deep.equal((await fresh(randomInput(), {})).predictions);
    await explainer.dispose();
  });

  it('another layer runs forward where the first run did not give it', async () => {
    const { explainer, cost } = await counted();
    await explainer.explain(randomInput());
    const layer = { layer: ['hidden', 'features'] };
    const other = await cost(() => explainer.explain(randomInput(), layer));
    expect(other.cost).to.deep.equal([0, 0, 1, 1]);
    expect(other.result.maps).to.deep.equal((await fresh(randomInput(), layer)).maps);
    const both = await cost(() => explainer.explain(randomInput(), { ...layer, target: 2 }));
    expect(both.cost).to.deep.equal([0, 0, 0, 1]);
    await explainer.dispose();
  });

  it('numbers that the caller has changed are other numbers, in whatever buffer', async () => {
    const { explainer, cost } = await counted();
    const mine = randomInput();
    await explainer.explain(mine);
    mine.data[5] = -mine.data[5]!;
    const changed = await cost(() => explainer.explain(mine));
    expect(changed.cost).to.deep.equal([1, 1]);
    expect(changed.result.maps).to.deep.equal((await fresh(mine, {})).maps);
    const raster = picture(1);
    await explainer.explain(raster);
    expect((await cost(() => explainer.explain(picture(1)))).cost, 'equal pixels').to.deep.equal([0, 1]);
    raster.data.fill(40, 0, 400);
    const redrawn = await cost(() => explainer.explain(raster));
    expect(redrawn.cost).to.deep.equal([1, 1]);
    expect(redrawn.result.maps).to.deep.equal((await fresh(raster, {})).maps);
    await explainer.dispose();
  });

  it('what was computed belongs to the numbers as they were', async () => {
    const { explainer } = await counted();
    const mine = randomInput();
    const expected = await explainer.explain(mine, { target: 1 });
    mine.data.fill(0);
    const second = await explainer.explain(randomInput(), { target: 1 });
    expect(second.maps).to.deep.equal(expected.maps);
    expect(second.timings.forward).to.equal(0);
    await explainer.dispose();
  });

  it('results, and a method of the user that writes to what it gets, change nothing of it', async () => {
    const { explainer, cost } = await counted();
    const spoiling: Method = {
      name: 'spoiling',
      title: 'Spoiling',
      paper: { title: 'none', url: 'https://example.org' },
      needs: ['activations', 'gradients', 'input', 'input-gradients'],
      signed: false,
      map: ({ activations, gradients, input, inputGradients }) => {
        for (const { data } of [activations, gradients, input, inputGradients]) data.fill(1);
        return { data: activations.data, shape: [16, 18] };
      },
    };
    const given = await explainer.gradients(randomInput(), { layer: ['input', 'features'] });
    for (const { activation, gradient } of given) for (const { data } of [activation, gradient]) data.fill(7);
    const { maps } = await explainer.explain(randomInput(), { method: spoiling });
    maps[0]!.raw.data.fill(7);
    const options = { method: ['grad-cam', 'input-x-gradient'], layer: 'features', target: [0, 1] };
    const after = await cost(() => explainer.explain(randomInput(), options));
    expect(after.cost[0]).to.equal(0);
    expect(after.result.maps).to.deep.equal((await fresh(randomInput(), options)).maps);
    await explainer.dispose();
  });

  it('only the input before is remembered, and occluded pictures are not that', async () => {
    const { explainer, cost } = await counted();
    await explainer.explain(randomInput());
    await explainer.explain(randomInput(), { method: 'occlusion' });
    expect((await cost(() => explainer.explain(randomInput(), { target: 2 }))).cost).to.deep.equal([0, 1]);
    await explainer.explain(randomInput(undefined, 8));
    expect((await cost(() => explainer.explain(randomInput()))).cost).to.deep.equal([1, 1]);
    await explainer.dispose();
  });

  it('a call that failed or was aborted between the runs does not lose it', async () => {
    const { explainer, cost } = await counted();
    const controller = new AbortController();
    const onProgress = ({ what }: { what: string }) => what === 'backward' && controller.abort(new Error('enough'));
    await explainer.explain(randomInput(), { signal: controller.signal, onProgress }).catch(() => undefined);
    expect(await errorOf(() => explainer.explain(randomInput(), { target: 99 }))).to.match(/^unknown-index/);
    expect((await cost(() => explainer.explain(randomInput()))).cost).to.deep.equal([0, 1]);
    await explainer.dispose();
  });

  it('progress counts the runs that there are', async () => {
    const { explainer } = await counted();
    const seen: string[] = [];
    const onProgress = (progress: { stage: string; what: string; loaded: number; total?: number }) =>
      seen.push(`${progress.what} ${progress.loaded}/${progress.total}`);
    await explainer.explain(randomInput(), { onProgress });
    await explainer.explain(randomInput(), { onProgress, target: [1, 2] });
    expect(seen).to.deep.equal(['forward 0/2', 'backward 1/2', 'backward 0/2', 'backward 1/2']);
    await explainer.dispose();
  });

  it('is not remembered beyond the budget', async () => {
    const { explainer, cost } = await counted(1000);
    await explainer.explain(randomInput());
    const again = await cost(() => explainer.explain(randomInput()));
    expect(again.cost.reduce((sum, count) => sum + count, 0)).to.equal(2);
    await explainer.dispose();
  });

  it('a picture that nobody changes is preprocessed once, of the rest each time', async () => {
    const { explainer } = await counted();
    let reads = 0;
    const watched = (seed: number) => {
      const { data, ...size } = picture(seed);
      return {
        ...size,
        get data() {
          reads++;
          return data;
        },
      };
    };
    const kept = unchangingPicture(watched(1));
    const first = await explainer.explain(kept);
    const once = reads;
    const second = await explainer.explain(kept, { target: first.maps[0]!.target.index! });
    expect(reads).to.equal(once);
    expect({ ...second, timings: 0 }).to.deep.equal({ ...first, timings: 0 });
    const other = watched(2);
    await explainer.explain(other);
    await explainer.explain(kept);
    expect(reads, 'also after another one').to.equal(2 * once);
    await explainer.explain(other);
    expect(reads).to.equal(3 * once);
    await explainer.dispose();
  });
});
