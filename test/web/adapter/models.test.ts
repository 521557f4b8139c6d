// Where models come from, and what is kept of them.
import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { type Browser, engines, launch, type Page, type Server } from '../../support/browsers/index.js';
import { withExternalData } from '../../support/external.js';
import { smallNet } from '../../support/nets.js';
import { serveAdapter } from './pages.js';

type Web = typeof import('@saywhy/web');
type Source = Parameters<Web['createExplainer']>[0];
type Options = Parameters<Web['createExplainer']>[1];

interface Made {
  readonly name: string;
  readonly logit: number;
  readonly sha256: string | undefined;
  /** What was downloaded, with the last event of each. */
  readonly downloads: Readonly<Record<string, readonly [loaded: number, total: number | undefined]>>;
}

interface Kept {
  readonly saywhy: Web;
  make(source: Source, options?: Options): Promise<Made>;
  code(source: Source, options?: Options): Promise<string>;
  /** What is kept, once as many are. */
  cached(count: number): Promise<readonly (readonly [path: string, bytes: number])[]>;
}

const model = smallNet();
const other = smallNet({ seed: 2 });
const hash = createHash('sha256').update(model).digest('hex');
const external = withExternalData(model, 'weights/all.bin');

for (const engine of engines)
  describe(`models in ${engine}`, function () {
    this.timeout(120_000);
    let server: Server;
    let browser: Browser;
    let page: Page;
    const files: Record<string, string | Uint8Array> = {
      '/small.onnx': model,
      '/split/net.onnx': external.model,
      '/split/weights/all.bin': external.weights,
      '/alone.onnx': external.model,
      '/checkpoint.onnx': 'PK\x03\x04 and so on',
      '/half.onnx': model.subarray(0, model.length >> 1),
      '/private.js': `Object.defineProperty(globalThis, 'caches', { value: undefined }); import './worker.js';`,
      '/refused.js': `caches.open = () => Promise.reject(new DOMException('no', 'SecurityError')); import './worker.js';`,
      '/full.js': `Cache.prototype.put = () => Promise.reject(new DOMException('full', 'QuotaExceededError')); import './worker.js';`,
    };

    before(async () => {
      server = await serveAdapter({ files });
      browser = await launch(engine);
    });
    beforeEach(async () => {
      files['/small.onnx'] = model;
      server.faults.clear();
      page = await browser.open(server.origin);
      await page.evaluate(async () => {
        const saywhy = (await import('/bundle.js' as string)) as Web;
        await saywhy.deleteCachedModels();
        const make = async (source: Source, options: Options = {}): Promise<Made> => {
          const downloads: Record<string, readonly [number, number | undefined]> = {};
          const explainer = await saywhy.createExplainer(source, {
            device: 'wasm',
            ...options,
            onProgress: (progress) => {
              if (progress.stage === 'download' && !progress.what.endsWith('.wasm'))
                downloads[progress.what] = [progress.loaded, progress.total];
            },
          });
          const data = Float32Array.from({ length: 432 }, (_, i) => Math.sin(i));
          const { predictions, provenance } = await explainer.predict({ data, shape: [3, 12, 12] });
          // What was fetched is kept in the background.
          await new Promise((resolve) => setTimeout(resolve, 200));
          await explainer.dispose();
          return {
            name: explainer.model.name,
            logit: predictions[0]!.logit,
            sha256: provenance.model.sha256,
            downloads,
          };
        };
        const code = (source: Source, options: Options = {}) =>
          saywhy.createExplainer(source, { device: 'wasm', ...options }).then(
            () => 'none',
            (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
          );
        const cached = async (count: number) => {
          let found = await saywhy.cachedModels();
          for (let i = 0; found.length !== count && i < 50; i++) {
            await new Promise((resolve) => setTimeout(resolve, 20));
            found = await saywhy.cachedModels();
          }
          return found.map(({ address, bytes }) => [new URL(address).pathname, bytes] as const);
        };
        Object.assign(globalThis, { saywhy, make, code, cached });
      });
    });
    afterEach(() => page.close());
    after(async () => {
      await browser?.close();
      await server.close();
    });

    const full = engine === 'chromium';

    it('come from an address, a Blob, a File, bytes, with or without external data', async () => {
      const { made, left } = await page.evaluate(async (full) => {
        const { make } = globalThis as unknown as Kept;
        const bytes = async (path: string) => new Uint8Array(await (await fetch(path)).arrayBuffer());
        const [small, split, weights] = await Promise.all(
          ['/small.onnx', '/split/net.onnx', '/split/weights/all.bin'].map(bytes),
        );
        const sources: Source[] = [
          'small.onnx',
          new URL('/small.onnx', location.href),
          new Blob([small!]),
          new File([small!], 'mine.onnx'),
          small!,
          small!.buffer,
          { bytes: small! },
          '/split/net.onnx',
          { model: new File([split!], 'split.onnx'), external: { 'weights/all.bin': new Blob([weights!]) } },
          { bytes: split!, external: { 'weights/all.bin': weights! } },
          { model: split!, external: { 'weights/all.bin': '/split/weights/all.bin' } },
        ];
        const made: Made[] = [];
        for (const source of full ? sources : sources.slice(-2)) made.push(await make(source, { cache: false }));
        return { made, left: [small!.length, weights!.length] };
      }, full);
      expect(left).to.deep.equal([model.length, external.weights.length]);
      expect(new Set(made.map(({ logit }) => logit)).size).to.equal(1);
      if (!full) return;
      expect(made.map(({ name }) => name)).to.deep.equal([
        'small',
        'small',
        'test',
        'mine',
        'test',
        'test',
        'test',
        'net',
        'split',
        'test',
        'test',
      ]);
      expect(made[0]!.sha256).to.equal(hash);
      expect(made[0]!.downloads).to.deep.equal({ 'small.onnx': [model.length, model.length] });
      expect(made[7]!.downloads).to.have.all.keys('net.onnx', 'all.bin');
    });

    it('that are fetched are kept, and fetched anew when the server has another', async () => {
      const first = await page.evaluate(() => (globalThis as unknown as Kept).make('/small.onnx'));
      expect(await page.evaluate(() => (globalThis as unknown as Kept).cached(1))).to.deep.equal([
        ['/small.onnx', model.length],
      ]);
      const again = await page.evaluate(() => (globalThis as unknown as Kept).make('/small.onnx'));
      expect(again).to.deep.equal({ ...first, downloads: {} });
      files['/small.onnx'] = other;
      const changed = await page.evaluate(() => (globalThis as unknown as Kept).make('/small.onnx'));
      expect(changed.downloads).to.deep.equal({ 'small.onnx': [other.length, other.length] });
      expect(changed.logit).not.to.equal(first.logit);
      expect(await page.evaluate(() => (globalThis as unknown as Kept).cached(1))).to.have.length(1);
      server.faults.set('/small.onnx', { breakAfter: 0 });
      const offline = await page.evaluate(() => (globalThis as unknown as Kept).make('/small.onnx'));
      expect(offline).to.deep.equal({ ...changed, downloads: {} });
    });

    it('under a hash that is stated need no network', async () => {
      const stated = await page.evaluate(async (hash) => {
        const { make } = globalThis as unknown as Kept;
        const first = await make({ model: '/small.onnx', sha256: hash });
        return { first, second: await make({ model: '/elsewhere.onnx', sha256: hash.toUpperCase() }) };
      }, hash);
      expect(stated.second).to.deep.equal({ ...stated.first, name: 'elsewhere', downloads: {} });
      files['/small.onnx'] = other;
      const codes = await page.evaluate(async (hash) => {
        const { code, saywhy } = globalThis as unknown as Kept;
        await saywhy.deleteCachedModels();
        const blob = await (await fetch('/small.onnx')).blob();
        return [await code({ model: '/small.onnx', sha256: hash }), await code({ model: blob, sha256: hash })];
      }, hash);
      for (const code of codes) expect(code).to.match(new RegExp(`^wrong-hash: .*not ${hash}`));
    });

    // What follows is the same code in every engine.
    if (!full) return;

    it('that are damaged in what is kept are fetched again, and what is not whole is not kept', async () => {
      const seen = await page.evaluate(async () => {
        const { make, cached, saywhy } = globalThis as unknown as Kept;
        const first = await make('/small.onnx');
        await cached(1);
        for (const name of await caches.keys()) {
          const cache = await caches.open(name);
          for (const request of await cache.keys())
            if (!request.url.includes('/of/')) await cache.put(request, new Response('damaged'));
        }
        const again = await make('/small.onnx');
        await saywhy.deleteCachedModels();
        return { first, again };
      });
      expect(seen.again).to.deep.equal(seen.first);
      server.faults.set('/small.onnx', { breakAfter: 500 });
      const broken = await page.evaluate(() => (globalThis as unknown as Kept).code('/small.onnx'));
      expect(broken).to.match(/^fetch-failed: .*small.onnx could not be fetched/);
      const half = await page.evaluate(() => (globalThis as unknown as Kept).code('/half.onnx'));
      expect(half).to.match(/^invalid-model: .*half.onnx: /);
      server.faults.set('/small.onnx', { rate: 4000 });
      const aborted = await page.evaluate(async () => {
        const { saywhy } = globalThis as unknown as Kept;
        const controller = new AbortController();
        const reason = new Error('enough');
        const onProgress: NonNullable<Options>['onProgress'] = ({ stage, what }) => {
          if (stage === 'download' && what === 'small.onnx') controller.abort(reason);
        };
        const options = { device: 'wasm', signal: controller.signal, onProgress };
        const error = await saywhy.createExplainer('/small.onnx', options).catch((error: unknown) => error);
        return error === reason;
      });
      expect(aborted).to.equal(true);
      expect(await page.evaluate(() => (globalThis as unknown as Kept).cached(0))).to.deep.equal([]);
    });

    it('can be listed and deleted, one or all', async () => {
      const seen = await page.evaluate(async () => {
        const { make, cached, saywhy } = globalThis as unknown as Kept;
        await make('/small.onnx');
        await make('/split/net.onnx');
        const three = await cached(3);
        const one = await saywhy.deleteCachedModels('small.onnx');
        const none = await saywhy.deleteCachedModels('small.onnx');
        const two = await cached(2);
        const rest = await saywhy.deleteCachedModels();
        const keys = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()));
        return {
          three: three.map(([path]) => path).sort(),
          one,
          none,
          two: two.length,
          rest,
          keys: keys.flat().length,
        };
      });
      const three = ['/small.onnx', '/split/net.onnx', '/split/weights/all.bin'];
      expect(seen).to.deep.equal({ three, one: 1, none: 0, two: 2, rest: 2, keys: 0 });
    });

    it('that were not kept to the end, or whose entry is damaged, are deleted with all others', async () => {
      const seen = await page.evaluate(async () => {
        const { cached, make, saywhy } = globalThis as unknown as Kept;
        await make('/small.onnx');
        await cached(1);
        const [name] = await caches.keys();
        const cache = await caches.open(name!);
        const keys = await cache.keys();
        const entry = keys.find(({ url }) => url.includes('/of/'))!;
        await cache.put('/.saywhy/models/of/other', new Response('no JSON'));
        await cache.put(`/.saywhy/models/${'0'.repeat(64)}`, new Response('a file that nothing tells of'));
        const listed = (await saywhy.cachedModels()).length;
        await cache.put(
          entry,
          Response.json({ ...(await (await cache.match(entry))!.json()), sha256: '1'.repeat(64) }),
        );
        const gone = (await saywhy.cachedModels()).length;
        await saywhy.deleteCachedModels();
        return { listed, gone, left: (await cache.keys()).length };
      });
      expect(seen).to.deep.equal({ listed: 1, gone: 0, left: 0 });
    });

    it('of a server that has a fault are what was kept', async () => {
      const first = await page.evaluate(() => (globalThis as unknown as Kept).make('/small.onnx'));
      await page.evaluate(() => (globalThis as unknown as Kept).cached(1));
      server.faults.set('/small.onnx', { status: 503 });
      const again = await page.evaluate(() => (globalThis as unknown as Kept).make('/small.onnx'));
      expect(again).to.deep.equal({ ...first, downloads: {} });
    });

    it('are not kept where one says so, and where the browser keeps nothing', async () => {
      const seen = await page.evaluate(async () => {
        const { make, cached } = globalThis as unknown as Kept;
        const made: Made[] = [await make('/small.onnx', { cache: false })];
        for (const worker of ['/private.js', '/refused.js', '/full.js'])
          made.push(await make('/small.onnx', { worker }));
        return { made, cached: await cached(0) };
      });
      for (const made of seen.made) expect(made).to.deep.equal(seen.made[0]);
      expect(seen.cached).to.deep.equal([]);
    });

    it('that are none say what they are', async () => {
      const codes = await page.evaluate(async () => {
        const { code } = globalThis as unknown as Kept;
        return [
          await code('/nothing.onnx'),
          await code('/index.html'),
          await code('/checkpoint.onnx'),
          await code('/samples/cat.jpg'),
          await code(new Blob([])),
          await code('/alone.onnx'),
          await code(await (await fetch('/alone.onnx')).blob()),
          await code(new Response('') as unknown as string),
          await code({} as string),
          await code(undefined as unknown as string),
          await code('http://['),
        ];
      });
      const expected = [
        /^fetch-failed: .*\/nothing.onnx could not be fetched: the server answered 404/,
        /^not-a-model: .*\/index.html is an HTML page/,
        /^not-a-model: .*\/checkpoint.onnx is a zip archive, as PyTorch/,
        /^not-a-model: .*\/samples\/cat.jpg is a picture/,
        /^not-a-model: The model is empty: 0 bytes/,
        /^fetch-failed: .*\/weights\/all.bin could not be fetched: the server answered 404/,
        /^external-data-missing: .*weights\/all.bin/,
        /^not-a-model: \[object Response\] is no model: give an address/,
        /^not-a-model: /,
        /^not-a-model: undefined is no model/,
        /^invalid-address: "http:\/\/\["/,
      ];
      for (const [i, code] of codes.entries()) expect(code).to.match(expected[i]!);
    });
  });
