// Metrics on models whose answers can be worked out: a linear one, where every run has an exact value.
import { parseModel } from '@saywhy/autodiff';
import { createExplainer, type Explainer, type Method, type Progress } from '@saywhy/core';
import {
  areaUnder,
  baselines,
  type EvaluateOptions,
  type Evaluation,
  evaluate,
  findMetric,
  type Metric,
  metrics,
  randomizations,
} from '@saywhy/core/metrics';
import { expect } from 'chai';
import { errorOf } from '../../support/errors.js';
import { buildModel, floats } from '../../support/model.js';
import { randomInput, smallNet } from '../../support/nets.js';
import { normal } from '../../support/random.js';
import { testRuntime } from '../../support/runtime.js';

const [SIDE, CELLS] = [12, 144];

const weights = (() => {
  const next = normal(5);
  return Float32Array.from({ length: 3 * CELLS }, next);
})();

/** score = sum of weight * input, and another score that is always 0; a regression, so that nothing is bent by a softmax. */
function linearModel(): Uint8Array {
  const columns = Array.from({ length: 6 * CELLS }, (_, i) => (i % 2 === 0 ? weights[i / 2]! : 0));
  return buildModel({
    opset: 17,
    inputs: [{ name: 'input', shape: ['n', 3, SIDE, SIDE] }],
    outputs: [{ name: 'scores', shape: ['n', 2] }],
    initializers: [floats('w', [3 * CELLS, 2], columns)],
    nodes: [
      { op: 'Flatten', inputs: ['input'], outputs: ['flat'] },
      { op: 'MatMul', inputs: ['flat', 'w'], outputs: ['scores'] },
    ],
  });
}

const input = randomInput();

/** What each cell contributes to the linear score. */
const contributions = Float32Array.from({ length: CELLS }, (_, i) =>
  [0, 1, 2].reduce((sum, c) => sum + weights[c * CELLS + i]! * input.data[c * CELLS + i]!, 0),
);

const mapMethod = (data: Float32Array, signed = false, name = 'given'): Method => ({
  name,
  title: name,
  paper: { title: 'none', url: 'https://example.org' },
  needs: ['input'],
  signed,
  map: () => ({ data: data.slice(), shape: [SIDE, SIDE] }),
});
const exact = mapMethod(contributions, true, 'exact');

const valueIn = ({ measurements }: Evaluation, metric: string, method?: string) =>
  measurements.find((one) => one.metric === metric && (method === undefined || one.method === method))!;

describe('metrics on a linear model', () => {
  let explainer: Explainer;
  before(async () => {
    explainer = await createExplainer(linearModel(), { runtime: testRuntime(), scoreKind: 'regression' });
  });
  after(() => explainer.dispose());
  const measure = (method: readonly Method[], metric: readonly string[], options: EvaluateOptions = {}) =>
    evaluate(explainer, input, { method, metric, target: 0, ...options });

  it('deletion falls by what is taken away, the largest first', async () => {
    const positive = contributions.map((value) => Math.max(0, value));
    const { value, curve } = valueIn(await measure([mapMethod(positive)], ['deletion'], { seed: 3 }), 'deletion');
    const order = [...contributions.keys()].sort((a, b) => positive[b]! - positive[a]!);
    const full = contributions.reduce((sum, one) => sum + one, 0);
    const step = CELLS / 16;
    const above = positive.filter((one) => one > 0).length;
    // Among those at 0 the seed decides.
    for (let i = 0; i * step <= above; i++) {
      const gone = order.slice(0, i * step).reduce((sum, cell) => sum + contributions[cell]!, 0);
      expect(curve![i]).to.be.closeTo(full - gone, 1e-4);
    }
    expect(curve!.at(-1)).to.be.closeTo(0, 1e-4);
    expect(value).to.be.closeTo(areaUnder(curve!), 1e-9);
  });

  it('the exact map explains every drop, another does not, and the opposite as well', async () => {
    const noise = mapMethod(Float32Array.from({ length: CELLS }, normal(9)), true, 'noise');
    const opposite = mapMethod(
      contributions.map((one) => -one),
      true,
      'opposite',
    );
    const found = await measure([exact, noise, opposite], ['infidelity']);
    expect(valueIn(found, 'infidelity', 'exact').value).to.be.closeTo(0, 1e-6);
    expect(valueIn(found, 'infidelity', 'opposite').value).to.be.closeTo(0, 1e-6);
    expect(valueIn(found, 'infidelity', 'noise').value).to.be.within(0.5, 1);
  });

  it('an occlusion map correlates with itself, and not with its opposite', async () => {
    const { maps } = await explainer.explain(input, { method: 'occlusion', target: 0 });
    const own = mapMethod(maps[0]!.raw.data, true, 'own');
    const other = mapMethod(
      maps[0]!.raw.data.map((one) => -one),
      true,
      'other',
    );
    const found = await measure([own, other], ['occlusion-correlation']);
    expect(valueIn(found, 'occlusion-correlation', 'own').value).to.be.closeTo(1, 1e-9);
    expect(valueIn(found, 'occlusion-correlation', 'other').value).to.be.closeTo(-1, 1e-9);
  });

  it("the gradient of a linear model stays where it is, input x gradient moves with its input's noise", async () => {
    const { measurements } = await evaluate(explainer, input, {
      method: ['saliency', 'input-x-gradient'],
      metric: ['sensitivity'],
      target: 0,
    });
    const [saliency, product] = measurements.map(({ value }) => value);
    expect(saliency).to.be.closeTo(0, 1e-6);
    // Each number moves by at most 2 % of the range, 0.01 of it in the mean, which is about 0.07 of its size.
    expect(product).to.be.within(0.005, 0.2);
  });

  it('without probabilities the score itself is walked along', async () => {
    const { curve } = valueIn(await measure([exact], ['insertion']), 'insertion');
    const full = contributions.reduce((sum, one) => sum + one, 0);
    expect(curve!.at(-1)).to.be.closeTo(full, 1e-4);
  });

  it('ROAD: removing what counts costs more than removing what does not', async () => {
    const positive = mapMethod(contributions.map((one) => Math.max(0, one)));
    expect(valueIn(await measure([positive], ['road']), 'road').value).to.be.above(1);
  });
});

