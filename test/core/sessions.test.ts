// How runs are planned: forward and backward apart, or as one graph where many tensors would have to be saved.
import { createExplainer } from '@saywhy/core';
import { expect } from 'chai';
import * as ort from 'onnxruntime-node';
import { errorOf } from '../support/errors.js';
import { relativeError } from '../support/golden.js';
import { buildModel, floats, type NodeSpec } from '../support/model.js';
import { type NetOptions, randomInput, smallNetSpec } from '../support/nets.js';
import { normal } from '../support/random.js';
import { testRuntime } from '../support/runtime.js';

/** The small net after `depth` residual layers, each of which saves a tensor. */
function deepNet(depth: number, options: NetOptions = {}): Uint8Array {
  const spec = smallNetSpec(options);
  const next = normal(5);
  const weights = Array.from({ length: depth }, (_, i) =>
    floats(
      `w${i}`,
      [3, 3, 1, 1],
      Array.from({ length: 9 }, () => 0.3 * next()),
    ),
  );
  const layers = weights.flatMap((_, i): NodeSpec[] => [
    { op: 'Conv', inputs: [`x${i}`, `w${i}`], outputs: [`c${i}`] },
    { op: 'Tanh', inputs: [`c${i}`], outputs: [`t${i}`] },
    { op: 'Add', inputs: [`x${i}`, `t${i}`], outputs: [i === depth - 1 ? 'input' : `x${i + 1}`] },
  ]);
  return buildModel({
    ...spec,
    inputs: [{ name: 'x0', shape: ['n', 3, 12, 12] }],
    initializers: [...spec.initializers!, ...weights],
    nodes: [...layers, ...spec.nodes],
  });
}

