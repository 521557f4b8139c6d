// What crosses between the page and its worker: progress, aborts, errors, functions, methods.
import { createExplainer, type Explainer, type NodeInput, type Progress, SaywhyError } from '@saywhy/node';
import { expect } from 'chai';
import { type Browser, launch, type Page, type Server } from '../../support/browsers/index.js';
import { relativeError } from '../../support/golden.js';
import { randomInput, smallNet } from '../../support/nets.js';
import { serveAdapter } from './pages.js';

type Web = typeof import('@saywhy/web');
/** What the tests keep in the page. */
interface Kept {
  readonly explainer: Awaited<ReturnType<Web['createExplainer']>>;
  readonly saywhy: Web;
  readonly tensor: { readonly data: Float32Array; readonly shape: readonly number[] };
}

describe('calls across the worker', () => {
  let server: Server;
  let browser: Browser;
  let page: Page;
  let node: Explainer<NodeInput>;
  const model = smallNet({ metadata: { 'saywhy.labels': JSON.stringify(['cat', 'dog', 'hen', 'koala', 'panda']) } });
  const input = randomInput();

  before(async function () {
    this.timeout(60_000);
    server = await serveAdapter({ files: { '/small.onnx': model } });
    browser = await launch('chromium');
    page = await browser.open(server.origin);
    node = await createExplainer(model);
    await page.evaluate(
      async (data, shape) => {
        const saywhy = (await import('/bundle.js' as string)) as Web;
        const explainer = await saywhy.createExplainer('/small.onnx', { device: 'wasm' });
        Object.assign(globalThis, { saywhy, explainer, tensor: { data: Float32Array.from(data), shape } });
      },
      Array.from(input.data),
      input.shape,
    );
  });
  after(async () => {
    await node.dispose();
    await browser?.close();
    await server.close();
  });

  it('explains a tensor, which stays the caller’s', async () => {
    const found = await page.evaluate(async () => {
      const { explainer, tensor } = globalThis as unknown as Kept;
      const { maps, predictions } = await explainer.explain(tensor, { target: { top: 2 } });
      return { raw: maps.map(({ raw }) => Array.from(raw.data)), predictions, left: tensor.data.length };
    });
    const expected = await node.explain(input, { target: { top: 2 } });
    expect(found.left).to.equal(432);
    expect(found.predictions.map(({ label }) => label)).to.deep.equal(expected.predictions.map(({ label }) => label));
    for (const [i, raw] of found.raw.entries())
      expect(relativeError(raw, expected.maps[i]!.raw.data)).to.be.below(1e-5);
  });

  it('takes inputs by name', async () => {
    const { logit } = await page.evaluate(async () => {
      const { explainer, tensor } = globalThis as unknown as Kept;
      return (await explainer.predict({ input: tensor })).predictions[0]!;
    });
    expect(logit).to.be.closeTo((await node.predict(input)).predictions[0]!.logit, 1e-5);
  });

  it('gives the raw tensors, twice the same', async () => {
    const found = await page.evaluate(async () => {
      const { explainer, tensor } = globalThis as unknown as Kept;
      const ask = async () => {
        const results = await explainer.gradients(tensor, { target: ['hen', 'dog'], layer: ['features', 'input'] });
        return results.map(({ activation, gradient, layer }) => ({
          layer,
          activation: Array.from(activation.data),
          gradient: Array.from(gradient.data),
        }));
      };
      return [await ask(), await ask()];
    });
    const expected = await node.gradients(input, { target: ['hen', 'dog'], layer: ['features', 'input'] });
    expect(found[0]).to.deep.equal(found[1]);
    expect(found[0]).to.have.length(4);
    for (const [i, { layer, activation, gradient }] of expected.entries()) {
      expect(found[0]![i]!.layer).to.deep.equal(layer);
      expect(relativeError(found[0]![i]!.activation, activation.data)).to.be.below(1e-5);
      expect(relativeError(found[0]![i]!.gradient, gradient.data)).to.be.below(1e-5);
    }
  });

  it('checks a method’s sanity', async () => {
    const { similarity, seed, points } = await page.evaluate(async () => {
      const { explainer, tensor } = globalThis as unknown as Kept;
      const { map, original, ...check } = await explainer.sanityCheck(tensor, { seed: 3 });
      return { ...check, points: [map.raw.data.length, original.raw.data.length] };
    });
    expect(seed).to.equal(3);
    expect(points).to.deep.equal([36, 36]);
    expect(similarity).to.be.closeTo((await node.sanityCheck(input, { seed: 3 })).similarity, 1e-3);
  });

  it('explains one after the other, as they are asked for', async () => {
    const counts = await page.evaluate(async () => {
      const { explainer, tensor } = globalThis as unknown as Kept;
      const counts: number[] = [];
      for await (const { maps } of explainer.explainAll([tensor, tensor, tensor], { target: { top: 2 } })) {
        counts.push(maps.length);
        if (counts.length === 2) break;
      }
      return counts;
    });
    expect(counts).to.deep.equal([2, 2]);
  });

  it('tells the progress of a call, all of it before the answer', async () => {
    const { seen, later } = await page.evaluate(async () => {
      const { explainer, tensor } = globalThis as unknown as Kept;
      const seen: Progress[] = [];
      const other = { ...tensor, data: tensor.data.map((x) => x + 1) };
      await explainer.explain(other, {
        method: ['grad-cam', 'occlusion'],
        target: [0, 1],
        onProgress: (progress) => seen.push(progress),
      });
      const later = seen.length;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return { seen, later: seen.length - later };
    });
    expect(later).to.equal(0);
    const runs = seen.filter((progress) => progress.stage === 'run');
    expect(runs).to.have.length(seen.length);
    expect(
      runs.filter(({ what }) => what !== 'changed inputs').map(({ what, loaded }) => [what, loaded]),
    ).to.deep.equal([
      ['forward', 0],
      ['backward', 1],
      ['backward', 2],
    ]);
    // A method's own runs are told to their end, the others as they begin.
    for (const { what, loaded, total } of runs)
      expect(loaded).to.be.at.most(what === 'changed inputs' ? total! : total! - 1);
  });

  it('what a listener throws ends the call', async () => {
    const message = await page.evaluate(async () => {
      const { explainer, tensor } = globalThis as unknown as Kept;
      const other = { ...tensor, data: tensor.data.map((x) => x + 2) };
      const failure = new Error('enough');
      const onProgress = () => {
        throw failure;
      };
      const thrown = await explainer.explain(other, { onProgress }).catch((error: unknown) => error);
      // The explainer goes on.
      const { maps } = await explainer.explain(other);
      let heard = 0;
      const once = () => {
        heard++;
        throw failure;
      };
      await explainer.explain(other, { method: 'occlusion', onProgress: once }).catch(() => undefined);
      await explainer.explain(other);
      return [thrown === failure, maps.length, heard];
    });
    expect(message).to.deep.equal([true, 1, 1]);
  });

  it('errors keep class, code, message and cause', async () => {
    const errors = await page.evaluate(async () => {
      const { explainer, tensor, saywhy } = globalThis as unknown as Kept;
      const of = (error: unknown) => {
        const { name, message, code, cause } = error as SaywhyError;
        return { ours: error instanceof saywhy.SaywhyError, name, message, code, cause: cause !== undefined };
      };
      const asked = [
        explainer.explain(tensor, { target: 'kola' }),
        explainer.explain(tensor, { layer: 'feature' }),
        explainer.explain(tensor, { method: 'gradcam' }),
        explainer.explain(tensor, { target: 7 }),
        explainer.explain({ data: new Float32Array(3), shape: [3] }),
      ];
      return Promise.all(asked.map((promise) => promise.then(() => undefined, of)));
    });
    const asked = [
      node.explain(input, { target: 'kola' }),
      node.explain(input, { layer: 'feature' }),
      node.explain(input, { method: 'gradcam' }),
      node.explain(input, { target: 7 }),
      node.explain({ data: new Float32Array(3), shape: [3] }),
    ];
    const expected = await Promise.all(asked.map((promise) => promise.catch((error: unknown) => error as SaywhyError)));
    for (const [i, error] of expected.entries()) {
      expect(error).to.be.instanceOf(SaywhyError);
      const { name, message, code } = error as SaywhyError;
      expect(errors[i]).to.deep.equal({ ours: true, name, message, code, cause: false });
    }
    expect(errors[0]!.message).to.contain('"koala"');
  });

  it('a target function stays in the page, however deep, and may be asynchronous', async () => {
    const found = await page.evaluate(async () => {
      const { explainer, tensor } = globalThis as unknown as Kept;
      let calls = 0;
      async function inPage({ data }: { data: Float32Array }) {
        calls++;
        return { value: data[1]! ** 2, gradient: data.map((x, i) => (i === 1 ? 2 * x : 0)) };
      }
      const { maps } = await explainer.explain(tensor, {
        method: ['grad-cam', 'occlusion'],
        target: [inPage, { versus: ['cat', { not: inPage }] }],
      });
      return { maps: maps.map(({ target, raw }) => ({ target, raw: Array.from(raw.data) })), calls };
    });
    const inNode = ({ data }: { data: Float32Array }) => ({
      value: data[1]! ** 2,
      gradient: data.map((x, i) => (i === 1 ? 2 * x : 0)),
    });
    const expected = await node.explain(input, {
      method: ['grad-cam', 'occlusion'],
      target: [inNode, { versus: ['cat', { not: inNode }] }],
    });
    expect(found.calls).to.be.above(10);
    for (const [i, { target, raw }] of expected.maps.entries()) {
      expect(found.maps[i]!.target.text).to.equal(target.text.replaceAll('inNode', 'inPage'));
      expect(found.maps[i]!.target.value).to.be.closeTo(target.value, 1e-4);
      expect(relativeError(found.maps[i]!.raw, raw.data)).to.be.below(1e-4);
    }
  });

  it('a method of one’s own stays in the page, with the runs and the rules that it needs', async () => {
    const found = await page.evaluate(async () => {
      const { explainer, tensor, saywhy } = globalThis as unknown as Kept;
      const own = {
        name: 'own',
        title: 'Own',
        paper: { title: 'None', url: 'https://example.test' },
        needs: ['activations', 'gradients', 'input', 'runs'] as const,
        signed: true,
        map: async (context: Parameters<ReturnType<Web['occlusion']>['map']>[0]) => {
          const values = await context.run(19, (index) => context.input.data.map((x) => x * (index / 18)));
          const { data, shape } = context.gradients;
          const cells = shape[1]! * shape[2]!;
          const map = Float32Array.from(
            data.subarray(0, cells),
            (g, i) => g * context.activations.data[i]! + values[18]!,
          );
          return { data: map, shape: shape.slice(1) };
        },
      };
      const guided = { ...saywhy.findMethod('guided-backprop'), name: 'guided-mine' };
      const { maps } = await explainer.explain(tensor, {
        method: [own, guided, saywhy.occlusion({ size: 6 }), 'guided-backprop'],
        target: 'hen',
      });
      const { predictions } = await explainer.predict(tensor);
      return {
        maps: maps.map(({ method, signed, raw }) => ({ method, signed, shape: raw.shape, data: Array.from(raw.data) })),
        hen: predictions.find(({ label }) => label === 'hen')!.logit,
      };
    });
    const [own, guided, occlusion, theirs] = found.maps;
    const [gradient] = await node.gradients(input, { target: 'hen', layer: 'features' });
    const expected = Array.from(
      gradient!.gradient.data.subarray(0, 36),
      (g, i) => g * gradient!.activation.data[i]! + found.hen,
    );
    expect(own).to.deep.include({ method: 'own', signed: true, shape: [6, 6] });
    expect(relativeError(own!.data, expected)).to.be.below(1e-5);
    expect(guided!.method).to.equal('guided-mine');
    expect(guided!.data).to.deep.equal(theirs!.data);
    expect(occlusion!.shape).to.deep.equal([12, 12]);
  });

  it('what a function of the caller’s throws comes back as the very same error', async () => {
    const seen = await page.evaluate(async () => {
      const { explainer, tensor, saywhy } = globalThis as unknown as Kept;
      const oops = Object.assign(new TypeError('oops'), { mine: 1 });
      const target = () => {
        throw oops;
      };
      const method = {
        ...saywhy.findMethod('grad-cam'),
        map: () => {
          throw oops;
        },
      };
      const greedy = { ...saywhy.occlusion(), needs: ['runs'] as const };
      const rules = { ...saywhy.findMethod('guided-backprop'), rules: {} };
      const of = (promise: Promise<unknown>) =>
        promise.then(
          () => undefined,
          (error: unknown) => error,
        );
      const thrown: boolean[] = [];
      const circular = new Error('round');
      circular.cause = circular;
      for (const what of [{ status: 1 }, undefined, 'a word', circular])
        thrown.push(
          (await of(
            explainer.explain(tensor, {
              target: () => {
                throw what;
              },
            }),
          )) === what,
        );
      return {
        thrown,
        target: (await of(explainer.explain(tensor, { target }))) === oops,
        method: (await of(explainer.explain(tensor, { method }))) === oops,
        greedy: ((await of(explainer.explain(tensor, { method: greedy }))) as SaywhyError).code,
        rules: ((await of(explainer.explain(tensor, { method: rules }))) as SaywhyError).code,
      };
    });
    const thrown = [true, true, true, true];
    expect(seen).to.deep.equal({
      thrown,
      target: true,
      method: true,
      greedy: 'invalid-method',
      rules: 'not-applicable',
    });
  });

  it('an abort ends a call at once with the signal’s own reason, and the worker goes on with the next', async () => {
    const seen = await page.evaluate(async () => {
      const { explainer, tensor, saywhy } = globalThis as unknown as Kept;
      const controller = new AbortController();
      const reason = new Error('enough');
      const runs: number[] = [];
      const long = explainer.explain(
        { ...tensor, data: tensor.data.map((x) => x + 2) },
        {
          method: saywhy.occlusion({ size: 1 }),
          target: 0,
          signal: controller.signal,
          onProgress: ({ loaded }) => {
            runs.push(loaded);
            if (runs.length === 3) controller.abort(reason);
          },
        },
      );
      const queued = explainer.explain(tensor, { target: 2 });
      const error = await long.catch((error: unknown) => error);
      const { maps } = await queued;
      const count = runs.length;
      await new Promise((resolve) => setTimeout(resolve, 50));
      const before = await explainer
        .explain(tensor, { signal: AbortSignal.abort(reason) })
        .catch((error: unknown) => error);
      return {
        same: error === reason,
        before: before === reason,
        label: maps[0]!.target.label,
        late: runs.length - count,
        count,
      };
    });
    expect(seen).to.deep.include({ same: true, before: true, label: 'hen', late: 0 });
    // 144 patches, 8 at a time, would be 18.
    expect(seen.count).to.equal(3);
  });

  it('answers many calls at once, each with its own', async () => {
    const found = await page.evaluate(async () => {
      const { explainer, tensor } = globalThis as unknown as Kept;
      const calls = Array.from({ length: 12 }, (_, i) =>
        explainer.explain({ ...tensor, data: tensor.data.map((x) => x * (i % 3)) }, { target: i % 5 }),
      );
      return (await Promise.all(calls)).map(({ maps }) => [maps[0]!.target.index, maps[0]!.target.value]);
    });
    for (const [i, [index, value]] of found.entries()) {
      expect(index).to.equal(i % 5);
      const scaled = { ...input, data: input.data.map((x) => x * (i % 3)) };
      const { maps } = await node.explain(scaled, { target: i % 5 });
      expect(value).to.be.closeTo(maps[0]!.target.value, 1e-4);
    }
  });

  it('answers the calls that were made before it was disposed of, and none after', async () => {
    const seen = await page.evaluate(async () => {
      const { saywhy, tensor } = globalThis as unknown as Kept;
      const explainer = await saywhy.createExplainer('/small.onnx', { device: 'wasm' });
      const before = explainer.explain(tensor);
      const disposing = [explainer.dispose(), explainer.dispose(), explainer[Symbol.asyncDispose]()];
      const after = await explainer.explain(tensor).catch((error: SaywhyError) => error.code);
      await Promise.all(disposing);
      return {
        maps: (await before).maps.length,
        after,
        later: await explainer.predict(tensor).catch((e: SaywhyError) => e.code),
      };
    });
    expect(seen).to.deep.equal({ maps: 1, after: 'disposed', later: 'disposed' });
  });

  it('wrote nothing to the console', async () => {
    expect(await page.console()).to.deep.equal([]);
  });
});
