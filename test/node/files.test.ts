import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SaywhyError } from '@saywhy/core';
import { expect } from 'chai';
import { writeWhole } from '../../packages/node/src/files.js';

describe('files are written whole or not at all', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saywhy-files-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const refusal = async (work: Promise<void>): Promise<string> => {
    try {
      await work;
    } catch (error) {
      expect(error).to.be.instanceOf(SaywhyError);
      return (error as SaywhyError).code;
    }
    return 'none';
  };

  it('makes the folder, leaves nothing else behind', async () => {
    await writeWhole(join(folder, 'a', 'b', 'map.npy'), new Uint8Array([1, 2, 3]));
    expect(await readdir(join(folder, 'a', 'b'))).to.deep.equal(['map.npy']);
    expect([...(await readFile(join(folder, 'a', 'b', 'map.npy')))]).to.deep.equal([1, 2, 3]);
  });

  it('does not replace what is there, unless forced', async () => {
    const path = join(folder, 'report.html');
    await writeFile(path, 'old');
    expect(await refusal(writeWhole(path, 'new'))).to.equal('file-exists');
    expect(await readFile(path, 'utf8')).to.equal('old');
    await writeWhole(path, 'new', { force: true });
    expect(await readFile(path, 'utf8')).to.equal('new');
    expect(await readdir(folder)).to.deep.equal(['report.html']);
  });

  it('of many that write one name at once, one wins and its content is whole', async () => {
    const path = join(folder, 'one');
    const contents = Array.from({ length: 8 }, (_, i) => String(i).repeat(100_000));
    const outcomes = await Promise.all(contents.map((content) => refusal(writeWhole(path, content))));
    expect(outcomes.filter((code) => code === 'none')).to.have.length(1);
    expect(outcomes.filter((code) => code === 'file-exists')).to.have.length(7);
    expect(await readFile(path, 'utf8')).to.equal(contents[outcomes.indexOf('none')]);
    expect(await readdir(folder)).to.deep.equal(['one']);
  });

  it('says which file cannot be written', async () => {
    await writeFile(join(folder, 'file'), '');
    expect(await refusal(writeWhole(join(folder, 'file', 'below'), 'x'))).to.equal('unwritable-file');
    if (process.platform === 'linux')
      expect(await refusal(writeWhole('/proc/no/such/folder', 'x'))).to.equal('unwritable-file');
    if (process.getuid?.() === 0) return; // root may write anywhere
    await chmod(folder, 0o500);
    expect(await refusal(writeWhole(join(folder, 'x'), 'x'))).to.equal('unwritable-file');
    await chmod(folder, 0o700);
  });
});
