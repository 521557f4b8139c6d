// What the page of questions and captions shows is what happens.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(join(root, 'docs/questions-and-captions.md'), 'utf8');
const sources = ['--import', 'tsx', '--conditions=@saywhy/source'];
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map((match) => match[1]!);

describe('the page of questions and captions', function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), 'saywhy-questions-'));
  for (const name of ['models', 'samples', 'test', 'node_modules', 'packages'])
    symlinkSync(join(root, name), join(folder, name));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const call = (code: string) =>
    run(process.execPath, [...sources, '--input-type=module', '--eval', code], { cwd: folder });

  for (const [index, block] of blocks('js').entries())
    it(`shows what block ${index + 1} prints`, async () => {
      expect((await call(block)).stdout).to.equal(blocks('text')[index]);
    });

  for (const [index, block] of blocks('sh').entries())
    it(`has a command that does what is said: ${index + 1}`, async () => {
      const words = [...block.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2]!);
      const main = new URL('../../packages/node/src/cli/main.ts', import.meta.url).href;
      const { stdout } = await call(`import { main } from '${main}'; await main(${JSON.stringify(words.slice(2))});`);
      expect(stdout).to.match(
        [/what colour is the circle\?\n +100 % +red/, /"a yellow star left of a red circle"/][index]!,
      );
    });
});
