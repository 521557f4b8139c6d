// Servers render pages too, and import what these import.
import { execFile } from 'node:child_process';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { methods } from '@saywhy/core';
import { expect } from 'chai';
import { createProject, type Project } from './project.js';

/** Runs a module in a Node of its own, without the sources and conditions of the tests. */
async function runModule(project: Project, name: string, code: string): Promise<{ stdout: string; stderr: string }> {
  const file = join(project.folder, name);
  await writeFile(file, code);
  return promisify(execFile)(process.execPath, [file], { timeout: 30_000 });
}

describe('@saywhy/web on a server', () => {
  let project: Project;
  before(async function () {
    this.timeout(30_000);
    project = await createProject();
    await cp(fileURLToPath(new URL('fixtures/server/', import.meta.url)), project.folder, { recursive: true });
  });
  after(() => project?.remove());

  it('is imported by Node without any effect', async () => {
    const { stdout, stderr } = await runModule(
      project,
      'import.mjs',
      `const before = new Set(Reflect.ownKeys(globalThis));
      const { createExplainer } = await import('@saywhy/web');
      const added = Reflect.ownKeys(globalThis).filter((key) => !before.has(key)).map(String);
      console.log(JSON.stringify({ type: typeof createExplainer, added, busy: process.getActiveResourcesInfo() }));`,
    );
    expect(stderr).to.equal('');
    const { type, added, busy } = JSON.parse(stdout) as { type: string; added: string[]; busy: string[] };
    expect({ type, added }).to.deep.equal({ type: 'function', added: [] });
    expect(busy.filter((resource) => /Message|Worker|Timeout|TCP/.test(resource))).to.deep.equal([]);
  });

  it('says where it runs when it is asked to explain there', async () => {
    const { stdout } = await runModule(
      project,
      'call.mjs',
      `import { createExplainer, SaywhyError } from '@saywhy/web';
      const error = await createExplainer('https://example.org/model.onnx').catch((error) => error);
      console.log(JSON.stringify({ own: error instanceof SaywhyError, code: error.code, message: error.message }));`,
    );
    const { own, code, message } = JSON.parse(stdout) as { own: boolean; code: string; message: string };
    expect(own, message).to.equal(true);
    expect(code).to.equal('no-browser');
    expect(message).to.include('browser').and.include('@saywhy/node');
  });

  for (const [kind, noExternal] of [
    ['as it lies in node_modules', undefined],
    ['bundled with all it needs', true],
  ] as const) {
    it(`is part of a page that Vite builds for a server, ${kind}`, async function () {
      this.timeout(60_000);
      const vite = await import('vite');
      const out = join(project.folder, `server-${noExternal === true}`);
      await vite.build({
        root: project.folder,
        configFile: false,
        logLevel: 'warn',
        build: { ssr: 'page.js', outDir: out, emptyOutDir: true },
        ssr: { ...(noExternal && { noExternal }) },
      });
      const { stdout } = await runModule(
        project,
        `render-${noExternal === true}.mjs`,
        `import { render } from '${join(out, 'page.js')}'; console.log(render());`,
      );
      expect(stdout.trim()).to.equal(`<p>${methods.length} methods</p>`);
    });
  }
});
