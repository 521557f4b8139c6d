// One app, built in every way that is promised to work; each with the settings that a new project has.
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { build as esbuild } from 'esbuild';
import { rollup } from 'rollup';
import webpack from 'webpack';
import { strictPolicy } from '../../support/browsers/index.js';
import { copyAssets, type Project } from './project.js';

export interface Build {
  readonly name: string;
  /** Builds into the folder; gives the policy that the page needs, if it is not the strict one. */
  run(project: Project, out: string): Promise<string | undefined>;
}

export const builds: readonly Build[] = [
  {
    name: 'Vite',
    async run({ folder }, out) {
      // mocha and tsx turn a static import into `require`, and Vite then finds two copies of itself.
      const vite = await import('vite');
      await vite.build({
        root: folder,
        configFile: false,
        logLevel: 'warn',
        build: { outDir: out, emptyOutDir: true },
      });
      return undefined;
    },
  },
  {
    name: 'webpack',
    async run({ folder }, out) {
      await runWebpack({
        context: folder,
        entry: './main.js',
        mode: 'production',
        output: { path: out, filename: 'main.js' },
        // The files of WebAssembly are larger than webpack's advice for any asset.
        performance: false,
      });
      await page(folder, out);
      return undefined;
    },
  },
  {
    name: 'Rollup',
    async run({ folder, web }, out) {
      const bundle = await rollup({ input: join(folder, 'main.js'), plugins: [nodeResolve({ browser: true })] });
      await bundle.write({ dir: out, format: 'es' });
      await bundle.close();
      await copyAssets(web, out);
      await page(folder, out);
      return undefined;
    },
  },
  {
    name: 'esbuild',
    async run({ folder, web }, out) {
      const entryPoints = [join(folder, 'main.js')];
      await esbuild({ entryPoints, outdir: out, bundle: true, format: 'esm', minify: true, logLevel: 'warning' });
      await copyAssets(web, out);
      await page(folder, out);
      return undefined;
    },
  },
  {
    name: 'esbuild, the worker in a folder of its own',
    async run({ folder, web }, out) {
      const entryPoints = [{ in: join(folder, 'elsewhere.js'), out: 'main' }];
      await esbuild({ entryPoints, outdir: out, bundle: true, format: 'esm', minify: true, logLevel: 'warning' });
      await copyAssets(web, join(out, 'static/saywhy'));
      await page(folder, out);
      return undefined;
    },
  },
  {
    name: 'an import map',
    async run({ folder, web }, out) {
      await cp(join(web, 'dist'), join(out, 'saywhy'), { recursive: true });
      for (const file of ['main.js', 'explain.js']) await cp(join(folder, file), join(out, file));
      const map = JSON.stringify({ imports: { '@saywhy/web': './saywhy/bundle.js' } });
      const html = await readFile(join(folder, 'index.html'), 'utf8');
      const script = `<script type="importmap">${map}</script>`;
      await writeFile(join(out, 'index.html'), html.replace('<script', `${script}<script`));
      // An import map can only be inline, so the policy names it by its hash.
      const hash = createHash('sha256').update(map).digest('base64');
      return strictPolicy.replace("script-src 'self'", `script-src 'self' 'sha256-${hash}'`);
    },
  },
];

async function page(folder: string, out: string): Promise<void> {
  await mkdir(out, { recursive: true });
  await cp(join(folder, 'index.html'), join(out, 'index.html'));
}

function runWebpack(configuration: webpack.Configuration): Promise<void> {
  return new Promise((resolve, reject) => {
    const compiler = webpack(configuration);
    if (!compiler) return reject(new Error('webpack gave no compiler'));
    compiler.run((error, stats) => {
      compiler.close(() => {
        const problems = stats?.toString({ all: false, errors: true, warnings: true });
        if (error || problems) reject(error ?? new Error(problems));
        else resolve();
      });
    });
  });
}
