// Detection, segmentation and embedding on the command line.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { run, sample, temporaryFolder } from './run.js';

const model = (name: string) => fileURLToPath(new URL(`../../../models/${name}.onnx`, import.meta.url));
const lines = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('saywhy explain, of other tasks', () => {
  const folder = temporaryFolder();

  it('a detector: boxes in words, as JSON and in the report', async () => {
    const out = join(folder(), 'faces');
    const said = await run(['explain', sample('astronaut.jpg'), '--model', 'blazeface', '--top', '2', '--out', out]);
    expect(said.code, said.stderr).to.equal(0);
    expect(said.stdout).to.match(/92 % +face +logit 2\.45 +box 95 × 95 at 179, 82\n/);
    const report = await readFile(join(out, 'report.html'), 'utf8');
    expect(report).to.include('box 95 × 95 at 179, 82').and.to.include('face in the box 179,82,95,95');

    const asked = ['--target', 'box:185,85,80,95:face', '--save', 'map', '--json', '--out', join(out, 'json')];
    const { code, stdout } = await run(['explain', sample('astronaut.jpg'), '--model', 'blazeface', ...asked]);
    expect(code).to.equal(0);
    const [line] = lines(stdout);
    expect(line.target).to.deep.equal({ text: 'box:185,85,80,95:face', index: 0, label: 'face' });
    expect(line.predictions[0].box.width).to.be.closeTo(94.7, 0.1);
  });

  it('a detector read as told', async () => {
    const inspect = (...more: string[]) => run(['inspect', 'blazeface', '--json', ...more]);
    const boxes = async (...more: string[]) => JSON.parse((await inspect(...more)).stdout).scores.detection;
    const found = await boxes();
    const told = { format: 'xyxy', firstClass: 0, activation: 'none' };
    const said = Object.entries(told).map(([name, value]) => `${name}=${value}`);
    const once = await boxes('--detection', said.join(','));
    expect(once)
      .to.deep.equal({ ...found, ...told })
      .and.not.deep.equal(found);
    expect(await boxes('--detection', said[0]!, '--detection', said.slice(1).join(','))).to.deep.equal(once);

    const explain = (...more: string[]) =>
      run([
        'explain',
        sample('astronaut.jpg'),
        '--model',
        'blazeface',
        '--out',
        join(folder(), 'told'),
        '--force',
        ...more,
      ]);
    const right = await explain('--detection', 'format=cxcywh');
    expect(right.stdout).to.match(/92 % +face .*box 95 × 95 at 179, 82\n/);
    const wrong = await explain('--detection', 'format=corners');
    expect([wrong.code, wrong.stderr]).to.satisfy(
      ([code, text]: [number, string]) => code === 2 && /format: "corners".*xyxy/.test(text),
    );
    const bare = await explain('--detection', 'format');
    expect([bare.code, bare.stderr]).to.satisfy(
      ([code, text]: [number, string]) => code === 2 && /"format" is no name and value/.test(text),
    );
  });

  it('a segmentation: shares, regions and classes', async () => {
    const { code, stdout, stderr } = await run([
      ...['explain', sample('scenes/star-and-circle.png'), '--model', model('scenes-segmentation'), '--json'],
      ...[
        '--target',
        'mask:60,20,130,130:yellow star',
        '--target',
        'top2',
        '--save',
        'map',
        '--out',
        join(folder(), 's'),
      ],
    ]);
    expect(code, stderr).to.equal(0);
    expect(lines(stdout).map(({ target }) => target.text)).to.deep.equal([
      'mask:60,20,130,130:yellow star',
      'background',
      'red circle',
    ]);
    expect(lines(stdout)[0].predictions[1].share).to.be.closeTo(0.056, 0.001);
  });

  it('an embedding: another picture by its path', async () => {
    const asked = (picture: string, out: string) =>
      run([
        ...['explain', sample('cat-and-dog.png'), '--scores', '/Flatten_output_0', '--score-kind', 'embedding'],
        ...['--target', `similar:${picture}`, '--target', JSON.stringify({ not: { similarTo: picture } })],
        ...['--out', join(folder(), out)],
      ]);
    const { code, stdout, stderr } = await asked(sample('dog.jpg'), 'e');
    expect(code, stderr).to.equal(0);
    expect(stdout).to.match(/grad-cam {2}similar\b/);
    expect(stdout).to.match(/grad-cam {2}not:similar/);
    const missing = await asked('nowhere.jpg', 'nothing');
    expect(missing.code).to.not.equal(0);
    expect(missing.stderr).to.include('There is no picture nowhere.jpg');
  });

  it('refuses what the scores have not, and kinds that there are not', async () => {
    const out = ['--out', join(folder(), 'none')];
    const wrong = await run(['explain', sample('dog.jpg'), '--target', 'box:1,2,3,4', ...out]);
    expect(wrong.code).to.equal(2);
    expect(wrong.stderr).to.match(/`box` asks of a model for detection/);
    const unknown = await run(['explain', sample('dog.jpg'), '--score-kind', 'segmentaton', ...out]);
    expect(unknown.code).to.equal(2);
    expect(unknown.stderr).to.match(/Did you mean segmentation/);
  });
});
