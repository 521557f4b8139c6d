// What has been measured so far, on the disk: written whole or not at all after each value, so that a run that was stopped goes on where it was.
import { readFile } from 'node:fs/promises';
import { type Preprocess, SaywhyError } from '@saywhy/core';
import { writeWhole } from '../files.js';

/** What a value depends on beside picture, target, method and metric: results of others are not mixed. */
export interface Settings {
  readonly model: string;
  readonly sha256?: string;
  /** The explained tensor, and what it is taken for. */
  readonly scores: string;
  readonly preprocess?: Preprocess;
  readonly layer: string;
  readonly seed: number;
  readonly device: string;
  readonly versions: Readonly<Record<string, string>>;
}

export interface Value {
  readonly method: string;
  readonly metric: string;
  /** Of a sanity check: which of its randomised models. */
  readonly stage?: number;
  /** JSON has no infinity. */
  readonly value: number | 'infinity';
  readonly curve?: readonly number[];
  readonly milliseconds: number;
}

export interface CaseResult {
  readonly key: string;
  readonly image: string;
  target?: { readonly text: string; readonly label?: string; readonly score: number };
  readonly values: Value[];
  /** Milliseconds that the map of each method took. */
  readonly maps: Record<string, number>;
  /** Milliseconds that each metric took for all methods together. */
  readonly shared: Record<string, number>;
  left: readonly { readonly method?: string; readonly metric?: string; readonly why: string }[];
}

export interface Results {
  readonly saywhy: 'evaluation';
  readonly settings: Settings;
  readonly cases: CaseResult[];
}

/** Milliseconds between two writes, unless something ends. */
const PATIENCE = 2000;

export class ResultsFile {
  #written = 0;
  #writing: Promise<void> = Promise.resolve();

  private constructor(
    readonly path: string,
    readonly results: Results,
    /** How many values there were already. */
    readonly before: number,
  ) {}

  /**
   * Opens the results of an earlier run, or begins.
   * @param force to begin anew whatever is there
   * @throws SaywhyError `file-exists` where results of other settings are there; `invalid-json`
   */
  static async open(path: string, settings: Settings, force: boolean): Promise<ResultsFile> {
    const fresh = new ResultsFile(path, { saywhy: 'evaluation', settings, cases: [] }, 0);
    const text = force ? undefined : await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) return fresh;
    const known = parse(text, path);
    const different = (Object.keys(settings) as (keyof Settings)[]).filter(
      (name) => JSON.stringify(known.settings[name]) !== JSON.stringify(settings[name]),
    );
    if (different.length === 0)
      return new ResultsFile(
        path,
        known,
        known.cases.reduce((sum, { values }) => sum + values.length, 0),
      );
    throw new SaywhyError(
      'file-exists',
      `${path} holds results of another ${different.join(', ')}. Replace them with --force, or choose another folder.`,
    );
  }

  of(key: string, image: string): CaseResult {
    const known = this.results.cases.find((result) => result.key === key);
    if (known) return known;
    const made: CaseResult = { key, image, values: [], maps: {}, shared: {}, left: [] };
    this.results.cases.push(made);
    return made;
  }

  /** Writes now and then, at the end in any case. */
  async save(end = false): Promise<void> {
    if (!end && performance.now() - this.#written < PATIENCE) return;
    this.#written = performance.now();
    // One after the other, so that an earlier state never replaces a later one.
    this.#writing = this.#writing
      .catch(() => undefined)
      .then(() => writeWhole(this.path, `${JSON.stringify(this.results)}\n`, { force: true }));
    await this.#writing;
  }
}

function parse(text: string, path: string): Results {
  let content: Partial<Results> | null;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new SaywhyError('invalid-json', `${path} is no JSON: ${(cause as Error).message}.`, { cause });
  }
  if (content?.saywhy === 'evaluation' && content.settings && content.cases) return content as Results;
  throw new SaywhyError('file-exists', `${path} holds something else. Choose another folder with --out.`);
}

export const has = ({ values }: CaseResult, method: string, metric: string, stage?: number): boolean =>
  values.some((value) => value.method === method && value.metric === metric && value.stage === stage);

export const toJson = (value: number): Value['value'] => (Number.isFinite(value) ? value : 'infinity');

export const fromJson = (value: Value['value']): number => (value === 'infinity' ? Number.POSITIVE_INFINITY : value);
