// From values of single pictures to one for each method and metric.
import { type Metric, type Summary, summarize } from '@saywhy/core/metrics';
import { type CaseResult, fromJson, type Results, type Value } from './results.js';

export interface Cell extends Summary {
  readonly method: string;
  readonly metric: string;
  /** The mean of the pictures' curves, where all have as many steps. */
  readonly curve?: readonly number[];
  /** Milliseconds a picture. */
  readonly milliseconds: number;
}

/** A picture's value of a method and metric: a sanity check's stages are one. */
export function valuesOf({ values }: CaseResult): Value[] {
  const whole = values.filter(({ stage }) => stage === undefined);
  const staged = new Map<string, Value[]>();
  for (const value of values) {
    if (value.stage === undefined) continue;
    const key = `${value.method}|${value.metric}`;
    staged.set(key, [...(staged.get(key) ?? []), value]);
  }
  const merged = [...staged.values()].map((stages): Value => {
    const curve = stages.sort((a, b) => a.stage! - b.stage!).map(({ value }) => fromJson(value));
    const { method, metric } = stages[0]!;
    const value = curve.reduce((sum, one) => sum + Math.abs(one), 0) / curve.length;
    const milliseconds = stages.reduce((sum, stage) => sum + stage.milliseconds, 0);
    return { method, metric, value, curve, milliseconds };
  });
  return [...whole, ...merged];
}

export function summaryOf(
  { cases, settings }: Results,
  methods: readonly string[],
  metrics: readonly Metric[],
): Cell[] {
  const all = cases.flatMap(valuesOf);
  return metrics.flatMap((metric) =>
    methods.flatMap((method): Cell[] => {
      const found = all.filter((value) => value.method === method && value.metric === metric.name);
      const numbers = found.map(({ value }) => fromJson(value));
      const summary = summarize(numbers, metric.summary, settings.seed);
      if (!summary) return [];
      const curves = found.flatMap(({ curve }) => (curve ? [curve] : []));
      const steps = curves[0]?.length ?? 0;
      const alike = steps > 0 && curves.length === found.length && curves.every(({ length }) => length === steps);
      const mean = Array.from(
        { length: steps },
        (_, i) => curves.reduce((sum, curve) => sum + curve[i]!, 0) / curves.length,
      );
      const milliseconds = found.reduce((sum, value) => sum + value.milliseconds, 0) / found.length;
      return [{ method, metric: metric.name, ...summary, ...(alike && { curve: mean }), milliseconds }];
    }),
  );
}

/** The median of what the map of each method took, in milliseconds. */
export function mapTimes({ cases }: Results, methods: readonly string[]): { method: string; milliseconds: number }[] {
  return methods.flatMap((method) => {
    const times = cases.flatMap(({ maps }) => maps[method] ?? []);
    const summary = summarize(times, 'median');
    return summary ? [{ method, milliseconds: summary.value }] : [];
  });
}
