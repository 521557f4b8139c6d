// Every metric of every method of every case: first what the model as it is tells, then one randomised model after the other, each with all cases.
import { parseModel, writeModel } from '@saywhy/autodiff';
import { type Explainer, type ExplainerOptions, type ExplanationMap, type Method, SaywhyError } from '@saywhy/core';
import {
  type EvaluateOptions,
  evaluate,
  type Metric,
  type Randomization,
  type RandomOrder,
  randomizations,
} from '@saywhy/core/metrics';
import { createFrom, type NodeInput } from '../explainer.js';
import type { LoadedModel } from '../models/load.js';
import { type Case, inputOf, keyOf, loadArea, targetOf } from './cases.js';
import { type CaseResult, has, type ResultsFile, toJson } from './results.js';

export interface RunOptions {
  readonly loaded: LoadedModel;
  readonly explainer: Explainer<NodeInput>;
  /** As the explainer was made. */
  readonly explainerOptions: ExplainerOptions;
  readonly methods: readonly Method[];
  readonly metrics: readonly Metric[];
  readonly layer: string;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onProgress: (text: string, done: number, total: number) => void;
}

/** Maps kept from one pass to the next, by case: beyond these they are made again. */
const KEPT = 24;

/**
 * Methods that run the model hundreds of times for one map are not asked for maps of changed pictures and models: it would take longer than all else together.
 */
export const tooSlow = (method: Method, metric: Metric): boolean =>
  method.needs.includes('runs') && metric.needs.some((need) => need === 'explanations' || need === 'randomized');

/** Measures what is not in the file yet. Rejects with the signal's reason when it is stopped; what was measured is in the file then. */
export async function runCases(cases: readonly Case[], file: ResultsFile, options: RunOptions): Promise<void> {
  const orders = options.metrics.flatMap(({ name, needs }): RandomOrder[] =>
    needs.includes('randomized') ? [name === 'sanity-independent' ? 'independent' : 'cascading'] : [],
  );
  const metrics = options.metrics.filter(({ needs }) => !needs.includes('randomized'));
  const stages = orders.flatMap((order) => stagesOf(options, order));
  const total = cases.length * (1 + stages.length);
  let done = 0;
  const maps = new Map<Case, readonly ExplanationMap[]>();
  try {
    for (const one of cases) {
      const result = file.of(keyOf(one), one.name);
      options.onProgress(one.name, done++, total);
      const found = await evaluateCase(one, result, file, options, { metric: metrics }, one.name, done, total);
      if (found && stages.length > 0 && maps.size < KEPT) maps.set(one, found);
    }
    for (const stage of stages) await runStage(stage, cases, file, options, maps, () => done++, total);
  } finally {
    await file.save(true);
  }
}

function stagesOf({ loaded, explainer, seed }: RunOptions, order: RandomOrder): Randomization[] {
  try {
    return randomizations(parseModel(loaded.model), explainer.model.scores.tensor, { order, seed });
  } catch (error) {
    if (error instanceof SaywhyError && error.code === 'not-applicable') return [];
    throw error;
  }
}

async function runStage(
  { order, stage, model }: Randomization,
  cases: readonly Case[],
  file: ResultsFile,
  options: RunOptions,
  maps: ReadonlyMap<Case, readonly ExplanationMap[]>,
  step: () => number,
  total: number,
): Promise<void> {
  const metric = options.metrics.find(({ name }) => name === `sanity-${order}`)!;
  const missing = (one: Case) =>
    options.methods.some(
      (method) => !tooSlow(method, metric) && !has(file.of(keyOf(one), one.name), method.name, metric.name, stage),
    );
  const open = cases.filter(missing);
  for (let i = open.length; i < cases.length; i++) step();
  if (open.length === 0) return;
  const bytes = writeModel(model());
  const changed = { ...options.loaded, model: { ...options.loaded.model, bytes } };
  const random = await createFrom(changed, options.explainerOptions);
  try {
    for (const one of open) {
      const done = step();
      const what = `${one.name}, weights shuffled (${order} ${stage + 1})`;
      options.onProgress(what, done, total);
      const known = maps.get(one);
      const asked = { metric: [metric], randomized: { [order]: [random] }, ...(known && { maps: known }) };
      await evaluateCase(one, file.of(keyOf(one), one.name), file, options, asked, what, done, total, stage);
    }
  } finally {
    await random.dispose();
  }
}

/** The maps; undefined where there was nothing left to measure. */
async function evaluateCase(
  one: Case,
  result: CaseResult,
  file: ResultsFile,
  options: RunOptions,
  asked: Pick<EvaluateOptions<NodeInput>, 'randomized' | 'maps'> & { readonly metric: readonly Metric[] },
  what: string,
  done: number,
  total: number,
  stage?: number,
): Promise<readonly ExplanationMap[] | undefined> {
  const { explainer, layer, seed, signal } = options;
  const byName = new Map(options.methods.map((method) => [method.name, method]));
  const possible = asked.metric.filter(
    ({ needs }) => !needs.some((need) => (need === 'mask' && !one.mask) || (need === 'others' && !one.others)),
  );
  const skip = (method: Method, metric: Metric) =>
    tooSlow(method, metric) || has(result, method.name, metric.name, stage) || isLeft(result, method.name);
  const methods = options.methods.filter((method) => possible.some((metric) => !skip(method, metric)));
  if (methods.length === 0) return undefined;
  const metrics = new Map(possible.map((metric) => [metric.name, metric]));
  const evaluation = await evaluate(explainer, await inputOf(one, explainer.model.picture), {
    ...asked,
    method: methods,
    metric: possible,
    target: targetOf(one, explainer.model.labels),
    layer,
    seed,
    signal,
    ...(one.mask && { mask: await loadArea(one.mask) }),
    ...(one.others && { others: await loadArea(one.others) }),
    skip: (method, metric) => skip(byName.get(method)!, metrics.get(metric)!),
    onMeasurement: ({ value, ...measurement }) => {
      result.values.push({ ...measurement, ...(stage !== undefined && { stage }), value: toJson(value) });
      void file.save().catch(() => undefined);
    },
    onProgress: (progress) => options.onProgress(`${what}: ${progress.what}`, done, total),
  });
  const { target, left, explained, shared } = evaluation;
  if (target) result.target = { text: target.text, ...(target.label && { label: target.label }), score: target.value };
  for (const { method, milliseconds } of explained) result.maps[method] ??= milliseconds;
  for (const { metric, milliseconds } of shared) result.shared[metric] = (result.shared[metric] ?? 0) + milliseconds;
  const known = new Set(result.left.map((entry) => JSON.stringify(entry)));
  result.left = [...result.left, ...left.filter((entry) => !known.has(JSON.stringify(entry)))];
  await file.save();
  return evaluation.maps;
}

/** A method that could say nothing of a target is not asked again. */
const isLeft = ({ left }: CaseResult, name: string): boolean => left.some(({ method }) => method === name);
