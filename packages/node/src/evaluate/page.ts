// The results as one HTML file that needs nothing else.
import type { Method } from '@saywhy/core';
import type { Metric } from '@saywhy/core/metrics';
import { milliseconds, number, plural } from '@saywhy/core/words';
import { byMerit } from '../cli/evaluate-output.js';
import { Html, html } from '../report/html.js';
import { style } from '../report/style.js';
import { curvesOf, dotsOf, timesOf, titles } from './plots.js';
import type { Results } from './results.js';
import { type Cell, mapTimes } from './summary.js';

export interface PageOptions {
  readonly methods: readonly Method[];
  readonly metrics: readonly Metric[];
  readonly command: string;
}

/** @param cells the summary of the results, of these methods and metrics */
export function evaluationHtml(results: Results, cells: readonly Cell[], options: PageOptions): string {
  const titleOf = titles(options.methods);
  const metrics = options.metrics.filter(({ name }) => cells.some(({ metric }) => metric === name));
  const pictures = new Set(results.cases.map(({ image }) => image)).size;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="generator" content="saywhy">
<title>How far to trust these maps</title>
<style>${new Html(style)}${new Html(ownStyle)}</style>
</head>
<body>
<header class="page">
<h1>How far to trust these maps</h1>
<p class="lead">${plural(new Set(cells.map(({ method }) => method)).size, 'method')} by ${plural(metrics.length, 'metric')}, asked of <b>${results.settings.model}</b> about ${plural(pictures, 'picture')} and ${plural(results.cases.length, 'answer')}. Lines are 95 % confidence intervals by bootstrap over the answers; grey maps know nothing of the model.</p>
<nav aria-label="Metrics"><ul>${metrics.map(({ name, title }) => html`<li><a href="#${name}">${title}</a></li>`)}<li><a href="#time">Time</a></li></ul></nav>
</header>
<main>
${overview(cells, metrics, options.methods)}
${metrics.map((metric) => metricSection(metric, cells, titleOf))}
${timeSection(results, cells, metrics, options)}
</main>
<footer>
${details(results, options)}
</footer>
</body>
</html>
`;
  return page.text;
}

/** All numbers at a glance; of each metric the best is bold. */
function overview(cells: readonly Cell[], metrics: readonly Metric[], methods: readonly Method[]): Html {
  const best = new Map(
    metrics.map((metric) => [
      metric.name,
      cells.filter((cell) => cell.metric === metric.name).sort(byMerit(metric))[0]!.value,
    ]),
  );
  const row = ({ name, title }: Method) => {
    const own = cells.filter(({ method }) => method === name);
    if (own.length === 0) return false;
    return html`<tr><th scope="row">${title}</th>${metrics.map((metric) => {
      const cell = own.find((found) => found.metric === metric.name);
      if (!cell) return html`<td class="quiet">–</td>`;
      return html`<td>${cell.value === best.get(metric.name) ? html`<b>${number(cell.value)}</b>` : number(cell.value)}</td>`;
    })}</tr>`;
  };
  return html`<section class="metric" id="overview" aria-labelledby="overview-title">
<h2 id="overview-title">At a glance</h2>
<div class="table" role="region" aria-label="All numbers" tabindex="0">
<table class="numbers">
<thead><tr><td></td>${metrics.map(({ title, better }) => html`<th scope="col">${title} <span class="quiet" aria-hidden="true">${better === 'higher' ? '↑' : '↓'}</span><span class="visually-hidden">${better} is better</span></th>`)}</tr></thead>
<tbody>${methods.map(row)}</tbody>
</table>
</div>
<p class="small quiet">↑ higher is better, ↓ lower is better; bold is the best of a column, which need not differ from the next beyond chance: see the intervals below.</p>
</section>`;
}

const steps: Readonly<Record<string, { from: number; to: number; label: string }>> = {
  insertion: { from: 0, to: 1, label: 'share of the pixels put back' },
  deletion: { from: 0, to: 1, label: 'share of the pixels taken away' },
  road: { from: 0.25, to: 0.75, label: 'share of the pixels removed' },
  'sanity-cascading': { from: 1, to: 5, label: 'fifths of the layers shuffled, from the scores on' },
  'sanity-independent': { from: 1, to: 5, label: 'which fifth of the layers is shuffled, from the scores on' },
};

function metricSection(metric: Metric, cells: readonly Cell[], titleOf: (method: string) => string): Html {
  const { name, title, what, better, paper, summary } = metric;
  const own = cells.filter((cell) => cell.metric === name).sort(byMerit(metric));
  const walk = steps[name];
  const curved = walk && own.some(({ curve }) => curve && curve.length > 1);
  return html`<section class="metric" id="${name}" aria-labelledby="${name}-title">
<h2 id="${name}-title">${title}</h2>
<p class="what">${what} <b>${better === 'higher' ? 'Higher' : 'Lower'} is better</b>; ${plural(own[0]!.count, 'value')} a method, of which the ${summary} is shown.</p>
<p class="paper small quiet"><a href="${paper.url}">${paper.title}</a></p>
<figure class="chart" tabindex="0">${dotsOf(own, metric, titleOf)}</figure>
${curved && html`<figure class="chart" tabindex="0">${curvesOf(own, metric, titleOf, walk)}<figcaption class="small quiet">Each method's mean curve before those of the others.</figcaption></figure>`}
</section>`;
}

function timeSection(
  results: Results,
  cells: readonly Cell[],
  metrics: readonly Metric[],
  { methods }: PageOptions,
): Html {
  const times = mapTimes(
    results,
    methods.map(({ name }) => name),
  );
  if (times.length === 0) return html``;
  const spent = metrics.map(({ name, title }) => {
    const own = cells.filter((cell) => cell.metric === name);
    const alone = own.reduce((sum, cell) => sum + cell.milliseconds * cell.count, 0);
    const together = results.cases.reduce((sum, { shared }) => sum + (shared[name] ?? 0), 0);
    return { title, alone, together };
  });
  return html`<section class="metric" id="time" aria-labelledby="time-title">
<h2 id="time-title">Time</h2>
<p class="what">The median time of a map, beyond the forward run that all methods share.</p>
<figure class="chart" tabindex="0">${timesOf(times, titles(methods))}</figure>
<div class="table" role="region" aria-label="Time by metric" tabindex="0"><table class="numbers">
<thead><tr><th scope="col">Metric</th><th scope="col">of single methods</th><th scope="col">shared by all</th></tr></thead>
<tbody>${spent.map(({ title, alone, together }) => html`<tr><th scope="row">${title}</th><td>${milliseconds(alone)}</td><td>${milliseconds(together)}</td></tr>`)}</tbody>
</table></div>
</section>`;
}

function details({ settings, cases }: Results, { command, methods }: PageOptions): Html {
  const reasons = new Map<string, number>();
  for (const { method, metric, why } of cases.flatMap(({ left }) => left)) {
    const text = `${metric ?? titles(methods)(method ?? '')}: ${why}`;
    reasons.set(text, (reasons.get(text) ?? 0) + 1);
  }
  return html`<details>
<summary>Pictures and answers</summary>
<div class="table" role="region" aria-label="Pictures and answers" tabindex="0"><table class="numbers">
<thead><tr><th scope="col">Picture</th><th scope="col">Answer</th><th scope="col">Score</th></tr></thead>
<tbody>${cases.map(({ image, target }) => html`<tr><th scope="row">${image}</th><td>${target?.label ?? target?.text ?? ''}</td><td>${target ? number(target.score) : ''}</td></tr>`)}</tbody>
</table></div>
</details>
${
  reasons.size > 0 &&
  html`<details>
<summary>What was left out</summary>
<ul>${[...reasons].map(([text, count]) => html`<li>${text} (${plural(count, 'time')})</li>`)}</ul>
</details>`
}
<details>
<summary>How to get the same again</summary>
<dl>
<dt>Model</dt><dd>${settings.model}${settings.sha256 && html`, SHA-256 <code>${settings.sha256}</code>`}</dd>
<dt>Scores</dt><dd>${settings.scores}</dd>
${settings.preprocess && html`<dt>Preprocessing</dt><dd><pre>${JSON.stringify(settings.preprocess)}</pre></dd>`}
<dt>Layer</dt><dd>${settings.layer}</dd>
<dt>Seed</dt><dd>${settings.seed}</dd>
<dt>Device</dt><dd>${settings.device}</dd>
<dt>Versions</dt><dd>${Object.entries(settings.versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')}</dd>
<dt>Command</dt><dd><pre>${command}</pre></dd>
</dl>
</details>`;
}

const ownStyle = `
.metric { padding: clamp(1.5rem, 4vw, 2.5rem) 0; border-top: 1px solid var(--line); }
.metric .what { margin-top: .6rem; max-width: 52rem; }
.metric .paper { margin-top: .3rem; }
.chart { margin: 1rem 0 0; max-width: 50rem; overflow-x: auto; }
.chart svg { width: 100%; min-width: 34rem; height: auto; }
.chart figcaption { margin-top: .3rem; }
.table { position: relative; overflow-x: auto; margin: 1rem 0 .75rem; }
table { border-collapse: collapse; font-size: .88rem; }
th, td { padding: .35rem .7rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
thead th { white-space: normal; min-width: 6.5rem; max-width: 9rem; vertical-align: bottom; font-weight: 500; line-height: 1.25; }
tbody th { font-weight: 500; }
th:first-child, thead td:first-child { text-align: left; position: sticky; left: 0; background: var(--ground); }
tbody b { color: var(--accent); }
`;
