import { execFile, spawn } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { methods } from '@saywhy/core';
import { metrics } from '@saywhy/core/metrics';
import { expect } from 'chai';
import { net, run, sample, temporaryFolder } from './run.js';

interface Line {
  readonly method: string;
  readonly metric: string;
  readonly count: number;
  readonly value: number;
  readonly interval?: readonly [number, number];
}

const model = ['--model', net('residual.torchscript.onnx')];
const linesOf = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

describe('saywhy evaluate', () => {
  const folder = temporaryFolder();
  /** One picture asked about in two ways, with masks, the second without another object. */
  const masks = async () => {
    const file = join(folder(), 'cases.json');
    const image = relative(folder(), sample('cat-and-dog.png'));
    const [top, bottom] = [{ boxes: [[0, 0, 448, 248]] }, { boxes: [[0, 248, 448, 448]] }];
    const cases = [
      { image, target: '3', mask: bottom, others: top },
      { image, target: '5', mask: top },
    ];
    await writeFile(file, JSON.stringify({ cases }));
    return file;
  };

  it('writes values, a summary and a page, and goes on from what is there', async () => {
    const out = join(folder(), 'first');
    const asked = ['evaluate', '--masks', await masks(), ...model, '--out', out, '--json', '--seed', '3'];
    const some = ['--method', 'grad-cam,saliency,random'];
    const first = await run([...asked, ...some, '--metric', 'pointing-game,road']);
    expect(first.code, first.stderr).to.equal(0);
    expect(linesOf(first.stdout)).to.have.length(6);
    for (const { count, interval, value } of linesOf(first.stdout)) {
      expect(count).to.equal(2);
      expect(value).to.be.within(interval![0], interval![1]);
    }
    expect((await readdir(out)).sort()).to.deep.equal([
      'evaluation.html',
      'evaluation.json',
      'summary.csv',
      'values.csv',
    ]);
    const before = JSON.parse(await readFile(join(out, 'evaluation.json'), 'utf8'));

    const more = ['--metric', 'pointing-game,road,class-discrimination,sanity-cascading'];
    const second = await run([...asked, ...some, ...more]);
    expect(second.code, second.stderr).to.equal(0);
    expect(second.stderr).to.match(/has 12 values already/);
    const cells = linesOf(second.stdout);
    expect(cells.filter(({ metric }) => metric === 'class-discrimination').map(({ count }) => count)).to.deep.equal([
      1, 1, 1,
    ]);
    expect(cells.filter(({ metric }) => metric === 'sanity-cascading')).to.have.length(3);
    const after = JSON.parse(await readFile(join(out, 'evaluation.json'), 'utf8'));
    // What was there has not been measured again: not even its time differs.
    expect(after.cases[0].values.slice(0, 6)).to.deep.equal(before.cases[0].values);

    const again = await run([...asked, ...some, ...more]);
    expect(again.stdout).to.equal(second.stdout);

    const rows = (await readFile(join(out, 'values.csv'), 'utf8')).trimEnd().split('\n');
    expect(rows[0]).to.equal('image,target,method,metric,value,milliseconds');
    expect(rows).to.have.length(1 + 6 + 6 + 3 + 6);
    expect(rows.filter((row) => /^cat-and-dog\.png,3,grad-cam,sanity-cascading,/.test(row))).to.have.length(1);
    const summary = (await readFile(join(out, 'summary.csv'), 'utf8')).trimEnd().split('\n');
    expect(summary).to.have.length(1 + cells.length);
  }).timeout(60_000);

  it('gives every method of the registry, by every metric that needs no mask', async () => {
    const out = join(folder(), 'all');
    const fast = metrics.filter(({ name }) => !/sensitivity|sanity/.test(name)).map(({ name }) => name);
    const { code, stdout, stderr } = await run([
      ...['evaluate', sample('cat.jpg'), ...model, '--out', out, '--json', '--metric', fast.join()],
    ]);
    expect(code, stderr).to.equal(0);
    const found = linesOf(stdout);
    const applied = new Set(found.map(({ method }) => method));
    expect(applied).to.include.all.keys('grad-cam', 'occlusion', 'random', 'centre');
    expect(applied.size).to.be.above(methods.length - 3);
    const wanted = metrics.filter(({ name, needs }) => fast.includes(name) && !needs.includes('mask'));
    expect(new Set(found.map(({ metric }) => metric))).to.deep.equal(new Set(wanted.map(({ name }) => name)));
    expect(found).to.have.length(applied.size * wanted.length);
  }).timeout(60_000);

  it('prints the better method first', async () => {
    const out = join(folder(), 'order');
    const asked = ['--method', 'saliency,random,centre', '--metric', 'complexity,sparseness', '--out', out];
    const { stdout } = await run(['evaluate', sample('cat.jpg'), ...model, ...asked]);
    const [complexity, sparseness] = stdout.split('\n\n').map((part) =>
      part
        .split('\n')
        .slice(1)
        .map((line) => Number(line.trim().split(/\s+/)[0])),
    );
    expect(complexity).to.deep.equal([...complexity!].sort((a, b) => a - b));
    expect(sparseness).to.deep.equal([...sparseness!].sort((a, b) => b - a));
    expect(stdout).to.match(/Complexity lower is better, 1 values? each/);
  });

  it('does not mix results of other settings', async () => {
    const out = join(folder(), 'mixed');
    const asked = [
      'evaluate',
      sample('cat.jpg'),
      ...model,
      '--method',
      'random',
      '--metric',
      'complexity',
      '--out',
      out,
    ];
    expect((await run(asked)).code).to.equal(0);
    const other = await run([...asked, '--seed', '9']);
    expect(other.code).to.equal(2);
    expect(other.stderr).to.match(/evaluation\.json holds results of another seed\. .*--force/);
    expect((await run([...asked, '--seed', '9', '--force'])).code).to.equal(0);
    await writeFile(join(out, 'evaluation.json'), '{"mine": 1}');
    expect((await run(asked)).stderr).to.match(/holds something else/);
  });

  it('lists the metrics', async () => {
    const { code, stdout } = await run(['evaluate', '--metric', 'list', '--json']);
    expect(code).to.equal(0);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).name),
    ).to.deep.equal(metrics.map(({ name }) => name));
    expect((await run(['evaluate', '--metric', 'list'])).stdout).to.match(/insertion +higher is better/);
  });

  it('refuses what cannot be measured before anything slow starts', async () => {
    const bad = async (content: string) => {
      const file = join(folder(), 'bad.json');
      await writeFile(file, content);
      return ['--masks', file];
    };
    const image = sample('cat.jpg');
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [[], /Name pictures, or a file with cases/],
      [[image, '--metric', 'insertoin'], /Unknown metric "insertoin"\. Did you mean insertion\?/],
      [[image, '--method', 'grad-cem'], /Unknown method "grad-cem"/],
      [[image, '--seed', 'x'], /--seed is a whole number, not "x"/],
      [['none.jpg'], /There is no picture none\.jpg/],
      [[image, '--masks', 'none.json'], /none\.json cannot be read/],
      [await bad('{'), /bad\.json is no JSON/],
    ];
    for (const [argv, says] of cases) {
      const { code, stderr } = await run(['evaluate', ...argv]);
      expect(stderr).to.match(says);
      expect(code, argv.join(' ')).to.equal(2);
    }
    for (const [content, says] of [
      ['{}', /it is \{ "cases"/],
      ['{"cases":[{}]}', /case 0: it names its "image"/],
      ['{"cases":[{"image":"a.png","mask":{"boxes":[[1,2]]}}]}', /case 0, mask: it is/],
      ['{"cases":[{"image":"a.png","target":3}]}', /its "target" is a text, or an object/],
      ['{"cases":[{"image":"a.png","inputs":3}]}', /its "inputs" are an object/],
    ] as const) {
      const { code, stderr } = await run(['evaluate', ...(await bad(content))]);
      expect(stderr).to.match(says);
      expect(code).to.equal(2);
    }
  });

  it('stopped by Ctrl-C it leaves what was done, and goes on from there', async () => {
    const out = join(folder(), 'stopped');
    const entry = fileURLToPath(new URL('./entry.ts', import.meta.url));
    const command = ['--import', 'tsx', '--conditions=@saywhy/source', entry, 'evaluate', sample('cat.jpg'), ...model];
    const asked = ['--method', 'grad-cam,saliency,occlusion,random', '--metric', 'road,insertion,complexity'];
    const child = spawn(process.execPath, [...command, ...asked, '--out', out], { stdio: 'pipe' });
    let said = '';
    child.stderr.on('data', (text) => {
      said += text;
    });
    const ended = new Promise<number | null>((resolve) => {
      child.on('exit', resolve);
    });
    const file = join(out, 'evaluation.json');
    for (;;) {
      const text = await readFile(file, 'utf8').catch(() => '');
      if (text !== '' || child.exitCode !== null) break;
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
    }
    child.kill('SIGINT');
    const code = await ended;
    const kept = JSON.parse(await readFile(file, 'utf8')).cases[0].values.length as number;
    if (kept < 12) {
      expect(code).to.equal(1);
      expect(said).to.match(/what was measured is kept/);
    }
    const { stdout, stderr } = await new Promise<{ stdout: string; stderr: string }>((resolve) => {
      execFile(process.execPath, [...command, ...asked, '--out', out, '--json'], (_, stdout, stderr) =>
        resolve({ stdout, stderr }),
      );
    });
    expect(stderr).to.match(new RegExp(`has ${kept} values already`));
    expect(linesOf(stdout)).to.have.length(12);
  }).timeout(90_000);
});
