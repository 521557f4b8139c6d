import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { net, type Outcome, sample, temporaryFolder } from './run.js';

const entry = fileURLToPath(new URL('./entry.ts', import.meta.url));

/** The command as a process of its own: what is written past its streams, by native code say, is seen too. */
function spawned(argv: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--import', 'tsx', '--conditions=@saywhy/source', entry, ...argv],
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

describe('saywhy as a process', () => {
  const folder = temporaryFolder();

  it('stdout holds JSON and nothing else, stderr no chatter of the runtime', async () => {
    const { code, stdout, stderr } = await spawned([
      ...['explain', sample('cat.jpg'), '--model', net('residual.torchscript.onnx'), '--json'],
      ...['--out', join(folder(), 'out'), '--save', 'map,report'],
    ]);
    expect(code, stderr).to.equal(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).to.have.length(1);
    expect(JSON.parse(lines[0]!).method).to.equal('grad-cam');
    for (const line of stderr.trimEnd().split('\n')) expect(line).to.match(/^(warning: |Files: |Report: )/);
  });

  it('ends with 2 on misuse', async () => {
    const { code, stdout, stderr } = await spawned(['explain', sample('cat.jpg'), '--method', 'grad-cem']);
    expect(code).to.equal(2);
    expect(stdout).to.equal('');
    expect(stderr.trimEnd().split('\n')).to.have.length(1);
  });

  it('goes on quietly where its reader has seen enough', async () => {
    const out = join(folder(), 'piped');
    const explain = [
      'explain',
      sample('cat.jpg'),
      '--model',
      net('residual.torchscript.onnx'),
      '--out',
      out,
      '--save',
      'report',
    ];
    const command = [process.execPath, '--import', 'tsx', '--conditions=@saywhy/source', entry, ...explain];
    const { stdout, stderr } = await promisify(execFile)('sh', ['-c', '"$@" | head -c 0', 'sh', ...command]);
    expect(stdout).to.equal('');
    expect(stderr).not.to.include('EPIPE');
    expect(existsSync(join(out, 'report.html'))).to.equal(true);
  });
});
