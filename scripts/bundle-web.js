// The rest of the build of @saywhy/web, after tsc: the worker in one file, the page's side in another, and onnxruntime-web's files beside it.
import { copyFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const web = join(dirname(dirname(fileURLToPath(import.meta.url))), 'packages/web');
const runtime = dirname(createRequire(join(web, 'package.json')).resolve('onnxruntime-web'));

const settings = {
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  sourcemap: true,
  legalComments: 'none',
  // onnxruntime-web without its WebAssembly inlined: that lies beside, and is found by src/runtime/assets.ts.
  conditions: ['@saywhy/source', 'onnxruntime-web-use-extern-wasm'],
};
await build({ ...settings, entryPoints: [join(web, 'src/worker/entry.ts')], outfile: join(web, 'dist/worker.js') });
// For pages without a bundler: everything that the page itself needs.
await build({ ...settings, entryPoints: [join(web, 'src/index.ts')], outfile: join(web, 'dist/bundle.js') });
for (const name of ['', '.jspi', '.asyncify'])
  for (const ending of ['wasm', 'mjs']) {
    const file = `ort-wasm-simd-threaded${name}.${ending}`;
    copyFileSync(join(runtime, file), join(web, 'dist', file));
  }
