// What the README shows is what happens.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const sources = ['--import', 'tsx', '--conditions=@saywhy/source'];

const guide = readFileSync(join(root, 'docs/guide.md'), 'utf8');

function blocks(language: string, page = readme): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map((match) => match[1]!);
}

/** The words of a shell command; double quotes hold several together. */
function words(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2]!);
}

describe('the README', function () {
  this.timeout(120_000);
  // A folder that looks like the repository to what reads it, and takes what is written.
  const folder = mkdtempSync(join(tmpdir(), 'saywhy-readme-'));
  for (const name of ['models', 'samples', 'test', 'node_modules', 'packages'])
    symlinkSync(join(root, name), join(folder, name));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const commands = blocks('sh').flatMap((block) => block.trim().split('\n'));

  for (const command of commands.filter((line) => line.startsWith('npx saywhy ')))
    it(command, async () => {
      const main = new URL('../../packages/node/src/cli/main.ts', import.meta.url).href;
      const call = `import { main } from '${main}'; await main(${JSON.stringify(words(command).slice(2))});`;
      await run(process.execPath, [...sources, '--input-type=module', '--eval', call], { cwd: folder });
    });

  it('names npm scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = commands.flatMap((line) => /^npm (?:run )?([\w:]+)/.exec(line)?.[1] ?? []);
    expect(named).to.include.members(['start', 'test']);
    expect(Object.keys(scripts)).to.include.members(named);
  });

  it('shows what the first example prints', async () => {
    const { stdout } = await run(process.execPath, [...sources, '--input-type=module', '--eval', blocks('js')[0]!], {
      cwd: folder,
    });
    expect(stdout).to.equal(blocks('text')[0]);
  });

  it('differentiates as the second example does', async () => {
    const { stdout } = await run(process.execPath, [...sources, '--input-type=module', '--eval', blocks('js')[1]!], {
      cwd: folder,
    });
    expect(stdout).to.include('gradient/input').and.to.include('gradient//features/features.1/');
  });

  for (const [index, block] of blocks('js', guide).entries())
    it(`shows nothing in the guide that fails: block ${index + 1}`, async () => {
      const { stdout } = await run(process.execPath, [...sources, '--input-type=module', '--eval', block], {
        cwd: folder,
      });
      expect(stdout).to.match(
        [/^20$/m, /1, 1280, 7, 7/, /guided-backprop 0\.7/, /224, 224/, /^unknown-label .*German shepherd/][index]!,
      );
    });
});