describe('the plan of runs', () => {
  const explain = async (
    options: Parameters<Awaited<ReturnType<typeof createExplainer>>['explain']>[1],
    depth = 110,
  ) => {
    const runtime = testRuntime();
    await using explainer = await createExplainer(deepNet(depth), { runtime });
    const explanation = await explainer.explain(randomInput(), options);
    return { explanation, runs: runtime.sessions.map(({ runs }) => runs).filter((runs) => runs > 0) };
  };
  const methods = ['saliency', 'hires-cam', 'guided-backprop'];

  it('a deep gradient of one given class is one run of one graph, with the same result', async () => {
    const joined = await explain({ method: methods, target: 1 });
    expect(joined.runs).to.deep.equal([1]);
    const split = await explain({ method: methods, target: [1, 3] });
    expect(split.runs).to.deep.equal([1, 2, 2]);
    for (const map of joined.explanation.maps) {
      const same = split.explanation.maps.find(({ method, target }) => method === map.method && target.index === 1)!;
      expect(relativeError(map.raw.data, same.raw.data), map.method).to.be.below(1e-5);
      expect(map.target).to.deep.equal(same.target);
    }
    expect(joined.explanation.predictions).to.deep.equal(split.explanation.predictions);
  });

  it('also of the top class, which the graph finds', async () => {
    const { runs, explanation } = await explain({ method: 'saliency', target: { top: 1 } });
    expect(runs).to.deep.equal([1]);
    expect(explanation.maps[0]!.target.index).to.equal(explanation.predictions[0]!.index);
    const given = await explain({ method: 'saliency', target: explanation.predictions[0]!.index });
    expect(relativeError(explanation.maps[0]!.raw.data, given.explanation.maps[0]!.raw.data)).to.be.below(1e-6);
    const several = await explain({ method: 'saliency', target: { top: 2 } });
    expect(several.runs).to.deep.equal([1, 2]);
  });

  it('of one yes against no, it is that after a plain prediction', async () => {
    const runtime = testRuntime();
    await using explainer = await createExplainer(deepNet(110, { classes: 1 }), { runtime, scoreKind: 'binary' });
    for (const seed of [1, 2, 3, 4]) {
      const { maps, predictions } = await explainer.explain(randomInput(undefined, seed), { method: 'saliency' });
      const target = predictions[0]!.index;
      const given = await explainer.explain(randomInput(undefined, seed), { method: 'saliency', target });
      expect(given.maps).to.deep.equal(maps);
    }
    expect(runtime.sessions.map(({ runs }) => runs).filter((runs) => runs > 0)).to.deep.equal([4, 8]);
  });

  it('a class that is asked for next uses the same session', async () => {
    const runtime = testRuntime();
    await using explainer = await createExplainer(deepNet(110), { runtime });
    const { maps, predictions } = await explainer.explain(randomInput(), { method: 'saliency' });
    const made = runtime.sessions.length;
    const targets = [predictions[0]!.index, { top: 1 }, 2, { versus: [0, 1] as const }, { probability: { top: 1 } }];
    const others = [];
    for (const target of targets) others.push(await explainer.explain(randomInput(), { method: 'saliency', target }));
    expect(runtime.sessions).to.have.length(made);
    expect(runtime.sessions.map(({ runs }) => runs).filter((runs) => runs > 0)).to.deep.equal([6]);
    expect(others[0]!.maps).to.deep.equal(maps);
    expect(others[1]!.maps).to.deep.equal(maps);
  });

  it('a gradient at the last layer is a forward run and one small backward run for each class', async () => {
    const { runs } = await explain({ method: ['grad-cam', 'hires-cam'], target: { top: 3 } });
    expect(runs).to.deep.equal([1, 3]);
  });

  it('the forward part of a last layer saves nothing but that layer', async () => {
    const runtime = testRuntime();
    const outputs: string[][] = [];
    runtime.tamper = (results) => {
      outputs.push(Object.keys(results));
      return results;
    };
    await using explainer = await createExplainer(deepNet(3), { runtime });
    await explainer.explain(randomInput());
    expect(outputs).to.deep.equal([['features', 'logits'], ['gradient/features']]);
  });

  it('a prediction uses the forward session that is open', async () => {
    const runtime = testRuntime();
    await using explainer = await createExplainer(deepNet(3), { runtime });
    await explainer.predict(randomInput());
    await explainer.explain(randomInput(), { method: 'occlusion' });
    expect(runtime.sessions).to.have.length(2);
    expect(runtime.sessions[1]!.runs).to.equal(0);
  });

  /** A device of its own memory: `alive` holds what lies there. */
  function farRuntime() {
    const runtime = testRuntime();
    const inner = runtime.createSession;
    const alive = new Map<ort.Tensor, ort.Tensor>();
    const asked: (string | undefined)[] = [];
    runtime.devices = async () => ['webgpu'];
    runtime.createSession = async (model, options) => {
      asked.push(options.outputs);
      const session = await inner(model, options);
      return {
        ...session,
        async run(feeds) {
          const own = Object.entries(feeds).map(
            ([name, tensor]) => [name, alive.get(tensor as ort.Tensor) ?? tensor] as const,
          );
          const results = await session.run(Object.fromEntries(own));
          if (options.outputs !== 'device') return results;
          const onDevice = Object.entries(results).map(([name, tensor]) => {
            const far: ort.Tensor = ort.Tensor.fromGpuBuffer({ size: 4 * tensor.size, mapState: 'unmapped' } as never, {
              dataType: 'float32',
              dims: tensor.dims,
              download: async () => tensor.data as Float32Array,
              dispose: () => alive.delete(far),
            });
            alive.set(far, tensor as ort.Tensor);
            return [name, far] as const;
          });
          return Object.fromEntries(onDevice);
        },
      };
    };
    return { runtime, alive, asked };
  }

  const options = { method: ['grad-cam', 'layer-cam'], layer: ['hidden', 'features'], target: { top: 2 } };

  it('on WebGPU, saved tensors stay on the device for the next class, and are given back for another picture', async () => {
    const { runtime, alive, asked } = farRuntime();
    await using near = await createExplainer(deepNet(3), { runtime: testRuntime() });
    const far = await createExplainer(deepNet(3), { runtime });
    const [found, expected] = [await far.explain(randomInput(), options), await near.explain(randomInput(), options)];
    expect(asked.slice(0, 2)).to.deep.equal(['device', 'cpu']);
    expect(found.maps).to.deep.equal(expected.maps);
    expect(alive.size).to.equal(3);
    expect(await errorOf(() => far.explain(randomInput(), { target: 99 }))).to.match(/^unknown-index/);
    const third = { ...options, target: 3 };
    const again = await far.explain(randomInput(), third);
    expect(again.maps).to.deep.equal((await near.explain(randomInput(), third)).maps);
    expect(again.timings.forward).to.equal(0);
    expect(alive.size).to.equal(3);
    await far.explain(randomInput(undefined, 8), options);
    expect(alive.size).to.equal(3);
    await far.dispose();
    expect(alive.size).to.equal(0);
  });

  it('on WebGPU, what the budget has no room for is given back at once', async () => {
    const { runtime, alive } = farRuntime();
    await using far = await createExplainer(deepNet(3), { runtime, sessionBytes: 1000 });
    await far.explain(randomInput(), options);
    expect(alive.size).to.equal(0);
  });
});
