import { createExplainer, type Progress, type Target } from '@saywhy/core';
import { expect } from 'chai';
import { errorOf } from '../../support/errors.js';
import { randomInput, smallNet } from '../../support/nets.js';
import { testRuntime } from '../../support/runtime.js';

describe('an explainer', () => {
  it('queues calls, so that several at once give what one after the other gives', async () => {
    const runtime = testRuntime();
    let running = 0;
    const inner = runtime.createSession;
    runtime.createSession = async (...given) => {
      const session = await inner(...given);
      return {
        ...session,
        async run(feeds) {
          running++;
          expect(running, 'runs at once').to.equal(1);
          const results = await session.run(feeds);
          running--;
          return results;
        },
      };
    };
    await using explainer = await createExplainer(smallNet(), { runtime });
    const ask = (seed: number) => explainer.explain(randomInput(undefined, seed), { method: ['grad-cam', 'saliency'] });
    const together = await Promise.all([ask(1), ask(2), explainer.predict(randomInput()), ask(1)]);
    expect(together[3])
      .to.have.property('maps')
      .deep.equal((together[0] as Awaited<ReturnType<typeof ask>>).maps);
    const alone = await ask(2);
    expect((together[1] as typeof alone).maps).to.deep.equal(alone.maps);
  });

  it('stays usable after a call that failed', async () => {
    await using explainer = await createExplainer(smallNet(), { runtime: testRuntime() });
    const failing = explainer.explain(randomInput(), { target: 77 });
    const fine = explainer.explain(randomInput());
    expect(await errorOf(() => failing)).to.match(/^unknown-index/);
    expect((await fine).maps).to.have.length(1);
  });

  it('refuses what is no target before anything runs', async () => {
    await using explainer = await createExplainer(smallNet(), { runtime: testRuntime() });
    for (const target of [null, {}, { foo: 1 }, { versus: 1 }, { versus: [0] }, { not: { foo: 1 } }, true]) {
      const failing = () => explainer.explain(randomInput(), { target: target as unknown as Target });
      expect(await errorOf(failing), JSON.stringify(target)).to.match(/^invalid-target/);
    }
  });

  it('stops between runs when the signal is aborted, with its reason', async () => {
    const runtime = testRuntime();
    await using explainer = await createExplainer(smallNet(), { runtime });
    const controller = new AbortController();
    const reason = new Error('enough');
    let runs = 0;
    const onProgress = (progress: Progress) => {
      if (progress.stage === 'run' && ++runs === 3) controller.abort(reason);
    };
    const aborted = await explainer
      .explain(randomInput(), { method: 'occlusion', signal: controller.signal, onProgress })
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    expect(aborted).to.equal(reason);
    expect(runs).to.be.lessThan(6);
    const already = await explainer
      .explain(randomInput(), { signal: controller.signal })
      .catch((error: unknown) => error);
    expect(already).to.equal(reason);
    const creating = await createExplainer(smallNet(), { runtime, signal: controller.signal }).catch(
      (error: unknown) => error,
    );
    expect(creating).to.equal(reason);
    expect((await explainer.explain(randomInput())).maps).to.have.length(1);
  });

  it('stops between sessions while it is made, and releases what was opened', async () => {
    const runtime = testRuntime();
    const controller = new AbortController();
    const inner = runtime.createSession;
    runtime.devices = async () => ['cuda', 'cpu'];
    runtime.createSession = async (...given) => {
      controller.abort(new Error('changed my mind'));
      if (given[1].device === 'cuda') throw new Error('no cuda here');
      return inner(...given);
    };
    const stopped = await createExplainer(smallNet(), { runtime, signal: controller.signal }).catch(
      (error: unknown) => error,
    );
    expect(stopped).to.equal(controller.signal.reason);
    expect(runtime.sessions).to.deep.equal([]);
  });

  it('tells its progress', async () => {
    const stages: Progress[] = [];
    await using explainer = await createExplainer(smallNet(), {
      runtime: testRuntime(),
      onProgress: (p) => stages.push(p),
    });
    expect(stages.map(({ stage }) => stage)).to.deep.equal(['prepare', 'prepare', 'prepare']);
    expect(stages.at(-1)).to.include({ loaded: 2, total: 2 });
    stages.length = 0;
    await explainer.explain(randomInput(), { target: [0, 1], onProgress: (p) => stages.push(p) });
    expect(stages.map((p) => p.stage === 'run' && `${p.what} ${p.loaded}`)).to.deep.equal([
      'forward 0',
      'backward 1',
      'backward 2',
    ]);
  });

  it('releases every session once, and says so afterwards', async () => {
    const runtime = testRuntime();
    const explainer = await createExplainer(smallNet(), { runtime });
    const last = explainer.explain(randomInput());
    const disposed = explainer.dispose();
    expect(await errorOf(() => explainer.explain(randomInput()))).to.match(/^disposed/);
    expect(await errorOf(() => explainer.predict(randomInput()))).to.match(/^disposed/);
    expect((await last).maps).to.have.length(1);
    await Promise.all([disposed, explainer.dispose(), explainer[Symbol.asyncDispose]()]);
    expect(runtime.sessions).to.have.length(2);
    expect(runtime.sessions.every(({ released }) => released)).to.equal(true);
  });

  it('keeps sessions within its budget, the last used ones', async () => {
    const runtime = testRuntime();
    await using explainer = await createExplainer(smallNet(), { runtime, sessionBytes: 1 });
    const first = await explainer.explain(randomInput(), { method: ['grad-cam', 'saliency'] });
    expect(runtime.sessions.filter(({ released }) => !released)).to.have.length(1);
    const again = await explainer.explain(randomInput(), { method: ['grad-cam', 'saliency'] });
    expect(again.maps).to.deep.equal(first.maps);
  });

  it('explains pictures as they are asked for', async () => {
    const runtime = testRuntime();
    await using explainer = await createExplainer(smallNet(), { runtime });
    const asked: number[] = [];
    function* inputs() {
      for (const seed of [1, 2, 3]) {
        asked.push(seed);
        yield randomInput(undefined, seed);
      }
    }
    const all = explainer.explainAll(inputs());
    const first = await all.next();
    expect(asked).to.deep.equal([1]);
    expect(first.value.maps).to.have.length(1);
    const rest = [];
    for await (const explanation of all) rest.push(explanation);
    expect(rest).to.have.length(2);
  });

  it('takes the first device that works, and refuses one that was asked for by name', async () => {
    const runtime = testRuntime();
    const inner = runtime.createSession;
    runtime.devices = async () => ['cuda', 'cpu'];
    runtime.createSession = async (model, options) => {
      if (options.device !== 'cpu') throw new Error(`no ${options.device} here`);
      return inner(model, options);
    };
    await using explainer = await createExplainer(smallNet(), { runtime });
    expect(explainer.device).to.equal('cpu');
    const { warnings, device } = await explainer.explain(randomInput());
    expect(device).to.equal('cpu');
    expect(warnings[0]).to.include({ code: 'device-skipped' });
    expect(await errorOf(() => createExplainer(smallNet(), { runtime, device: 'webgpu' }))).to.match(
      /^no-device: .*no webgpu here/,
    );
  });

  it('notices when a runtime gives back something else', async () => {
    const runtime = testRuntime();
    await using explainer = await createExplainer(smallNet(), { runtime });
    runtime.tamper = ({ logits, ...rest }) => ({ ...rest, wrong: logits! });
    expect(await errorOf(() => explainer.explain(randomInput()))).to.match(/^runtime-mismatch: .*wrong.*"logits"/);
    runtime.tamper = ({ features, ...rest }) => (features ? { ...rest, features: rest.logits! } : rest);
    expect(await errorOf(() => explainer.explain(randomInput()))).to.match(/^runtime-mismatch: .*"features"/);
  });
});
