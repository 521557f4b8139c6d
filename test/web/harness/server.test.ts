import { expect } from 'chai';
import { type Server, serve } from '../../support/browsers/index.js';

describe('the server of the browser tests', () => {
  let server: Server;
  const body = 'x'.repeat(4000);
  before(async () => {
    server = await serve({ files: { '/a/index.html': '<p>a', '/b.wasm': body }, folders: { '/samples/': 'samples' } });
  });
  after(() => server.close());
  afterEach(() => server.faults.clear());

  const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${server.origin}${path}`, { headers });

  it('serves files with their types, behind the strict headers', async () => {
    const page = await get('/a/');
    expect(page.headers.get('content-type')).to.equal('text/html; charset=utf-8');
    expect(page.headers.get('cross-origin-embedder-policy')).to.equal('require-corp');
    expect(page.headers.get('cross-origin-opener-policy')).to.equal('same-origin');
    expect(page.headers.get('content-security-policy'))
      .to.include("connect-src 'self'")
      .and.not.include('unsafe-eval ');
    expect((await get('/b.wasm')).headers.get('content-type')).to.equal('application/wasm');
    expect((await get('/samples/cat.jpg')).headers.get('content-type')).to.equal('image/jpeg');
    expect((await get('/samples/none.jpg')).status).to.equal(404);
    expect((await get('/samples/..%2fpackage.json')).status).to.equal(404);
  });

  it('writes down what was asked for', async () => {
    server.asked.length = 0;
    await get('/b.wasm');
    await get('/none');
    const host = new URL(server.origin).host;
    expect(server.asked).to.deep.equal([
      { host, path: '/b.wasm', status: 200 },
      { host, path: '/none', status: 404 },
    ]);
  });

  it('gives the rest of a file from a place on', async () => {
    const rest = await get('/b.wasm', { range: 'bytes=3990-' });
    expect(rest.status).to.equal(206);
    expect(rest.headers.get('content-range')).to.equal('bytes 3990-3999/4000');
    expect((await rest.text()).length).to.equal(10);
  });

  it('answers wrongly on demand', async () => {
    server.faults.set('/b.wasm', { status: 503 });
    expect((await get('/b.wasm')).status).to.equal(503);
    server.faults.set('/b.wasm', 'html');
    expect(await (await get('/b.wasm')).text()).to.match(/^<!doctype html>/);
    server.faults.set('/b.wasm', { first: 5 });
    expect(await (await get('/b.wasm')).text()).to.equal('xxxxx');
    server.faults.set('/b.wasm', { breakAfter: 100 });
    const broken = await get('/b.wasm')
      .then((response) => response.text())
      .catch((error: unknown) => error);
    expect(broken).to.be.instanceOf(Error);
    server.faults.set('/b.wasm', { rate: 20_000 });
    const start = performance.now();
    expect(await (await get('/b.wasm')).text()).to.equal(body);
    expect(performance.now() - start).to.be.greaterThan(150);
  });
});
