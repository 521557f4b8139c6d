// What a page downloads, minified and compressed as servers send it. A KB has 1024 bytes.
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { build, type Plugin } from 'esbuild';

const packages = fileURLToPath(new URL('../../packages/', import.meta.url));

/** What is counted elsewhere, or is nobody's to shrink here. */
const runtime = ['onnxruntime-common', 'onnxruntime-web', 'onnxruntime-web/*'];

// Autodiff was to stay below 60 KB and the adapter below 10 when they were planned, before the records of all ONNX
// operators (52 KB of rules) and the checks of devices, caches and files. All of it is beside 6.7 MB of WebAssembly.
const parts = [
  { what: '@saywhy/core without autodiff', limit: 30, entries: ['core'], without: ['@saywhy/autodiff', ...runtime] },
  { what: '@saywhy/autodiff with its protobuf', limit: 78, entries: ['autodiff'], without: [] },
  {
    what: '@saywhy/web, page and worker, without the others',
    limit: 14,
    entries: ['web', 'web/src/worker/entry.ts'],
    without: ['@saywhy/core', '@saywhy/autodiff', 'comlink', ...runtime],
  },
] as const;

/** What is loaded only when it is asked for is not there at first: kinds of scores that few models have, sanity checks, a model's own gradients. */
const laterParts: Plugin = {
  name: 'later-parts',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\./ }, ({ kind }) => (kind === 'dynamic-import' ? { external: true } : undefined)),
};

describe('Sizes', () => {
  for (const { what, limit, entries, without } of parts) {
    it(`${what}: at most ${limit} KB`, async function () {
      const { outputFiles } = await build({
        entryPoints: entries.map((entry) => `${packages}${entry.endsWith('.ts') ? entry : `${entry}/src/index.ts`}`),
        outdir: 'out',
        bundle: true,
        write: false,
        minify: true,
        format: 'esm',
        target: 'es2022',
        conditions: ['@saywhy/source'],
        external: [...without],
        plugins: [laterParts],
      });
      expect(outputFiles).to.have.length(entries.length);
      const sizes = outputFiles.map(({ contents }) => gzipSync(contents, { level: 9 }).length / 1024);
      const size = sizes.reduce((sum, part) => sum + part, 0);
      this.test!.title += ` (${sizes.map((part) => part.toFixed(1)).join(' + ')})`;
      expect(size).to.be.greaterThan(1).and.at.most(limit);
    });
  }
});
