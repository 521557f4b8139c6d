// A project as a user has it: the app, and what `npm install @saywhy/web` would bring, as copies rather than links into
// this repository, since bundlers treat the two differently.
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

export interface Project {
  readonly folder: string;
  /** Where the package lies in it. */
  readonly web: string;
  remove(): Promise<void>;
}

export async function createProject(): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'saywhy-app-'));
  await cp(fileURLToPath(new URL('fixtures/app/', import.meta.url)), folder, { recursive: true });
  const modules = join(folder, 'node_modules');
  await mkdir(join(modules, '@saywhy'), { recursive: true });
  for (const name of ['web', 'core', 'autodiff']) await install(name, modules);
  return {
    folder,
    web: join(modules, '@saywhy/web'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Copies what of a package is published and runs, and links what it depends on. */
async function install(name: string, modules: string): Promise<void> {
  const from = join(root, 'packages', name);
  const to = join(modules, '@saywhy', name);
  await mkdir(to);
  await cp(join(from, 'package.json'), join(to, 'package.json'));
  await cp(join(from, 'dist'), join(to, 'dist'), { recursive: true });
  const { dependencies = {} } = JSON.parse(await readFile(join(from, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  for (const [dependency, version] of Object.entries(dependencies)) {
    if (version.startsWith('workspace:')) continue;
    const link = join(modules, dependency);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(from, 'node_modules', dependency), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

/** onnxruntime-web's files and the worker, beside a bundle: for bundlers that take along only what is imported. */
export async function copyAssets(web: string, out: string): Promise<void> {
  await cp(join(web, 'dist'), out, {
    recursive: true,
    filter: (file) => file.endsWith('dist') || /\/(worker\.js|ort-[^/]*\.(wasm|mjs))$/.test(file),
  });
}
