import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseModel } from '@saywhy/autodiff';
import { decodeNpy, methods } from '@saywhy/node';
import { expect } from 'chai';
import * as ort from 'onnxruntime-node';
import { net, run, sample, temporaryFolder } from './run.js';

const lines = (stdout: string): Record<string, never>[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('saywhy methods, saywhy models', () => {
  it('list the registry', async () => {
    const { stdout } = await run(['methods', '--json']);
    expect(lines(stdout).map(({ name }) => name)).to.deep.equal(methods.map(({ name }) => name));
    const text = (await run(['methods'])).stdout;
    const rows = text.split('\n').map((line) => line.split(/ {2,}/));
    for (const { name, title } of methods) expect(rows.find(([first]) => first === name)?.[1]).to.equal(title);
  });

  it('list the bundled models, which are where they say', async () => {
    const { stdout } = await run(['models', '--json']);
    const models = lines(stdout) as unknown as { name: string; path: string; bytes: number }[];
    expect(models.map(({ name }) => name)).to.include('efficientnet-lite0');
    for (const { path, bytes } of models) expect((await readFile(path)).length).to.equal(bytes);
    expect((await run(['models'])).stdout).to.include('efficientnet-lite0 (the default)');
  });
});

describe('saywhy inspect', () => {
  it('tells people', async () => {
    const { code, stdout } = await run(['inspect', 'efficientnet-lite0']);
    expect(code).to.equal(0);
    expect(stdout).to.match(/^input +input: float32 \[batch, 3, 224, 224\]/m);
    expect(stdout).to.match(/^scores +logits/m);
    expect(stdout).to.match(/^labels +1000: tench/m);
    expect(stdout).to.match(/^devices +.*cpu/m);
    expect(stdout).to.match(/^\* _swish_1 +\[batch, 1280, 7, 7\]/m);
  });

  it('tells programs', async () => {
    const { stdout, stderr } = await run(['inspect', net('vit.torchscript.onnx'), '--json']);
    expect(stderr).to.equal('');
    const [info] = lines(stdout);
    expect(info).to.include.keys(
      'name',
      'path',
      'inputs',
      'outputs',
      'scores',
      'layers',
      'layer',
      'methods',
      'devices',
      'warnings',
    );
    expect(lines(stdout)).to.have.length(1);
  });
});

describe('saywhy prepare', () => {
  const folder = temporaryFolder();

  it('writes a file that any runtime can run, and that explains as the plain one does', async () => {
    const plain = net('residual.torchscript.onnx');
    const out = join(folder(), 'prepared.onnx');
    const { code, stdout, stderr } = await run(['prepare', plain, '--out', out, '--wrt', 'auto,input']);
    expect(code, stderr).to.equal(0);
    expect(stdout).to.include(out);

    const session = await ort.InferenceSession.create(out);
    expect(session.inputNames).to.deep.equal(['input', 'cotangent/logits']);
    expect(session.outputNames).to.include.members(['logits', 'gradient/input']);
    const data = Float32Array.from({ length: 3 * 32 * 32 }, (_, i) => Math.sin(i));
    const results = await session.run({
      input: new ort.Tensor('float32', data, [1, 3, 32, 32]),
      'cotangent/logits': new ort.Tensor(
        'float32',
        Float32Array.from({ length: 10 }, (_, i) => Number(i === 2)),
        [1, 10],
      ),
    });
    expect(results['gradient/input']!.dims).to.deep.equal([1, 3, 32, 32]);

    const maps: Float32Array[] = [];
    for (const [i, model] of [plain, out].entries()) {
      const place = join(folder(), String(i));
      await run(['explain', sample('cat.jpg'), '--model', model, '--target', '2', '--out', place, '--save', 'raw']);
      maps.push(decodeNpy(await readFile(join(place, 'cat_grad-cam_2.raw.npy'))).data);
    }
    for (const [i, value] of maps[0]!.entries()) expect(maps[1]![i]!).to.be.closeTo(value, 1e-6);
  });

  it('keeps labels and preprocessing in the file, and can prepare it again', async () => {
    const labels = join(folder(), 'labels.txt');
    const once = join(folder(), 'once.onnx');
    const twice = join(folder(), 'twice.onnx');
    await writeFile(labels, Array.from({ length: 10 }, (_, i) => `class, number ${i}`).join('\n'));
    const plain = net('residual.torchscript.onnx');
    expect(
      (await run(['prepare', plain, '--out', once, '--labels', labels, '--preprocess', 'imagenet'])).code,
    ).to.equal(0);
    expect((await run(['prepare', once, '--out', twice])).code).to.equal(0);
    const { metadata, graph } = parseModel(await readFile(twice));
    expect(JSON.parse(metadata.get('saywhy.labels')!)).to.deep.equal(
      Array.from({ length: 10 }, (_, i) => `class, number ${i}`),
    );
    expect(JSON.parse(metadata.get('saywhy.preprocess')!).channels).to.equal('RGB');
    expect(graph.outputs.filter(({ name }) => name.startsWith('gradient/'))).to.have.length(1);
  });
});
