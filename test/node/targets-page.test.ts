// What docs/targets.md shows is what happens.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { kinds } from '../../packages/core/src/targets/terms/index.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(new URL('../../docs/targets.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/^```js\n(.*?)^```\n\n```text\n(.*?)^```/gms)];

describe('the page of targets', function () {
  this.timeout(60_000);
  it('shows what each of its examples prints', () => expect(examples.length).to.equal(page.split('```js').length - 1));

  for (const [, code, expected] of examples)
    it(`prints ${expected!.split('\n')[0]}`, async () => {
      const sources = ['--import', 'tsx', '--conditions=@saywhy/source', '--input-type=module', '--eval', code!];
      const { stdout } = await run(process.execPath, sources, { cwd: root });
      expect(stdout).to.equal(expected);
    });

  it('names every kind of target', () => {
    // `said` is what words come to within.
    for (const key of Object.keys(kinds).filter((one) => one !== 'said'))
      expect(page).to.match(new RegExp(`\\{ ([^}]*, )?${key}\\b`));
  });
});
