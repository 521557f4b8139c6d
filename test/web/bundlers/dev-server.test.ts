// `vite`, as someone uses it who writes an app: its server prepares what is imported from node_modules in a way of its own.
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { ViteDevServer } from 'vite';
import { type Browser, launch } from '../../support/browsers/index.js';
import { createProject, type Project } from './project.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

describe('@saywhy/web, served by Vite while an app is written', () => {
  let project: Project;
  let browser: Browser;
  let server: ViteDevServer;

  before(async function () {
    this.timeout(60_000);
    project = await createProject();
    await mkdir(join(project.folder, 'public'));
    await cp(join(root, 'test/fixtures/nets/plain.torchscript.onnx'), join(project.folder, 'public/net.onnx'));
    await cp(join(root, 'samples/cat-and-dog.png'), join(project.folder, 'public/picture.png'));
    const vite = await import('vite');
    server = await vite.createServer({
      root: project.folder,
      configFile: false,
      logLevel: 'warn',
      server: { host: '127.0.0.1', port: 0, watch: null },
    });
    await server.listen();
    browser = await launch('chromium');
  });
  after(async () => {
    await browser?.close();
    await server?.close();
    await project?.remove();
  });

  it('explains', async function () {
    this.timeout(60_000);
    const page = await browser.open(server.resolvedUrls!.local[0]!);
    const answer = await page.evaluate(
      () => (globalThis as unknown as { answer: Promise<{ device: string; data: number[] }> }).answer,
    );
    expect(answer.device).to.equal('wasm');
    expect(Math.max(...answer.data)).to.be.closeTo(1, 1e-6);
    expect(await page.errors()).to.deep.equal([]);
    expect(browser.outside).to.deep.equal([]);
  });
});
