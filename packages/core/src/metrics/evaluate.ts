// How far the maps of several methods can be trusted: every metric of every method, of one picture and target.
import { SaywhyError } from '../errors.js';
import type { Rectangle } from '../images/raster.js';
import { findMethod } from '../methods/index.js';
import type { Method } from '../methods/method.js';
import type { Explainer, ExplanationMap, Input, Progress, Target, TargetInfo } from '../types.js';
import { baselines } from './baselines.js';
import { contextsOf } from './contexts.js';
import type { Area } from './mask.js';
import type { Measured, Metric, MetricNeed, RandomOrder } from './metric.js';
import { settle } from './settle.js';
import { Subject } from './subject.js';
import { metrics as allMetrics, findMetric } from './table.js';

export interface EvaluateOptions<I = Input> {
  /** Names, or records of one's own; all that apply to the model and the baselines if left out. */
  readonly method?: readonly (string | Method)[];
  /** Names, or records of one's own; all whose needs are met if left out. */
  readonly metric?: readonly (string | Metric)[];
  /** One target, `{ top: 1 }` if left out. */
  readonly target?: Target;
  readonly layer?: string;
  /** Where the target is in the picture. */
  readonly mask?: Area;
  /** Where another object is. */
  readonly others?: Area;
  /** Explainers of models with randomised weights, stage by stage: see `randomizations`. */
  readonly randomized?: Readonly<Partial<Record<RandomOrder, readonly Explainer<I>[]>>>;
  /** Maps that were made before of this picture and target, by any of the methods. */
  readonly maps?: readonly ExplanationMap[];
  /** A whole number, 0 if left out: the same gives the same values. */
  readonly seed?: number;
  /** Leaves out what one has already. */
  readonly skip?: (method: string, metric: string) => boolean;
  /** Called with each value as soon as it is known. */
  readonly onMeasurement?: (measurement: Measurement) => void;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

export interface Measurement extends Measured {
  readonly method: string;
  readonly metric: string;
  /** What this value alone took; what several methods share is counted in `Evaluation.shared`. */
  readonly milliseconds: number;
}

export interface Evaluation {
  /** Absent where no method could say anything. */
  readonly target?: TargetInfo;
  readonly region?: Rectangle;
  readonly measurements: readonly Measurement[];
  readonly maps: readonly ExplanationMap[];
  /** What the map of each method took, beyond the forward run that all share. */
  readonly explained: readonly Explained[];
  /** What each metric took for all methods together. */
  readonly shared: readonly Shared[];
  /** What could not be measured, and why. */
  readonly left: readonly Left[];
}

export interface Explained {
  readonly method: string;
  readonly milliseconds: number;
}

export interface Shared {
  readonly metric: string;
  readonly milliseconds: number;
}

export interface Left {
  readonly method?: string;
  readonly metric?: string;
  readonly why: string;
}

/**
 * Measures how far maps can be trusted. What the metrics ask of the model is shared: the forward run, occlusion maps, runs of changed pictures that do not depend on
 * the method, maps of changed pictures, which are made of all methods at once.
 *
 * @param input what `explainer.explain` takes
 * @throws SaywhyError `unknown-method`, `unknown-metric`, `invalid-argument`, and what `explain` throws
 */
export async function evaluate<I>(
  explainer: Explainer<I>,
  input: I,
  options: EvaluateOptions<I> = {},
): Promise<Evaluation> {
  const { layer = 'auto', seed = 0, signal, onProgress, onMeasurement, skip = () => false } = options;
  if (!Number.isInteger(seed)) throw new SaywhyError('invalid-argument', `\`seed\` is a whole number, not ${seed}.`);
  const methods = methodsOf(options.method ?? [...explainer.model.methods, ...baselines]);
  const left: Left[] = [];
  const chosen = measurable((options.metric ?? allMetrics).map(findMetric), options, left);
  const { predictions, region } = await explainer.predict(input, { top: 1, signal });
  const target = settle(options.target ?? { top: 1 }, predictions[0]?.index ?? 0);
  const subject = new Subject(explainer, input, { target, layer, signal });
  for (const map of options.maps ?? []) subject.know(map);

  const explained: Explained[] = [];
  const maps = new Map<Method, ExplanationMap>();
  const total = methods.length * (1 + chosen.length);
  let done = 0;
  const tell = (what: string) => onProgress?.({ stage: 'run', what, loaded: done++, total });
  for (const method of methods) {
    tell(`map of ${method.name}`);
    const start = performance.now();
    try {
      maps.set(method, await subject.one(method));
      explained.push({ method: method.name, milliseconds: performance.now() - start });
    } catch (error) {
      // A method that has nothing to say of this target should not cost the others' values.
      if (!(error instanceof SaywhyError) || methods.length === 1) throw error;
      left.push({ method: method.name, why: error.message });
    }
  }

  const context = await contextsOf(subject, {
    ...options,
    input,
    layer,
    seed,
    target,
    region,
    methods: (metric) => [...maps.keys()].filter(({ name }) => !skip(name, metric)),
  });
  const measurements: Measurement[] = [];
  const shared: Shared[] = [];
  for (const metric of chosen) {
    const before = subject.sharedTime;
    for (const [method, map] of maps) {
      tell(`${metric.name} of ${method.name}`);
      if (skip(method.name, metric.name)) continue;
      const [start, sharedBefore] = [performance.now(), subject.sharedTime];
      const { value, curve } = await metric.measure(context(metric.name, map));
      if (Number.isNaN(value)) throw new SaywhyError('not-finite', `${metric.name} of ${method.name} is not a number.`);
      const milliseconds = performance.now() - start - (subject.sharedTime - sharedBefore);
      const measurement = { method: method.name, metric: metric.name, value, ...(curve && { curve }), milliseconds };
      measurements.push(measurement);
      onMeasurement?.(measurement);
    }
    shared.push({ metric: metric.name, milliseconds: subject.sharedTime - before });
  }
  onProgress?.({ stage: 'run', what: 'done', loaded: total, total });
  const [first] = maps.values();
  return {
    ...(first && { target: first.target }),
    ...(region && { region }),
    measurements,
    maps: [...maps.values()],
    explained,
    shared,
    left,
  };
}

function methodsOf(names: readonly (string | Method)[]): Method[] {
  const found = names.map((name) => baselines.find((method) => method.name === name) ?? findMethod(name));
  return [...new Map(found.map((method) => [method.name, method])).values()];
}

/** The metrics whose needs are met; of the others it is said what they lack. */
function measurable(
  wanted: readonly Metric[],
  { mask, others, randomized }: EvaluateOptions<never>,
  left: Left[],
): Metric[] {
  const lacking = (need: MetricNeed, { name }: Metric): string | undefined => {
    if (need === 'mask' && !mask) return 'nothing says where the target is in this picture';
    if (need === 'others' && !others) return 'nothing says where another object is in this picture';
    if (need === 'randomized' && !randomized?.[name === 'sanity-independent' ? 'independent' : 'cascading'])
      return 'there are no models with randomised weights';
    return undefined;
  };
  return wanted.filter((metric) => {
    const why = metric.needs.map((need) => lacking(need, metric)).find((reason) => reason !== undefined);
    if (why !== undefined) left.push({ metric: metric.name, why });
    return why === undefined;
  });
}
