import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { run, sample, temporaryFolder } from './run.js';

const scene = sample('scenes/star-and-circle.png');
const json = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('saywhy explain --ask and --caption', () => {
  const folder = temporaryFolder();

  it('answers each question, with a map of its own, in one report', async () => {
    const out = join(folder(), 'asked');
    const asked = ['what colour is the circle?', 'what shape is the yellow thing?'];
    const { code, stdout, stderr } = await run([
      ...['explain', scene, '--model', 'scenes-vqa', '--json', '--out', out],
      ...asked.flatMap((question) => ['--ask', question]),
    ]);
    expect(code, stderr).to.equal(0);
    const lines = json(stdout);
    expect(lines.map(({ texts, target }) => [texts.question, target.label])).to.deep.equal([
      [asked[0], 'red'],
      [asked[1], 'star'],
    ]);
    const report = await readFile(join(out, 'report.html'), 'utf8');
    for (const question of asked)
      expect(report).to.include(`Asked “${question}”`).and.to.include(`<h2>${question}</h2>`);
    expect(await readdir(out)).to.include.members([
      'star-and-circle_grad-cam_red.png',
      'star-and-circle_grad-cam_star.npy',
    ]);
  });

  it('gives each word of a caption its own map, and one to the whole', async () => {
    const out = join(folder(), 'caption');
    const { code, stdout, stderr } = await run([
      ...['explain', scene, '--model', 'scenes-caption', '--caption', '--beam', '2', '--json', '--out', out],
    ]);
    expect(code, stderr).to.equal(0);
    const lines = json(stdout);
    const text = 'a yellow star left of a red circle';
    expect(lines.map(({ target }) => target.text)).to.deep.equal([...text.split(' '), text]);
    for (const { caption } of lines) {
      expect(caption.text).to.equal(text);
      expect(caption.words[7]).to.include({ token: 'circle', at: 7 });
    }
    const report = await readFile(join(out, 'report.html'), 'utf8');
    expect(report).to.include(`says <b>“${text}”</b>`);
    expect([...report.matchAll(/<figure class="card">/g)]).to.have.length(9);
    const files = lines.map(({ files }) => files.map);
    expect(new Set(files).size, 'a file for each, also of the word that comes twice').to.equal(9);
  });

  it('says a target of one word, and the caption that it stands in', async () => {
    const { code, stdout, stderr } = await run([
      ...['explain', scene, '--model', 'scenes-caption', '--target', 'circle', '--target', '{"token":"square","at":7}'],
      ...['--out', join(folder(), 'words'), '--save', 'map'],
    ]);
    expect(code, stderr).to.equal(0);
    expect(stdout)
      .to.match(/"a yellow star left of a red circle" \(100 %\)/)
      .and.to.match(/grad-cam +square/);
  });

  it('says what is wrong with the question, and that it is the command line', async () => {
    const asked = (...argv: string[]) => run(['explain', scene, '--out', join(folder(), 'wrong'), ...argv]);
    const cases: readonly [string[], RegExp][] = [
      [['--model', 'scenes-vqa'], /answers questions.*--ask/],
      [['--model', 'scenes-vqa', '--ask', 'what color is the cirle?'], /"cirle".*"circle"/],
      [['--model', 'scenes-vqa', '--caption'], /writes no captions, it answers questions/],
      [['--model', 'scenes-caption', '--ask', 'what is there?'], /takes no questions, it writes captions/],
      [['--ask', 'what is there?'], /looks at pictures alone/],
      [['--model', 'scenes-caption', '--caption', '--beam', '0'], /--beam is a number of captions/],
      [['--model', 'scenes-vqa', '--ask', 'is there a star?', '--target', 'maybe'], /No class is called "maybe"/],
    ];
    for (const [argv, message] of cases) {
      const { code, stderr } = await asked(...argv);
      expect(stderr, argv.join(' ')).to.match(message);
      expect(code, argv.join(' ')).to.equal(2);
    }
  });

  it('inspect says what the inputs want', async () => {
    const vqa = await run(['inspect', 'scenes-vqa']);
    expect(vqa.stdout).to.match(/image: float32 \[batch, 3, 96, 96\] \(the picture\)/);
    expect(vqa.stdout).to.match(/question: int64 \[batch, 12\] \(a text of 38 words: what, which, /);
    const [info] = json((await run(['inspect', 'scenes-caption', '--json'])).stdout);
    expect(info.inputs.map(({ kind }: { kind: string }) => kind)).to.deep.equal(['picture', 'caption']);
  });
});
