// Charts as SVG that needs nothing else, in the colours of the page around it.
import * as Plot from '@observablehq/plot';
import type { Method } from '@saywhy/core';
import { baselines, type Metric } from '@saywhy/core/metrics';
import { number } from '@saywhy/core/words';
import { parseHTML } from 'linkedom';
import { Html } from '../report/html.js';
import type { Cell } from './summary.js';

const WIDTH = 720;
/** Room for the methods' names. */
const NAMES = 210;
const ROW = 22;

const [accent, quiet, line] = ['var(--accent)', 'var(--quiet)', 'var(--line)'];

const known = new Set(baselines.map(({ name }) => name));
const colourOf = ({ method }: { readonly method: string }): string => (known.has(method) ? quiet : accent);

/** A dot for each method, best first, on a line over its 95 % interval. */
export function dotsOf(cells: readonly Cell[], metric: Metric, titleOf: (method: string) => string): Html {
  const finite = cells.filter(({ value }) => Number.isFinite(value));
  const rows = finite.map((cell) => ({
    ...cell,
    title: titleOf(cell.method),
    low: bounded(cell.interval?.[0], cell.value),
    high: bounded(cell.interval?.[1], cell.value),
  }));
  return chart(
    {
      width: WIDTH,
      height: rows.length * ROW + 36,
      marginLeft: NAMES,
      marginRight: 24,
      marginTop: 6,
      x: { label: null, nice: true },
      y: { label: null, domain: rows.map(({ title }) => title), tickSize: 0 },
      marks: [
        Plot.gridX({ stroke: line, strokeOpacity: 1 }),
        Plot.link(rows, {
          x1: 'low',
          x2: 'high',
          y: 'title',
          stroke: colourOf,
          strokeWidth: 4,
          strokeOpacity: 0.35,
          strokeLinecap: 'round',
        }),
        Plot.dot(rows, { x: 'value', y: 'title', fill: colourOf, r: 4.5 }),
      ],
    },
    `${metric.title}: ${rows.map(({ title, value }) => `${title} ${number(value)}`).join(', ')}.`,
  );
}

const bounded = (bound: number | undefined, value: number): number =>
  bound !== undefined && Number.isFinite(bound) ? bound : value;

const COLUMNS = 4;

/** The mean curve of each method, before those of all others in grey. */
export function curvesOf(
  cells: readonly Cell[],
  metric: Metric,
  titleOf: (method: string) => string,
  steps: { readonly from: number; readonly to: number; readonly label: string },
): Html {
  const curves = cells.filter(({ curve }) => curve && curve.length > 1);
  const points = curves.flatMap((cell, i) => {
    const last = cell.curve!.length - 1;
    return cell.curve!.map((y, k) => ({
      method: cell.method,
      x: steps.from + (k / last) * (steps.to - steps.from),
      y,
      column: i % COLUMNS,
      row: Math.floor(i / COLUMNS),
    }));
  });
  const panels = curves.map(({ method }, i) => ({
    title: titleOf(method).replace(' (baseline)', ''),
    column: i % COLUMNS,
    row: Math.floor(i / COLUMNS),
  }));
  const behind = panels.flatMap(({ column, row }) =>
    points.map((point) => ({ ...point, key: point.method, column, row })),
  );
  const rows = Math.ceil(panels.length / COLUMNS);
  return chart(
    {
      width: WIDTH,
      height: rows * 120 + 70,
      marginLeft: 44,
      marginTop: 26,
      marginBottom: 42,
      x: { label: steps.label, ticks: 3, labelAnchor: 'center', labelArrow: 'none' },
      y: { label: null, ticks: 3, nice: true },
      fx: { axis: null, padding: 0.16 },
      fy: { axis: null, padding: 0.28 },
      marks: [
        Plot.line(behind, { x: 'x', y: 'y', z: 'key', fx: 'column', fy: 'row', stroke: line, strokeWidth: 1 }),
        Plot.line(points, { x: 'x', y: 'y', z: 'method', fx: 'column', fy: 'row', stroke: colourOf, strokeWidth: 2 }),
        Plot.text(panels, {
          text: 'title',
          fx: 'column',
          fy: 'row',
          frameAnchor: 'top-left',
          dy: -15,
          fontWeight: 600,
          fontSize: 10,
        }),
      ],
    },
    `${metric.title}, step by step: ${curves.map(({ method, curve }) => `${titleOf(method)} from ${number(curve![0]!)} to ${number(curve!.at(-1)!)}`).join(', ')}.`,
  );
}

/** Milliseconds, on a logarithmic axis: a map costs from one millisecond to many seconds. */
export function timesOf(
  times: readonly { readonly method: string; readonly milliseconds: number }[],
  titleOf: (method: string) => string,
): Html {
  const rows = [...times]
    .sort((a, b) => a.milliseconds - b.milliseconds)
    .map((time) => ({ ...time, title: titleOf(time.method) }));
  return chart(
    {
      width: WIDTH,
      height: rows.length * ROW + 50,
      marginLeft: NAMES,
      marginRight: 60,
      marginTop: 6,
      marginBottom: 40,
      x: {
        type: 'log',
        label: 'milliseconds a map',
        ticks: 4,
        tickFormat: ',',
        labelAnchor: 'center',
        labelArrow: 'none',
      },
      y: { label: null, domain: rows.map(({ title }) => title), tickSize: 0 },
      marks: [
        Plot.gridX({ stroke: line, strokeOpacity: 1, ticks: 4 }),
        Plot.dot(rows, { x: 'milliseconds', y: 'title', fill: colourOf, r: 4.5 }),
        Plot.text(rows, {
          x: 'milliseconds',
          y: 'title',
          text: ({ milliseconds }: { readonly milliseconds: number }) => number(milliseconds),
          textAnchor: 'start',
          dx: 9,
        }),
      ],
    },
    `Milliseconds a map: ${rows.map(({ title, milliseconds }) => `${title} ${number(milliseconds)}`).join(', ')}.`,
  );
}

/** As it is drawn; who does not see it is told the numbers. */
function chart(options: Plot.PlotOptions, description: string): Html {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const svg = Plot.plot({
    ...options,
    document: document as unknown as NonNullable<Plot.PlotOptions['document']>,
    style: { fontSize: '12px', fontFamily: 'inherit', background: 'none' },
  });
  // The parts of a picture have no names of their own.
  for (const part of svg.querySelectorAll('[aria-label]')) part.removeAttribute('aria-label');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', description);
  return new Html(svg.outerHTML);
}

export const titles =
  (methods: readonly Method[]) =>
  (name: string): string =>
    methods.find((method) => method.name === name)?.title ?? name;
