// Checks what would be published: publint (fields and files of package.json) and attw (do the types resolve?) on every
// package of the workspace. Exits with 1 when either complains. Needs a build.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const packages = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name));
const attw = createRequire(import.meta.url).resolve('@arethetypeswrong/cli/package.json');

let failed = false;
for (const folder of [...packages, join(root, 'models')]) {
  if (!existsSync(join(folder, 'package.json'))) continue;
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const problems = await publintProblems(folder, manifest);
  if (manifest.main) problems.push(...typeProblems(folder));
  console.log(problems.length === 0 ? `${manifest.name}: ok` : `${manifest.name}:\n${problems.join('\n')}`);
  failed ||= problems.length > 0;
}
process.exitCode = failed ? 1 : 0;

async function publintProblems(folder, manifest) {
  const { messages } = await publint({ pkgDir: folder, strict: true, pack: 'npm' });
  return messages.map((message) => `  publint ${message.type}: ${formatMessage(message, manifest, { color: false })}`);
}

function typeProblems(folder) {
  const { bin } = JSON.parse(readFileSync(attw, 'utf8'));
  const entry = join(dirname(attw), typeof bin === 'string' ? bin : bin.attw);
  const options = ['--pack', folder, '--profile', 'esm-only', '--no-definitely-typed', '--no-color', '--no-emoji'];
  const { status, stdout, stderr } = spawnSync(process.execPath, [entry, ...options], { encoding: 'utf8' });
  return status === 0 ? [] : [`  attw: ${stdout}${stderr}`];
}
