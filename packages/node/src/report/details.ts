import { milliseconds } from '@saywhy/core/words';
import { type Html, html } from './html.js';
import type { PictureGroup, ReportEntry } from './index.js';

/** What is needed to judge the report and to make it again. */
export function detailsOf(groups: readonly PictureGroup[], command: string | undefined): Html {
  const entries = groups.flatMap((group) => group.entries);
  const models = [...new Map(entries.map((entry) => [entry.explanation.model, entry])).values()];
  return html`<details>
<summary>How to read it</summary>
<p>Bright, opaque places raised the score of the class that is named; where the photograph is clear, the map is near zero. Every map has its own scale, written under it in the method's own
values, so compare places before strengths; of maps with a value for each pixel, the strongest hundredth is drawn alike, and the photograph is darkened. A map has only as many values as its layer has cells: the smooth view interpolates between them and invents no knowledge. What the model was not
shown is darkened.</p>
</details>
<details>
<summary>Models, preprocessing, time</summary>
${models.map(modelDetails)}
<h3>Time</h3>
<dl class="numbers">${groups.flatMap((group) => group.entries.map((entry) => html`<dt>${group.name}, ${entry.explanation.model}</dt><dd>${timings(entry)}</dd>`))}</dl>
${command && html`<h3>Command</h3><pre>${command}</pre>`}
</details>`;
}

function modelDetails({ model, explanation }: ReportEntry): Html {
  const { provenance, device } = explanation;
  const layers = [...new Map(explanation.maps.map(({ layer }) => [layer.tensor, layer])).values()];
  return html`<h3>${explanation.model}</h3>
<dl>
${provenance.model.sha256 && html`<dt>SHA-256</dt><dd><code>${provenance.model.sha256}</code></dd>`}
<dt>Device</dt><dd>${device}</dd>
${
  model &&
  html`<dt>Input</dt><dd>${model.inputs.map(({ name, shape, type }) => `${name}: ${type} [${shape.join(', ')}]`).join('; ')}</dd>
<dt>Scores</dt><dd>${model.scores.tensor} (${model.scores.kind})</dd>`
}
${layers.map((layer) => html`<dt>Layer</dt><dd>${layer.name}, tensor <code>${layer.tensor}</code> [${layer.shape.join(', ')}]</dd>`)}
<dt>Preprocessing</dt><dd>${provenance.preprocess ? html`<pre>${JSON.stringify(provenance.preprocess)}</pre>` : 'none: a tensor was given'}</dd>
<dt>Versions</dt><dd>${Object.entries(provenance.versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')}</dd>
</dl>`;
}

function timings({ explanation }: ReportEntry): string {
  return Object.entries(explanation.timings)
    .map(([name, value]) => `${name} ${milliseconds(value as number)}`)
    .join(', ');
}
