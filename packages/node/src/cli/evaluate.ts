import { resolve } from 'node:path';
import { findMethod, type Method, SaywhyError } from '@saywhy/core';
import { metrics as allMetrics, baselines, findMetric, type Metric } from '@saywhy/core/metrics';
import { type Case, casesFor, inputOf, readCases } from '../evaluate/cases.js';
import { summaryCsv, valuesCsv } from '../evaluate/csv.js';
import { evaluationHtml } from '../evaluate/page.js';
import { type Results, ResultsFile } from '../evaluate/results.js';
import { runCases } from '../evaluate/run.js';
import { type Cell, summaryOf } from '../evaluate/summary.js';
import { createFrom } from '../explainer.js';
import { writeWhole } from '../files.js';
import { DEFAULT_MODEL } from '../models/bundled.js';
import { loadModel } from '../models/load.js';
import { checkDevice } from '../runtime/index.js';
import { printCells, printMetrics } from './evaluate-output.js';
import { FAILED } from './exit.js';
import { commandLine } from './explain.js';
import { checkPictures, type StatedOptions, statedOptions } from './stated.js';
import type { Terminal } from './terminal.js';

export interface EvaluateCommandOptions extends StatedOptions {
  readonly model?: string;
  readonly method?: readonly string[];
  readonly metric?: readonly string[];
  readonly target?: readonly string[];
  readonly masks?: string;
  readonly layer: string;
  readonly device: string;
  readonly out: string;
  readonly seed: number;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** `saywhy evaluate` */
export async function evaluateCommand(
  images: readonly string[],
  options: EvaluateCommandOptions,
  terminal: Terminal,
  command: readonly string[],
): Promise<void> {
  if (options.metric?.includes('list')) return printMetrics(allMetrics, options.json ?? false, terminal);
  const metrics = chosenMetrics(options.metric);
  for (const name of options.method ?? []) if (name !== 'all') methodCalled(name);
  const cases = await chosenCases(images, options);
  if (options.device !== 'auto') await checkDevice(options.device);

  const start = performance.now();
  const loaded = await loadModel(options.model ?? DEFAULT_MODEL, { onProgress: terminal.progress('model') });
  const explainerOptions = { device: options.device, ...(await statedOptions(options)) };
  await using explainer = await createFrom(loaded, { ...explainerOptions, onProgress: terminal.progress(loaded.name) });
  const methods = chosenMethods(options.method, explainer.model.methods);
  const { provenance } = await explainer.predict(await inputOf(cases[0]!, explainer.model.picture), { top: 1 });
  const file = await ResultsFile.open(
    resolve(options.out, 'evaluation.json'),
    {
      model: explainer.model.name,
      ...(provenance.model.sha256 !== undefined && { sha256: provenance.model.sha256 }),
      scores: `${explainer.model.scores.tensor} (${explainer.model.scores.kind})`,
      ...(provenance.preprocess && { preprocess: provenance.preprocess }),
      layer: options.layer,
      seed: options.seed,
      device: explainer.device,
      versions: provenance.versions,
    },
    options.force ?? false,
  );
  if (file.before > 0) terminal.say(`${file.path} has ${file.before} values already: going on from there.`);

  const stopping = new AbortController();
  const stop = () => stopping.abort(new SaywhyError('stopped', 'Stopped.'));
  process.once('SIGINT', stop);
  let stopped = false;
  try {
    const onProgress = (text: string, done: number, total: number) =>
      terminal.status(`${Math.round((100 * done) / total)} %  ${text}`);
    const run = { loaded, explainer, explainerOptions, methods, metrics, layer: options.layer, seed: options.seed };
    await runCases(cases, file, { ...run, signal: stopping.signal, onProgress });
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
    stopped = true;
  } finally {
    process.off('SIGINT', stop);
  }

  const cells = summaryOf(
    file.results,
    methods.map(({ name }) => name),
    metrics,
  );
  await writeAll(options.out, file.results, cells, { methods, metrics, command: commandLine(command) });
  if (options.json) for (const cell of cells) terminal.print(JSON.stringify(cell));
  else printCells(cells, methods, metrics, terminal);
  const tell = (line: string): void => (options.json ? terminal.say(line) : terminal.print(line));
  tell(`Values: ${file.path}, values.csv and summary.csv beside it`);
  tell(`Report: ${resolve(options.out, 'evaluation.html')}`);
  if (stopped) {
    process.exitCode = FAILED;
    terminal.say('Stopped: what was measured is kept, and the same command goes on from there.');
  } else terminal.say(`Took ${((performance.now() - start) / 1000).toFixed(1)} s.`);
}

async function writeAll(
  out: string,
  results: Results,
  cells: readonly Cell[],
  page: { readonly methods: readonly Method[]; readonly metrics: readonly Metric[]; readonly command: string },
): Promise<void> {
  await writeWhole(resolve(out, 'values.csv'), valuesCsv(results), { force: true });
  await writeWhole(resolve(out, 'summary.csv'), summaryCsv(cells), { force: true });
  await writeWhole(resolve(out, 'evaluation.html'), evaluationHtml(results, cells, page), { force: true });
}

async function chosenCases(images: readonly string[], options: EvaluateCommandOptions): Promise<Case[]> {
  const known = options.masks === undefined ? [] : await readCases(options.masks);
  if (images.length === 0 && known.length === 0)
    throw new SaywhyError('invalid-option', 'Name pictures, or a file with cases by --masks.');
  const cases = casesFor(images, options.target ?? [], known);
  await checkPictures(cases.map(({ image }) => image));
  return cases;
}

function chosenMetrics(names: readonly string[] | undefined): Metric[] {
  if (!names || names.includes('all')) return [...allMetrics];
  return [...new Set(names.map((name) => findMetric(name)))];
}

function methodCalled(name: string): Method {
  return baselines.find((method) => method.name === name) ?? findMethod(name);
}

/** All that apply to the model, and the baselines. */
function chosenMethods(names: readonly string[] | undefined, applying: readonly string[]): Method[] {
  const every = [...applying, ...baselines.map(({ name }) => name)];
  const wanted = names ? names.flatMap((name) => (name === 'all' ? every : [name])) : every;
  return [...new Set(wanted.map(methodCalled))];
}
