import type { Method } from '@saywhy/core';
import type { Metric } from '@saywhy/core/metrics';
import { number } from '@saywhy/core/words';
import type { Cell } from '../evaluate/summary.js';
import { columns, type Terminal } from './terminal.js';

/** What can be measured. */
export function printMetrics(metrics: readonly Metric[], json: boolean, terminal: Terminal): void {
  if (json) {
    for (const { name, title, what, paper, needs, better, summary } of metrics)
      terminal.print(JSON.stringify({ name, title, what, paper, needs, better, summary }));
    return;
  }
  const rows = metrics.map(({ name, better, needs, what }) => [name, `${better} is better`, needs.join(', '), what]);
  for (const line of columns(rows)) terminal.print(line);
}

/** For each metric the methods, the best first, with their 95 % intervals. */
export function printCells(
  cells: readonly Cell[],
  methods: readonly Method[],
  metrics: readonly Metric[],
  terminal: Terminal,
): void {
  for (const metric of metrics) {
    const own = cells.filter((cell) => cell.metric === metric.name).sort(byMerit(metric));
    if (own.length === 0) continue;
    terminal.print(
      `${terminal.bold(metric.title)} ${terminal.dim(`${metric.better} is better, ${own[0]!.count} values each`)}`,
    );
    const rows = own.map(({ method, value, interval }) => [
      number(value),
      interval ? `${number(interval[0])} to ${number(interval[1])}` : '',
      methods.find(({ name }) => name === method)?.title ?? method,
    ]);
    for (const line of columns(rows)) terminal.print(`  ${line.replaceAll('\u00a0', ' ')}`);
    terminal.print();
  }
}

/** The better one first. */
export const byMerit =
  ({ better }: Metric) =>
  (a: Cell, b: Cell): number => {
    if (a.value === b.value) return 0;
    return a.value < b.value === (better === 'lower') ? -1 : 1;
  };
