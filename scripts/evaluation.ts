// Measures what docs/evaluation.md tells and writes its tables: `npm run evaluation`. A run that was stopped goes on where it was; --fresh begins anew.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { methods } from '@saywhy/core';
import { main } from '../packages/node/src/cli/main.js';
import type { Results } from '../packages/node/src/evaluate/results.js';
import { composeAnimals } from './evaluation/animals.js';
import { askScenes, captionScenes } from './evaluation/scenes.js';
import { listOfMetrics, metricTable, paperTable, timeTable } from './evaluation/tables.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'saywhy-out/evaluation');
const page = join(root, 'docs/evaluation.md');
const questions = join(root, 'models/scenes-vqa.onnx');
const captioner = join(root, 'models/scenes-caption.onnx');

const faithful = [
  'insertion',
  'deletion',
  'average-drop',
  'average-increase',
  'road',
  'occlusion-correlation',
  'infidelity',
];
const placed = [
  'pointing-game',
  'pointing-game-grown',
  'energy-pointing',
  'localisation-error',
  'inside-outside',
  'segmentation-iou',
  'class-discrimination',
];
const trusted = ['sanity-cascading', 'sanity-independent', 'sensitivity', 'complexity', 'sparseness'];

if (process.argv.includes('--fresh')) await rm(folder, { recursive: true, force: true });
const animals = await evaluated('animals', await composeAnimals(join(folder, 'animals/pictures')), []);
const asked = [...placed, 'occlusion-correlation', 'sanity-cascading'];
const scenes = await evaluated('scenes', await askScenes(join(folder, 'scenes')), [
  ...['--model', questions],
  ...['--metric', asked.join()],
]);
// Occlusion would run the model hundreds of times for each word.
const quick = methods.filter(({ needs }) => !needs.includes('runs')).map(({ name }) => name);
const said = await evaluated('captions', await captionScenes(join(folder, 'captions')), [
  ...['--model', captioner],
  ...['--method', [...quick.filter((name) => name !== 'cam'), 'random', 'centre'].join()],
  ...['--metric', placed.join()],
]);

await fill({
  metrics: listOfMetrics(),
  paper: paperTable({ animals, scenes, captions: said }),
  faithful: metricTable(animals, faithful),
  placed: metricTable(animals, placed),
  trusted: metricTable(animals, trusted),
  scenes: metricTable(scenes, asked),
  captions: metricTable(said, placed),
  time: timeTable(animals),
});

async function evaluated(name: string, cases: string, options: readonly string[]): Promise<Results> {
  const out = join(folder, name);
  await main(['evaluate', '--masks', cases, '--out', out, ...options]);
  if (process.exitCode !== 0) process.exit();
  return JSON.parse(await readFile(join(out, 'evaluation.json'), 'utf8')) as Results;
}

/** Between its marks, each table is made here. */
async function fill(tables: Readonly<Record<string, string>>): Promise<void> {
  let text = await readFile(page, 'utf8');
  for (const [name, table] of Object.entries(tables)) {
    const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`docs/evaluation.md has no place for the table "${name}".`);
    text = `${text.slice(0, from)}${begin}\n${table}\n${text.slice(to)}`;
  }
  await writeFile(page, text);
}
