// What goes wrong before a model runs: files that are not where they should be, pages that are not isolated, devices that are not there.
import { expect } from 'chai';
import { type Browser, launch, type Page, type Server, type ServerOptions } from '../../support/browsers/index.js';
import { smallNet } from '../../support/nets.js';
import { html, serveAdapter } from './pages.js';

type Web = typeof import('@saywhy/web');
type Options = Parameters<Web['createExplainer']>[1];

describe('what can go wrong before a model runs', function () {
  this.timeout(120_000);
  let server: Server;
  let browser: Browser;
  let page: Page;

  const files = {
    '/small.onnx': smallNet(),
    '/noise.js': 'not JavaScript at all',
    '/throws.js': `throw new Error('at once')`,
    // A browser without WebAssembly's SIMD.
    '/simple.js': `WebAssembly.validate = () => false; import './worker.js';`,
  };

  before(async () => {
    server = await serveAdapter({ files });
    browser = await launch('chromium');
  });
  beforeEach(async () => {
    server.faults.clear();
    page = await browser.open(server.origin);
  });
  afterEach(() => page.close());
  after(async () => {
    await browser?.close();
    await server.close();
  });

  const code = (options: Options = {}, on = page) =>
    on.evaluate(async (options) => {
      const { createExplainer } = (await import('/bundle.js' as string)) as Web;
      return createExplainer('/small.onnx', { device: 'wasm', ...options }).then(
        () => 'none',
        (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
      );
    }, options);

  it('WebAssembly that is missing, a page in its place, or something else: the address and what to do', async () => {
    const wasm = '/ort-wasm-simd-threaded.wasm';
    server.faults.set(wasm, { status: 404 });
    const address = `${server.origin}${wasm}`;
    expect(await code()).to.equal(
      `wasm-failed: onnxruntime-web cannot start: ${address} cannot be used: the server answered 404 Not Found. Serve the file ort-wasm-simd-threaded.wasm of @saywhy/web's dist there, or give the folder where it lies as the option \`assets\`.`,
    );
    server.faults.set(wasm, 'html');
    expect(await code()).to.match(
      /^wasm-failed: .*ort-wasm-simd-threaded.wasm cannot be used: an HTML page lies there/,
    );
    server.faults.set(wasm, { first: 3 });
    expect(await code()).to.match(/^wasm-failed: .*it is not WebAssembly/);
    server.faults.set(wasm, { first: 100_000 });
    expect(await code()).to.match(/^wasm-failed: .*ort-wasm-simd-threaded.wasm cannot be used: it does not start: /);
    server.faults.set(wasm, { breakAfter: 100_000 });
    expect(await code()).to.match(/^wasm-failed: .*ort-wasm-simd-threaded.wasm cannot be used: /);
  });

  it('the JavaScript beside it, likewise', async () => {
    const mjs = '/ort-wasm-simd-threaded.mjs';
    server.faults.set(mjs, { status: 404 });
    expect(await code()).to.match(/^wasm-failed: .*ort-wasm-simd-threaded.mjs cannot be used: the server answered 404/);
    server.faults.set(mjs, 'html');
    expect(await code()).to.match(/^wasm-failed: .*ort-wasm-simd-threaded.mjs cannot be used: an HTML page lies there/);
  });

  it('a folder for both that holds neither', async () => {
    const expected = `${server.origin}/nowhere/ort-wasm-simd-threaded.wasm cannot be used: the server answered 404`;
    for (const assets of ['/nowhere', 'nowhere/', `${server.origin}/nowhere`])
      expect(await code({ assets })).to.contain(expected);
    expect(await code({ assets: '/' })).to.equal('none');
  });

  it('the worker that is missing, a page in its place, or that breaks', async () => {
    server.faults.set('/worker.js', { status: 404 });
    expect(await code()).to.equal(
      `worker-failed: saywhy's worker ${server.origin}/worker.js cannot be started: the server answered 404 Not Found. Serve \`worker.js\` of @saywhy/web there, from the page's own origin, or give its address as the option \`worker\`.`,
    );
    server.faults.set('/worker.js', 'html');
    expect(await code()).to.match(/^worker-failed: .*\/worker.js cannot be started: an HTML page lies there/);
    expect(await code({ worker: '/noise.js' })).to.match(/\/noise.js cannot be started: the browser cannot run it/);
    expect(await code({ worker: '/throws.js' })).to.match(/\/throws.js cannot be started: Error: at once\. Serve/);
    expect(await code({ worker: 'https://other.test/worker.js' })).to.match(/^worker-failed: .*cannot be started/);
    const served = await page.evaluate(async () => {
      const { createExplainer } = (await import('/bundle.js' as string)) as Web;
      const failing = () => {
        throw new Error('my own reason');
      };
      return createExplainer('/small.onnx', { worker: failing }).catch((error: Error) => error.message);
    });
    expect(served).to.contain('my own reason');
  });

  it('a worker that dies takes its explainer along, with a word', async () => {
    const codes = await page.evaluate(async () => {
      const { createExplainer } = (await import('/bundle.js' as string)) as Web;
      const input = { data: new Float32Array(432).fill(0.5), shape: [3, 12, 12] };
      const worker = new Worker(new URL('/worker.js', location.href), { type: 'module' });
      const explainer = await createExplainer('/small.onnx', { device: 'wasm', worker: () => worker });
      const busy = explainer.explain(input, { method: 'occlusion' }).catch((error: { code: string }) => error.code);
      worker.dispatchEvent(new ErrorEvent('error', { message: 'Uncaught RuntimeError: unreachable' }));
      const after = await explainer.explain(input).catch((error: Error) => error.message);
      await explainer.dispose();
      return [await busy, after];
    });
    expect(codes).to.deep.equal([
      'worker-failed',
      "saywhy's worker failed: RuntimeError: unreachable. Make another explainer to go on.",
    ]);
  });

  it('a browser without what WebAssembly needs', async () => {
    expect(await code({ worker: '/simple.js' })).to.match(/^wasm-failed: .*SIMD is not supported/);
  });

  it('a device that there is not', async () => {
    expect(await code({ device: 'cpu' })).to.equal(
      'unknown-device: Unknown device "cpu". Use one of: auto, webgpu, wasm.',
    );
    expect(await code({ device: 'webgp' })).to.match(/^unknown-device: .*Did you mean webgpu\?/);
    expect(await code({ device: 'webgpu' })).to.match(
      /^device-unavailable: WebGPU cannot be used: .*Use \{ device: 'wasm' \}/,
    );
    const asked = server.asked.filter(({ path }) => path.endsWith('.wasm')).length;
    await code({ device: 'webgpu' });
    expect(server.asked.filter(({ path }) => path.endsWith('.wasm')).length).to.equal(asked);
  });

  it('auto says why it did not take WebGPU', async () => {
    const { device, warnings, inModel } = await page.evaluate(async () => {
      const { createExplainer } = (await import('/bundle.js' as string)) as Web;
      const explainer = await createExplainer('/small.onnx');
      const input = { data: new Float32Array(432).fill(0.5), shape: [3, 12, 12] };
      const { device, warnings } = await explainer.explain(input);
      return { device, warnings, inModel: explainer.model.warnings };
    });
    expect(device).to.equal('wasm');
    expect(warnings.map(({ code }) => code)).to.deep.equal(['device-skipped']);
    expect(warnings[0]!.message).to.match(/^WebGPU cannot be used: /);
    expect(inModel).to.deep.include(warnings[0]!);
    expect(await page.errors()).to.deep.equal([]);
  });

  it('an abort while it is made', async () => {
    const same = await page.evaluate(async () => {
      const { createExplainer } = (await import('/bundle.js' as string)) as Web;
      const reason = new Error('enough');
      const seen = [
        await createExplainer('/small.onnx', { signal: AbortSignal.abort(reason) }).catch((e: unknown) => e),
      ];
      for (const stage of ['download', 'prepare']) {
        const controller = new AbortController();
        const onProgress = (progress: { stage: string }) => progress.stage === stage && controller.abort(reason);
        const options = { device: 'wasm', signal: controller.signal, onProgress };
        seen.push(await createExplainer('/small.onnx', options).catch((e: unknown) => e));
      }
      return seen.map((error) => error === reason);
    });
    expect(same).to.deep.equal([true, true, true]);
    server.faults.set('/worker.js', { rate: 100_000 });
    const waited = await page.evaluate(async () => {
      const { createExplainer } = (await import('/bundle.js' as string)) as Web;
      const start = performance.now();
      await createExplainer('/small.onnx', { signal: AbortSignal.timeout(200) }).catch(() => undefined);
      return performance.now() - start;
    });
    expect(waited, 'while the worker itself loads').to.be.below(1500);
  });

  it('a number of threads that is none', async () => {
    for (const threads of [0, -1, 1.5]) expect(await code({ threads })).to.match(/^invalid-argument: .*from 1 on/);
  });

  /** An explainer on a page that is served otherwise. */
  const onPage = async (options: ServerOptions, device: string, threads?: number) => {
    const other = await serveAdapter({ files: { '/small.onnx': smallNet() }, ...options });
    const page = await browser.open(other.origin);
    const seen = await page.evaluate(
      async (device, threads) => {
        const { createExplainer } = (await import('/bundle.js' as string)) as Web;
        const explainer = await createExplainer('/small.onnx', { device, ...(threads !== null && { threads }) });
        const input = { data: new Float32Array(432).fill(0.5), shape: [3, 12, 12] };
        const { warnings, maps } = await explainer.explain(input);
        return { warnings, maps: maps.length, isolated: crossOriginIsolated };
      },
      device,
      threads ?? null,
    );
    const errors = await page.errors();
    await page.close();
    await other.close();
    return { ...seen, errors };
  };

  it('a page that is not isolated runs on one thread, and says what it takes', async () => {
    const seen = await onPage({ isolated: false }, 'wasm', 4);
    expect(seen).to.deep.include({ maps: 1, isolated: false, errors: [] });
    expect(seen.warnings.map(({ code }) => code)).to.deep.equal(['one-thread']);
    expect(seen.warnings[0]!.message).to.contain('Cross-Origin-Embedder-Policy: require-corp').and.contain('to use 4');
    expect((await onPage({ isolated: false }, 'wasm', 1)).warnings).to.deep.equal([]);
    expect((await onPage({ isolated: true }, 'wasm', 2)).warnings).to.deep.equal([]);
  });

  it('a policy that allows no more than it needs', async () => {
    const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self'";
    const seen = await onPage({ policy, files: { '/small.onnx': smallNet(), '/index.html': html } }, 'wasm', 2);
    expect(seen).to.deep.include({ maps: 1, warnings: [], errors: [] });
  });

  it('a policy that allows less says what to add', async () => {
    const codeUnder = async (policy: string) => {
      const other = await serveAdapter({ policy, files: { '/small.onnx': smallNet(), '/index.html': html } });
      const page = await browser.open(other.origin);
      const found = await code({}, page);
      await page.close();
      await other.close();
      return found;
    };
    const most = "default-src 'none'; connect-src 'self'; script-src 'self'";
    expect(await codeUnder(`${most}; worker-src 'self'`)).to.match(
      /^wasm-failed: .*forbids WebAssembly. Add 'wasm-unsafe-eval' to script-src/,
    );
    expect(await codeUnder(`${most} 'wasm-unsafe-eval'; worker-src 'none'`)).to.match(
      /^worker-failed: .*forbids it. Add 'self', or its origin, to worker-src/,
    );
  });
});
