import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { run, sample, temporaryFolder } from './run.js';

const cat = sample('cat.jpg');

/** What is typed after `saywhy`, the exit code, and what the one line of the error has to say. `OUT` is an empty folder. */
const cases: readonly (readonly [argv: readonly string[], code: number, says: RegExp])[] = [
  [['explan', cat], 2, /unknown command 'explan'\n\(Did you mean explain\?\)/],
  [['explain'], 2, /missing required argument 'image'/],
  [['explain', cat, '--metod', 'x'], 2, /unknown option '--metod'\n\(Did you mean --method\?\)/],
  [['explain', cat, '--method', 'grad-cem'], 2, /Unknown method "grad-cem"\. Did you mean grad-cam\?/],
  [['explain', cat, '--target', 'tabbi'], 2, /No class is called "tabbi"\. Did you mean "tabby"/],
  [['explain', cat, '--target', '1000'], 2, /no class 1000.*from 0 to 999/],
  [['explain', cat, '--layer', '_block.9'], 2, /no layer or tensor "_block\.9".*"_blocks\.9"/],
  [
    ['explain', cat, '--model', 'efficientnet-lite1'],
    2,
    /no model "efficientnet-lite1".*Did you mean efficientnet-lite0/,
  ],
  [['explain', cat, '--device', 'gpu'], 2, /Unknown device "gpu".*auto, cpu, cuda, webgpu/],
  [['explain', cat, '--top', '0'], 2, /--top is a number of classes from 1 on, not "0"/],
  [['explain', cat, '--save', 'overlai'], 2, /save does not know "overlai"\. Did you mean overlay\?/],
  [['explain', cat, '--preprocess', 'OUT/none.json'], 2, /no file with preprocessing steps.*none\.json/],
  [['explain', cat, '--preprocess', 'OUT/notes.txt'], 2, /notes\.txt is not JSON/],
  [['explain', cat, '--preprocess', 'OUT/steps.json'], 2, /steps\.json: .*size/],
  [['explain', cat, '--labels', 'OUT/none.txt'], 2, /no file of labels .*none\.txt/],
  [['explain', cat, '--labels', 'OUT/steps.json'], 2, /steps\.json holds no labels/],
  [['explain', 'OUT/none.jpg'], 2, /There is no picture .*none\.jpg/],
  [['explain', 'OUT'], 2, /OUT is a folder, not a picture/],
  [['explain', 'OUT/notes.txt'], 1, /notes\.txt is not a picture that saywhy can read/],
  [['explain', 'OUT/empty.png'], 1, /empty\.png is empty: 0 bytes/],
  [['explain', cat, '--model', 'OUT/notes.txt'], 1, /notes\.txt: These 21 bytes hold no ONNX model/],
  [['explain', cat, '--model', 'OUT/empty.png'], 1, /empty\.png is empty/],
  [['explain', cat, '--model', cat], 1, /cat\.jpg is a picture, not an ONNX model/],
  [['explain', cat, '--model', 'OUT/model.pt'], 1, /model\.pt is a zip archive, as PyTorch.*torch\.onnx\.export/],
  [['explain', cat, '--model', 'OUT'], 2, /folder OUT holds no ONNX model/],
  [['inspect'], 2, /missing required argument 'model'/],
  [['inspect', 'OUT/none.onnx'], 2, /no model "OUT\/none\.onnx"/],
  [['prepare', 'efficientnet-lite0'], 2, /required option '--out <file>'/],
  [['prepare', 'efficientnet-lite0', '--out', 'OUT/p.onnx', '--wrt', '_block.9'], 2, /"_block\.9"/],
  [['prepare', 'efficientnet-lite0', '--out', 'OUT/notes.txt'], 2, /notes\.txt is already there/],
];

describe('saywhy: what is wrong is named, what is near is said, and the exit code tells whose fault it is', () => {
  const folder = temporaryFolder();
  before(async () => {
    await writeFile(join(folder(), 'notes.txt'), 'no picture, no model\n');
    await writeFile(join(folder(), 'empty.png'), '');
    await writeFile(join(folder(), 'steps.json'), '{ "size": "large" }');
    await writeFile(join(folder(), 'model.pt'), 'PK\x03\x04 and so on');
  });

  for (const [argv, code, says] of cases) {
    it(`saywhy ${argv.join(' ').replaceAll(cat, 'cat.jpg')}`, async () => {
      const there = await readdir(folder());
      const words = argv.map((word) => word.replace('OUT', folder()));
      const outcome = await run(words[0] === 'explain' ? [...words, '--out', join(folder(), 'out')] : words);
      expect(outcome.stderr.replaceAll(folder(), 'OUT')).to.match(says);
      expect(outcome.code).to.equal(code);
      expect(outcome.stdout, 'stdout is for results').to.equal('');
      expect(outcome.stderr, 'no stack for the user').to.not.match(/\n\s+at /);
      expect(await readdir(folder()), 'nothing is left behind').to.deep.equal(there);
    });
  }

  it('a device that cannot start is refused with what is missing, or starts', async () => {
    for (const device of ['cuda', 'webgpu']) {
      const { code, stderr } = await run(['explain', cat, '--device', device, '--out', join(folder(), device)]);
      if (code === 0) continue;
      expect(code).to.equal(1);
      expect(stderr).to.match(new RegExp(`Device "${device}" cannot be used: .{20,}Use cpu, or auto\\.`));
    }
  });

  it('saywhy alone tells what there is', async () => {
    const { code, stderr } = await run([]);
    expect(code).to.equal(2);
    expect(stderr).to.match(/Usage: saywhy/);
  });

  it('--help and --version are no failures', async () => {
    expect((await run(['--help'])).code).to.equal(0);
    expect((await run(['explain', '--help'])).stdout).to.include('--target <target>');
    expect((await run(['--version'])).stdout).to.match(/^\d+\.\d+\.\d+\n$/);
  });
});
