import type { Results } from './results.js';
import { type Cell, valuesOf } from './summary.js';

/** A line for each picture, target, method and metric. */
export function valuesCsv({ cases }: Results): string {
  const rows = cases.flatMap((result) =>
    valuesOf(result).map(({ method, metric, value, milliseconds }) => [
      result.image,
      result.target?.text ?? '',
      method,
      metric,
      value,
      milliseconds.toFixed(1),
    ]),
  );
  return csv([['image', 'target', 'method', 'metric', 'value', 'milliseconds'], ...rows]);
}

/** A line for each method and metric, with the 95 % interval. */
export function summaryCsv(cells: readonly Cell[]): string {
  const rows = cells.map(({ method, metric, count, value, interval, milliseconds }) => [
    method,
    metric,
    count,
    Number.isFinite(value) ? value : 'infinity',
    interval?.[0] ?? '',
    interval?.[1] ?? '',
    milliseconds.toFixed(1),
  ]);
  return csv([['method', 'metric', 'count', 'value', 'low', 'high', 'milliseconds'], ...rows]);
}

function csv(rows: readonly (readonly (string | number)[])[]): string {
  return `${rows.map((row) => row.map(quoted).join(',')).join('\n')}\n`;
}

const quoted = (cell: string | number): string =>
  /[",\n]/.test(String(cell)) ? `"${String(cell).replaceAll('"', '""')}"` : String(cell);
