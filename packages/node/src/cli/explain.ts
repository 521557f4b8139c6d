import { resolve } from 'node:path';
import type { Explanation, Picture } from '@saywhy/core';
import { findMethod, SaywhyError } from '@saywhy/core';
import { createFrom, type Explainer } from '../explainer.js';
import { refuseExisting, writeWhole } from '../files.js';
import { DEFAULT_MODEL } from '../models/bundled.js';
import { type LoadedModel, loadModel } from '../models/load.js';
import { loadPicture } from '../pictures/load.js';
import { type ReportEntry, reportHtml } from '../report/index.js';
import { checkDevice } from '../runtime/index.js';
import type { SaveKind } from '../save.js';
import { type AskOptions, askedOf } from './ask.js';
import { FAILED, messageOf } from './exit.js';
import { saveRun } from './explain-files.js';
import { printExplanation, printJson } from './explain-output.js';
import { uniqueNames } from './names.js';
import { checkPictures, type StatedOptions, statedOptions } from './stated.js';
import type { Terminal } from './terminal.js';

export interface ExplainCommandOptions extends AskOptions, StatedOptions {
  readonly model?: readonly string[];
  readonly method?: readonly string[];
  readonly layer?: readonly string[];
  readonly device: string;
  readonly out: string;
  readonly save?: readonly SaveKind[];
  readonly force?: boolean;
  readonly top: number;
  readonly json?: boolean;
}

/** One picture, explained with one model. */
export interface Run {
  readonly image: string;
  readonly path: string;
  readonly picture: Picture;
  readonly decode: number;
  readonly explainer: Explainer;
  readonly explanation: Explanation;
}

/** `saywhy explain` */
export async function explainCommand(
  images: readonly string[],
  options: ExplainCommandOptions,
  terminal: Terminal,
  command: readonly string[],
): Promise<void> {
  const kinds = options.save ?? ['overlay', 'map', 'report'];
  const report = kinds.includes('report') ? resolve(options.out, 'report.html') : undefined;
  await checkArguments(images, options, report);
  const explainers = await openModels(options, terminal);
  const entries: ReportEntry[] = [];
  const names = uniqueNames(images);
  const save = saveRun(options.out, kinds, options.force ?? false);
  try {
    for (const [i, path] of images.entries()) {
      try {
        const runs = await explainPicture(path, names[i]!, explainers, options, terminal);
        const files = await save(runs);
        runs.forEach((run, k) => {
          if (options.json) printJson(run, files[k]!, terminal);
          else printExplanation(run, terminal);
          if (report)
            entries.push({
              name: run.image,
              picture: run.picture,
              model: run.explainer.model,
              explanation: run.explanation,
            });
        });
        sayWarnings(runs, terminal);
      } catch (error) {
        // One picture that cannot be read should not cost the others' results.
        if (images.length === 1 || !(error instanceof SaywhyError) || !aboutThePicture.has(error.code)) throw error;
        terminal.fail(messageOf(error));
        process.exitCode = FAILED;
      }
    }
  } finally {
    await Promise.all(explainers.map((explainer) => explainer.dispose()));
  }
  if (report && entries.length > 0) {
    terminal.status('writing the report');
    await writeWhole(report, await reportHtml(entries, { command: commandLine(command) }), { force: options.force });
  }
  tellPlace(options, kinds, entries.length > 0 ? report : undefined, terminal);
}

const aboutThePicture = new Set([
  'not-a-picture',
  'invalid-picture',
  'picture-too-large',
  'unsupported-picture',
  'fetch-failed',
]);

/** What can be known to be wrong before anything slow starts. */
async function checkArguments(
  images: readonly string[],
  options: ExplainCommandOptions,
  report: string | undefined,
): Promise<void> {
  for (const name of options.method ?? []) if (name !== 'all') findMethod(name);
  await checkPictures(images);
  if (report && !options.force) await refuseExisting([report]);
  if (options.device !== 'auto') await checkDevice(options.device);
}

async function openModels(options: ExplainCommandOptions, terminal: Terminal): Promise<Explainer[]> {
  const sources = options.model ?? [DEFAULT_MODEL];
  const stated = { device: options.device, ...(await statedOptions(options)) };
  const loaded: LoadedModel[] = [];
  for (const source of sources) loaded.push(await loadModel(source, { onProgress: terminal.progress(source) }));
  const names = uniqueNames(
    loaded.map(({ path, name }) => path ?? name),
    loaded.map(({ name }) => name),
  );
  const explainers: Explainer[] = [];
  for (const [i, model] of loaded.entries()) {
    const onProgress = terminal.progress(names[i]!);
    explainers.push(await createFrom({ ...model, name: names[i]! }, { ...stated, onProgress }));
  }
  return explainers;
}

async function explainPicture(
  path: string,
  image: string,
  explainers: readonly Explainer[],
  options: ExplainCommandOptions,
  terminal: Terminal,
): Promise<Run[]> {
  const start = performance.now();
  const picture = await loadPicture(path);
  const decode = performance.now() - start;
  const runs: Run[] = [];
  for (const explainer of explainers) {
    const { methods, name: model } = explainer.model;
    const progress = (what: readonly string[]) => terminal.progress([image, model, ...what].join(', '));
    for (const { input, target, name } of await askedOf(explainer, picture, options, progress([]))) {
      const explanation = await explainer.explain(input, {
        method: options.method?.flatMap((method) => (method === 'all' ? methods : [method])) ?? ['grad-cam'],
        ...(target !== undefined && { target }),
        layer: options.layer ?? 'auto',
        top: options.top,
        onProgress: progress(name === undefined ? [] : [name]),
      });
      runs.push({ image, path, picture, decode, explainer, explanation });
    }
  }
  return runs;
}

/** Each once, however many models or methods give it. */
function sayWarnings(runs: readonly Run[], terminal: Terminal): void {
  const messages = runs.flatMap(({ image, explanation }) =>
    explanation.warnings.map(({ message }) => `${image}: ${message}`),
  );
  for (const message of new Set(messages)) terminal.warn(message);
}

function tellPlace(
  { out, json }: ExplainCommandOptions,
  kinds: readonly SaveKind[],
  report: string | undefined,
  terminal: Terminal,
): void {
  const tell = (line: string): void => (json ? terminal.say(line) : terminal.print(line));
  if (kinds.some((kind) => kind !== 'report')) tell(`Files:  ${resolve(out)}`);
  if (report) tell(`Report: ${report}`);
}

/** The command as it can be typed again. */
export const commandLine = (words: readonly string[]): string =>
  words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');
