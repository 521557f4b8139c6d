import { copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { createExplainer, decodeNpy, loadPicture } from '@saywhy/node';
import { expect } from 'chai';
import { net, run, sample, temporaryFolder } from './run.js';

const json = (stdout: string): Record<string, never>[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

const tiny = ['--model', net('residual.torchscript.onnx')];

describe('saywhy explain', () => {
  const folder = temporaryFolder();

  it('explains what npm start does: the dog is on top, the cat below, and so are their maps', async () => {
    const out = join(folder(), 'start');
    const { code, stdout, stderr } = await run([
      ...['explain', sample('cat-and-dog.png'), '--target', 'tabby', '--target', 'German shepherd'],
      ...['--method', 'grad-cam,guided-grad-cam', '--out', out],
    ]);
    expect(code, stderr).to.equal(0);
    expect(stdout.trimEnd().split('\n').at(-1)).to.equal(`Report: ${join(out, 'report.html')}`);
    expect(stderr).to.match(/^warning: .*Adebayo/);
    expect((await readdir(out)).sort()).to.deep.equal([
      'cat-and-dog_grad-cam_German-shepherd.npy',
      'cat-and-dog_grad-cam_German-shepherd.png',
      'cat-and-dog_grad-cam_tabby.npy',
      'cat-and-dog_grad-cam_tabby.png',
      'cat-and-dog_guided-grad-cam_German-shepherd.npy',
      'cat-and-dog_guided-grad-cam_German-shepherd.png',
      'cat-and-dog_guided-grad-cam_tabby.npy',
      'cat-and-dog_guided-grad-cam_tabby.png',
      'report.html',
    ]);
    const height = async (target: string): Promise<number> => {
      const { data, shape } = decodeNpy(await readFile(join(out, `cat-and-dog_grad-cam_${target}.npy`)));
      const sum = data.reduce((all, value) => all + value, 0);
      return data.reduce((all, value, i) => all + value * Math.floor(i / shape[1]!), 0) / sum / shape[0]!;
    };
    expect(await height('German-shepherd')).to.be.lessThan(0.45);
    expect(await height('tabby')).to.be.greaterThan(0.6);
    const drawn = await loadPicture(join(out, 'cat-and-dog_grad-cam_tabby.png'));
    expect([drawn.width, drawn.height]).to.deep.equal([448, 448]);
  });

  it('prints a line of JSON for each picture, model, method, layer and target, with the documented keys', async () => {
    const out = join(folder(), 'json');
    const { code, stdout, stderr } = await run([
      ...['explain', sample('cat.jpg'), sample('dog.jpg'), '--json', '--out', out, '--save', 'overlay,map,raw'],
      ...['--target', 'top2', '--target', 'tabby vs tiger cat', '--method', 'grad-cam', '--method', 'layer-cam'],
      ...['--layer', 'auto,_blocks.9', '--top', '3'],
    ]);
    expect(code, stderr).to.equal(0);
    const lines = json(stdout);
    expect(lines).to.have.length(2 * 2 * 2 * 3);
    for (const line of lines) {
      expect(line).to.have.all.keys([
        ...['image', 'model', 'device', 'method', 'layer', 'target', 'predictions', 'map', 'region', 'files'],
        ...['timings', 'warnings', 'provenance'],
      ]);
      const { target, predictions, map, region, files, timings, provenance } = line as Record<string, never>;
      expect(predictions).to.have.length(3);
      expect(predictions[0]).to.have.all.keys('index', 'label', 'logit', 'probability');
      expect(map).to.deep.equal({ width: 224, height: 224 });
      expect(region).to.have.all.keys('x', 'y', 'width', 'height');
      expect(timings).to.have.all.keys('decode', 'preprocess', 'forward', 'backward', 'map');
      expect(provenance).to.include.keys('model', 'versions', 'preprocess');
      expect((provenance as { model: { sha256: string } }).model.sha256).to.match(/^[0-9a-f]{64}$/);
      expect((target as { text: string }).text).to.be.a('string');
      for (const [kind, path] of Object.entries(files as Record<string, string>)) {
        expect(isAbsolute(path), path).to.equal(true);
        expect((await stat(path)).size, path).to.be.greaterThan(0);
        expect(kind).to.be.oneOf(['overlay', 'map', 'raw']);
      }
    }
    const places = lines.map(({ files }) => (files as { map: string }).map);
    expect(new Set(places).size, 'every map has a file of its own').to.equal(lines.length);
    expect(new Set(lines.map(({ image }) => image))).to.deep.equal(new Set([sample('cat.jpg'), sample('dog.jpg')]));
    expect(lines.map(({ target }) => target)).to.deep.include({ text: 'tabby vs tiger cat' });
    expect((await readdir(out)).includes('report.html'), 'a report that nobody asked for').to.equal(false);
  });

  it('saves the numbers that the library gives', async () => {
    const out = join(folder(), 'numbers');
    const { stdout } = await run(['explain', sample('cat.jpg'), '--json', '--out', out, '--save', 'map,raw']);
    const [line] = json(stdout) as unknown as {
      files: { map: string; raw: string };
      predictions: { logit: number }[];
    }[];
    await using explainer = await createExplainer('efficientnet-lite0');
    const { maps, predictions } = await explainer.explain(sample('cat.jpg'));
    expect(line!.predictions[0]!.logit).to.be.closeTo(predictions[0]!.logit, 1e-5);
    for (const [kind, expected] of [['map', maps[0]!] as const, ['raw', maps[0]!.raw] as const]) {
      const { data, shape } = decodeNpy(await readFile(line!.files[kind]));
      expect(shape).to.deep.equal(expected.shape);
      const largest = Math.max(...data.map((value, i) => Math.abs(value - expected.data[i]!)));
      expect(largest, kind).to.be.lessThan(1e-4);
    }
  });

  it('compares several models in one report', async () => {
    const out = join(folder(), 'models');
    const { code, stdout, stderr } = await run([
      ...['explain', sample('cat.jpg'), '--model', 'efficientnet-lite0', '--model', 'efficientnet-lite2'],
      ...['--target', 'tabby', '--out', out],
    ]);
    expect(code, stderr).to.equal(0);
    expect(stdout).to.match(/efficientnet-lite0 on cpu[\s\S]*efficientnet-lite2 on cpu/);
    const page = await readFile(join(out, 'report.html'), 'utf8');
    expect(page.match(/class="stage/g)).to.have.length(2);
    expect(await readdir(out)).to.include.members([
      'cat_grad-cam_tabby.png'.replace('cat_', 'cat_efficientnet-lite0_'),
      'cat_efficientnet-lite2_grad-cam_tabby.png',
    ]);
  });

  it('never writes over what is there without --force', async () => {
    const out = join(folder(), 'twice');
    const command = ['explain', sample('cat.jpg'), '--out', out, ...tiny];
    expect((await run(command)).code).to.equal(0);
    const before = await Promise.all((await readdir(out)).map((name) => stat(join(out, name))));
    const refused = await run(command);
    expect(refused.code).to.equal(2);
    expect(refused.stdout).to.equal('');
    expect(refused.stderr).to.match(/report\.html is already there.*--force/);
    const other = await run([...command, '--save', 'map', '--method', 'grad-cam']);
    expect(other.code, 'a map of the same name, without a report').to.equal(2);
    const after = await Promise.all((await readdir(out)).map((name) => stat(join(out, name))));
    expect(after.map(({ ino, mtimeMs }) => [ino, mtimeMs])).to.deep.equal(
      before.map(({ ino, mtimeMs }) => [ino, mtimeMs]),
    );
    expect((await run([...command, '--force'])).code).to.equal(0);
  });

  it('goes on with the other pictures where one cannot be read, and says so with its exit code', async () => {
    const broken = join(folder(), 'broken.jpg');
    await writeFile(broken, (await readFile(sample('cat.jpg'))).subarray(0, 9000));
    const out = join(folder(), 'some');
    const command = ['explain', broken, sample('dog.jpg'), '--json', '--out', out, '--save', 'report'];
    const { code, stdout, stderr } = await run(command);
    expect(code).to.equal(1);
    expect(json(stdout)).to.have.length(1);
    expect(stderr).to.match(/error: .*broken\.jpg is a JPEG file that cannot be decoded/);
    expect((await run(['explain', broken, '--out', join(folder(), 'none')])).code).to.equal(1);
    expect(await readdir(folder())).to.not.include('none');
  });

  it('tells apart pictures of the same name', async () => {
    for (const [name, from] of [['a', 'cat.jpg'] as const, ['b', 'dog.jpg'] as const]) {
      await mkdir(join(folder(), name));
      await copyFile(sample(from), join(folder(), name, 'photo.jpg'));
    }
    const out = join(folder(), 'same');
    const { code, stderr } = await run([
      ...['explain', join(folder(), 'a', 'photo.jpg'), join(folder(), 'b', 'photo.jpg'), '--target', 'tabby'],
      ...['--out', out, '--save', 'map'],
    ]);
    expect(code, stderr).to.equal(0);
    expect((await readdir(out)).sort()).to.deep.equal(['a-photo_grad-cam_tabby.npy', 'b-photo_grad-cam_tabby.npy']);
  });

  it('tells apart pictures that differ in their ending alone', async () => {
    await copyFile(sample('cat.jpg'), join(folder(), 'one.jpg'));
    await copyFile(sample('cat-and-dog.png'), join(folder(), 'one.png'));
    const out = join(folder(), 'endings');
    const { code, stdout, stderr } = await run([
      ...['explain', join(folder(), 'one.jpg'), join(folder(), 'one.png'), '--target', '3', '--json', '--force'],
      ...['--out', out, '--save', 'map', ...tiny],
    ]);
    expect(code, stderr).to.equal(0);
    expect(await readdir(out)).to.have.length(2);
    expect(new Set(json(stdout).map(({ files }) => (files as { map: string }).map))).to.have.property('size', 2);
  });

  it('--method all runs every method that applies to the model', async () => {
    const out = join(folder(), 'all');
    const { code, stdout, stderr } = await run([
      ...['explain', sample('cat.jpg'), '--method', 'all', '--json', '--out', out, '--save', 'report', ...tiny],
    ]);
    expect(code, stderr).to.equal(0);
    const inspected = JSON.parse((await run(['inspect', net('residual.torchscript.onnx'), '--json'])).stdout);
    expect(inspected.methods).to.include.members(['grad-cam', 'guided-backprop', 'occlusion']);
    expect(json(stdout).map(({ method }) => method)).to.deep.equal(inspected.methods);
  });
});

describe('saywhy explain: who reads what', () => {
  const folder = temporaryFolder();
  const command = (out: string): string[] => [
    ...['explain', sample('cat.jpg'), '--method', 'grad-cam,guided-grad-cam', '--out', out, '--save', 'map', ...tiny],
  ];

  it('nothing is coloured or redrawn off a terminal', async () => {
    const { stdout, stderr } = await run(command(join(folder(), 'file')));
    expect(stdout + stderr).to.not.include('\u001b');
    expect(stdout + stderr).to.not.include('\r');
  });

  it('on a terminal there is colour and progress, and the progress is gone in the end', async () => {
    const { stdout, stderr } = await run(command(join(folder(), 'terminal')), { terminal: true });
    expect(stdout).to.include('\u001b[1mcat.jpg\u001b[0m');
    expect(stderr).to.match(/\rresidual.torchscript: opening it/);
    const shown = stderr.split('\n').map((line) => line.split('\r').at(-1)!);
    expect(shown.at(-1), 'what the last line shows in the end').to.match(/^\s*$/);
  });

  it('NO_COLOR is heeded', async () => {
    const { stdout, stderr } = await run(command(join(folder(), 'plain')), { terminal: true, noColor: '1' });
    expect(stdout + stderr).to.not.include('\u001b');
  });
});
