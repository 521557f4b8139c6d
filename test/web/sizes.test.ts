// What a page downloads, minified and compressed as servers send it. A KB has 1024 bytes.
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { build, type Plugin } from 'esbuild';

const packages = fileURLToPath(new URL('../../packages/', import.meta.url));

/** Nobody's to shrink here. */
const runtime = ['onnxruntime-common', 'onnxruntime-web', 'onnxruntime-web/*'];
const workspace = ['@saywhy/core', '@saywhy/autodiff', 'comlink'];

// Autodiff was to stay below 60 KB when it was planned, before the records of all ONNX operators (52 KB of rules). A page loads it in the worker alone: one file,
// beside 3.7 to 6.7 MB of WebAssembly.
const parts = [
  { what: '@saywhy/core without autodiff', limit: 30, entry: 'core/src/index.ts', without: ['@saywhy/autodiff'] },
  { what: '@saywhy/autodiff with its protobuf', limit: 78, entry: 'autodiff/src/index.ts', without: [] },
  {
    what: 'createExplainer of @saywhy/web, with all that it brings',
    limit: 10,
    entry: 'web/src/explainer.ts',
    without: [],
  },
  { what: 'a list of the methods, without the engine', limit: 5, entry: 'core/src/methods/index.ts', without: [] },
  { what: "the adapter's own part of the worker", limit: 10, entry: 'web/src/worker/entry.ts', without: workspace },
] as const;

/** What is loaded only when it is asked for is not there at first: kinds of scores that few models have, sanity checks, a model's own gradients. */
const laterParts: Plugin = {
  name: 'later-parts',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\./ }, ({ kind }) => (kind === 'dynamic-import' ? { external: true } : undefined)),
};

describe('Sizes', () => {
  for (const { what, limit, entry, without } of parts) {
    it(`${what}: at most ${limit} KB`, async function () {
      const { outputFiles } = await build({
        entryPoints: [packages + entry],
        outdir: 'out',
        bundle: true,
        write: false,
        minify: true,
        format: 'esm',
        target: 'es2022',
        conditions: ['@saywhy/source'],
        external: [...runtime, ...without],
        plugins: [laterParts],
      });
      expect(outputFiles).to.have.length(1);
      const size = gzipSync(outputFiles[0]!.contents, { level: 9 }).length / 1024;
      this.test!.title += ` (${size.toFixed(1)})`;
      expect(size).to.be.greaterThan(1).and.at.most(limit);
    });
  }
});
