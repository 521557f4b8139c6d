// Tables of docs/evaluation.md, made of what `saywhy evaluate` measured.
import { methods } from '@saywhy/core';
import { metrics as allMetrics, baselines, findMetric } from '@saywhy/core/metrics';
import type { Results } from '../../packages/node/src/evaluate/results.js';
import { type Cell, mapTimes, summaryOf } from '../../packages/node/src/evaluate/summary.js';

const every = [...methods, ...baselines];
const names = every.map(({ name }) => name);

/** Methods by metrics, with 95 % intervals. */
export function metricTable(results: Results, wanted: readonly string[]): string {
  const metrics = wanted.map(findMetric);
  const cells = summaryOf(results, names, metrics);
  const rows = every
    .filter(({ name }) => cells.some(({ method }) => method === name))
    .map(({ name, title }) => [title, ...metrics.map((metric) => withInterval(cellOf(cells, name, metric.name)))]);
  return table([['', ...metrics.map(({ title, better }) => `${title} ${better === 'higher' ? '↑' : '↓'}`)], ...rows]);
}

/** Every metric with what it measures. */
export function listOfMetrics(): string {
  const rows = allMetrics.map(({ name, title, what, better, paper }) => [
    `\`${name}\``,
    `**${title}.** ${what} ([${paper.title}](${paper.url}))`,
    better,
  ]);
  return table([['', 'What it measures', 'Better'], ...rows]);
}

/** What a map costs, in milliseconds. */
export function timeTable(results: Results): string {
  const rows = mapTimes(results, names).map(({ method, milliseconds }) => [
    every.find(({ name }) => name === method)!.title,
    `${milliseconds >= 10 ? Math.round(milliseconds) : milliseconds.toFixed(1)} ms`,
  ]);
  return table([['', 'a map, median'], ...rows]);
}

/** What the paper reports and what is measured here, side by side. */
export function paperTable(measured: Readonly<Record<'animals' | 'scenes' | 'captions', Results>>): string {
  const columns = ['grad-cam', 'guided-backprop', 'guided-grad-cam'];
  const metrics = paperMetrics.map(findMetric);
  const rows = (what: string, paper: string, metric: string, data: readonly (keyof typeof measured)[]) =>
    data.map((name, i) => {
      const cells = summaryOf(measured[name], names, metrics);
      const numbers = columns.map((method) => withInterval(cellOf(cells, method, metric)));
      return [i === 0 ? what : '', i === 0 ? paper : '', shown[name], ...numbers];
    });
  const [photographs, drawn] = [['animals'], ['scenes']] as const;
  return table([
    ['What', 'Paper: Grad-CAM / guided backprop / both', 'Ours on', 'Grad-CAM', 'Guided backprop', 'Guided Grad-CAM'],
    ...rows(
      'Class discrimination (the paper asks people: right answers)',
      '– / 44.4 % / 61.2 %',
      'class-discrimination',
      [...photographs, ...drawn],
    ),
    ...rows('Rank correlation with occlusion', '.254 / .168 / .261', 'occlusion-correlation', photographs),
    ...rows('The same, of answers to questions', '.60 / .42 / –', 'occlusion-correlation', drawn),
    ...rows('Pointing game (the paper: COCO, with rejection)', '70.6 % / – / –', 'pointing-game', [
      ...photographs,
      ...drawn,
    ]),
    ...rows('Pointing game, each word of a caption', '30.0 % / – / –', 'pointing-game', ['captions']),
    ...rows('Inside/outside ratio, each word of a caption', '3.27 / 2.32 / 6.38', 'inside-outside', ['captions']),
    ...rows('Localisation error, box at 15 % (the paper: ILSVRC, VGG-16)', '56.5 % / – / –', 'localisation-error', [
      ...photographs,
      ...drawn,
    ]),
    ...rows('Weak segmentation IoU (the paper: after training on the maps)', '49.6 % / – / –', 'segmentation-iou', [
      ...photographs,
      ...drawn,
    ]),
    ...rows('Sanity check, cascading (Adebayo et al.)', 'passes / fails / fails', 'sanity-cascading', [
      ...photographs,
      ...drawn,
    ]),
  ]);
}

const shown = { animals: 'animals', scenes: 'questions', captions: 'captions' } as const;

const paperMetrics = [
  'class-discrimination',
  'occlusion-correlation',
  'pointing-game',
  'localisation-error',
  'segmentation-iou',
  'inside-outside',
  'sanity-cascading',
];

function cellOf(cells: readonly Cell[], method: string, metric: string): Cell | undefined {
  return cells.find((cell) => cell.method === method && cell.metric === metric);
}

function withInterval(cell: Cell | undefined): string {
  if (!cell) return '–';
  const { value, interval } = cell;
  return interval ? `${short(value)} (${short(interval[0])} to ${short(interval[1])})` : short(value);
}

function short(value: number): string {
  if (!Number.isFinite(value)) return '∞';
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 || size === 0 ? 2 : 3;
  const text = value.toFixed(digits);
  return text.replace(/^-(0\.?0*)$/, '$1').replace('-', '\u2212');
}

function table(rows: readonly (readonly string[])[]): string {
  const [head, ...body] = rows.map((row) => `| ${row.join(' | ')} |`);
  return [head, `|${'---|'.repeat(rows[0]!.length)}`, ...body].join('\n');
}