describe('evaluate', () => {
  let explainer: Explainer;
  before(async () => {
    explainer = await createExplainer(smallNet(), { runtime: testRuntime() });
  });
  after(() => explainer.dispose());
  const area = { boxes: [[0, 0, 6, 12]] } as const;
  const others = { boxes: [[6, 0, 12, 12]] } as const;

  it('measures every metric of every method that applies, and both baselines', async () => {
    const seen: Progress[] = [];
    const randomized = {
      cascading: await Promise.all(randomModels('cascading')),
      independent: await Promise.all(randomModels('independent')),
    };
    const found = await evaluate(explainer, input, {
      mask: area,
      others,
      randomized,
      onProgress: (progress) => seen.push(progress),
    });
    const methods = [...explainer.model.methods, ...baselines.map(({ name }) => name)];
    expect(found.left).to.deep.equal([]);
    expect(found.measurements).to.have.length(metrics.length * methods.length);
    for (const { value, metric, method } of found.measurements) expect(value, `${metric} of ${method}`).to.not.be.NaN;
    expect(seen.at(-1)).to.include({ loaded: methods.length * (metrics.length + 1) });
    expect(seen.map(({ loaded }) => loaded)).to.deep.equal(seen.map((_, i) => i));
    // Maps that know nothing of the model are the same whatever its weights.
    for (const { name } of baselines) expect(valueIn(found, 'sanity-cascading', name).value).to.be.closeTo(1, 1e-9);
    await Promise.all(Object.values(randomized).flatMap((all) => all.map((one) => one.dispose())));
  }).timeout(60_000);

  it('a likeness is what a sanity check finds', async () => {
    const share = 3 / 6;
    const check = await explainer.sanityCheck(input, { method: 'saliency', seed: 4, share });
    const names = new Set(
      randomizations(parseModel(smallNet()), 'logits', { order: 'cascading', stages: 6, seed: 4 })[2]!.names,
    );
    expect(names).to.deep.equal(new Set(['conv2.bias', 'fc.weight', 'fc.bias']));
    const model = randomizations(parseModel(smallNet()), 'logits', { order: 'cascading', stages: 6, seed: 4 })[2]!;
    await using random = await createExplainer(model.model(), { runtime: testRuntime() });
    const { measurements } = await evaluate(explainer, input, {
      method: ['saliency'],
      metric: ['sanity-cascading'],
      randomized: { cascading: [random] },
    });
    expect(measurements[0]!.curve![0]).to.be.closeTo(check.similarity, 1e-9);
  });

  it('is the same for the same seed, and another for another', async () => {
    const ask = async (seed: number) => {
      const options = { method: ['grad-cam'], metric: ['road', 'infidelity', 'sensitivity'], seed };
      return (await evaluate(explainer, input, options)).measurements.map(({ value }) => value);
    };
    const first = await ask(1);
    expect(await ask(1)).to.deep.equal(first);
    const other = await ask(2);
    first.forEach((value, i) => {
      expect(value).to.not.equal(other[i]);
    });
  });

  it('says what it leaves out and why; what is skipped is not measured', async () => {
    const found = await evaluate(explainer, input, {
      method: ['grad-cam', 'random'],
      metric: ['complexity', 'pointing-game', 'class-discrimination', 'sanity-independent'],
      skip: (method) => method === 'random',
    });
    expect(found.measurements.map(({ method, metric }) => [method, metric])).to.deep.equal([
      ['grad-cam', 'complexity'],
    ]);
    expect(found.left.map(({ metric }) => metric)).to.deep.equal([
      'pointing-game',
      'class-discrimination',
      'sanity-independent',
    ]);
  });

  it('a method that has nothing to say of a target does not cost the others', async () => {
    const target = () => ({ value: 1, gradient: new Float32Array(5) });
    const found = await evaluate(explainer, input, { method: ['saliency', 'random'], metric: ['complexity'], target });
    expect(found.measurements.map(({ method }) => method)).to.deep.equal(['random']);
    expect(found.left[0]).to.include({ method: 'saliency' });
    expect(found.left[0]!.why).to.match(/does not depend/);
  });

  it('runs of changed pictures that do not depend on the method are made once', async () => {
    const runtime = testRuntime();
    await using counted = await createExplainer(smallNet(), { runtime });
    const runs = async (method: readonly string[]) => {
      const before = runtime.sessions.reduce((sum, session) => sum + session.runs, 0);
      await evaluate(counted, input, { method, metric: ['infidelity', 'occlusion-correlation'] });
      return runtime.sessions.reduce((sum, session) => sum + session.runs, 0) - before;
    };
    const one = await runs(['hires-cam']);
    const five = await runs(['hires-cam', 'layer-cam', 'cam', 'eigen-cam', 'x-grad-cam']);
    expect(five - one).to.be.at.most(8);
  });

  it('stops when it is aborted, between two values', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const done: string[] = [];
    const stopped = await evaluate(explainer, input, {
      method: ['grad-cam', 'random'],
      metric: ['complexity', 'road'],
      signal: controller.signal,
      onMeasurement: ({ metric, method }) => {
        done.push(`${metric} ${method}`);
        if (done.length === 3) controller.abort(reason);
      },
    }).catch((error: unknown) => error);
    expect(stopped).to.equal(reason);
    expect(done).to.deep.equal(['complexity grad-cam', 'complexity random', 'road grad-cam']);
  });

  it('a metric of the user', async () => {
    const peak: Metric = {
      ...findMetric('complexity'),
      name: 'peak',
      needs: ['mask'],
      measure: ({ map, mask }) => ({ value: Math.max(...map.data.filter((_, i) => mask.data[i])) }),
    };
    const { measurements } = await evaluate(explainer, input, { method: ['centre'], metric: [peak], mask: area });
    expect(measurements[0]).to.include({ metric: 'peak' });
    expect(measurements[0]!.value).to.be.closeTo(1, 1e-6);
  });

  it('refuses what is no metric, method or seed', async () => {
    expect(await errorOf(() => evaluate(explainer, input, { metric: ['insertoin'] }))).to.match(
      /^unknown-metric: .*Did you mean insertion\?/,
    );
    expect(await errorOf(() => evaluate(explainer, input, { method: ['grad-cma'] }))).to.match(/^unknown-method/);
    expect(await errorOf(() => evaluate(explainer, input, { seed: 0.5 }))).to.match(/^invalid-argument/);
    const mask = { boxes: [[6, 0, 2, 12]] } as const;
    const options = { method: ['random'], metric: ['pointing-game'], mask };
    expect(await errorOf(() => evaluate(explainer, input, options))).to.match(/^invalid-argument: A box is/);
  });
});

function randomModels(order: 'cascading' | 'independent') {
  return randomizations(parseModel(smallNet()), 'logits', { order, seed: 1, stages: 2 }).map((stage) =>
    createExplainer(stage.model(), { runtime: testRuntime() }),
  );
}
