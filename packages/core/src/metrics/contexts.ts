// What a metric sees of one map.
import { SaywhyError } from '../errors.js';
import type { Rectangle } from '../images/raster.js';
import type { Floats, Method } from '../methods/method.js';
import type { Explainer, ExplanationMap, Target } from '../types.js';
import { evidence, signedEvidence } from './evidence.js';
import { mapLikeness } from './likeness.js';
import { type Area, type Mask, maskOf } from './mask.js';
import type { MetricContext, RandomOrder } from './metric.js';
import type { Subject } from './subject.js';

interface ContextOptions<I> {
  readonly input: I;
  readonly mask?: Area;
  readonly others?: Area;
  readonly randomized?: Readonly<Partial<Record<RandomOrder, readonly Explainer<I>[]>>>;
  readonly seed: number;
  readonly target: Target;
  readonly layer: string;
  /** What the model sees of the picture; of a tensor nothing is known, and areas are in its own cells. */
  readonly region: Rectangle | undefined;
  /** Those that are explained together where a changed picture is, by the metric. */
  readonly methods: (metric: string) => readonly Method[];
  readonly signal?: AbortSignal | undefined;
}

/** Makes contexts for the maps of one picture. */
export async function contextsOf<I>(
  subject: Subject<I>,
  options: ContextOptions<I>,
): Promise<(metric: string, map: ExplanationMap) => MetricContext> {
  const { seed } = options;
  const input = await subject.input();
  const masks = new Map<string, Mask>();

  return (metric, map) => {
    const methods = options.methods(metric);
    const signed = signedEvidence(map);
    const maskFor = (name: 'mask' | 'others'): Mask => {
      const area = options[name];
      if (!area) throw new SaywhyError('invalid-metric', `A metric that uses \`${name}\` names it in its \`needs\`.`);
      const [height = 1, width = 1] = signed.shape;
      const key = `${name}|${signed.shape}`;
      const made = masks.get(key) ?? maskOf(area, options.region ?? { x: 0, y: 0, width, height }, signed.shape);
      masks.set(key, made);
      return made;
    };
    return {
      map: evidence(map),
      signed,
      get mask() {
        return maskFor('mask');
      },
      get others() {
        return maskFor('others');
      },
      input,
      scores: (count, make) => subject.scores(count, make),
      probabilities: (count, make) => subject.probabilities(count, make),
      async mapOf(name: string, make: () => Float32Array): Promise<Floats> {
        const maps = await subject.mapsOf(`${metric}|${name}`, methods, make);
        return maps.get(map.method)!;
      },
      occlusion: () => subject.occlusion(),
      likeness: (order) => likeness(map, order, methods),
      shared: (name, make) => subject.shared(name, make),
      seed,
    };
  };

  /** All methods are explained at once at each stage. */
  async function likeness(map: ExplanationMap, order: RandomOrder, methods: readonly Method[]): Promise<number[]> {
    const stages = options.randomized?.[order] ?? [];
    const found: number[] = [];
    for (const [stage, explainer] of stages.entries()) {
      const maps = await subject.shared(`${order}|${stage}`, () => explainAll(explainer, methods));
      const other = maps.get(map.method);
      // A constant map, or none, is like nothing.
      found.push((other && mapLikeness(map, other)) || 0);
    }
    return found;
  }

  async function explainAll(explainer: Explainer<I>, methods: readonly Method[]): Promise<Map<string, ExplanationMap>> {
    const { input: picture, target, layer, signal } = options;
    const found = new Map<string, ExplanationMap>();
    for (const method of methods)
      try {
        const { maps } = await explainer.explain(picture, { method, target, layer, signal });
        found.set(method.name, maps[0]!);
      } catch (error) {
        if (!(error instanceof SaywhyError)) throw error;
      }
    return found;
  }
}
