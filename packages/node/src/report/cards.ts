import { type Explanation, type ExplanationMap, methods, type Rectangle, type Warning } from '@saywhy/core';
import { number, percent, plural, strongestPlace, targetInWords } from '@saywhy/core/words';
import { pngUrl } from '../pictures/encode.js';
import { type Heat, heatOf } from './heat.js';
import { type Html, html } from './html.js';
import type { PictureGroup, ReportEntry } from './index.js';

const MAX_COLUMNS = 3;

/** The maps of a picture: a part for each method, in it the models and layers one below the other, the targets side by side. */
export async function cardsOf(group: PictureGroup, picture: number): Promise<Html> {
  const names = [...new Set(group.entries.flatMap(({ explanation }) => explanation.maps.map(({ method }) => method)))];
  const parts = await Promise.all(names.map((name) => methodPart(name, group, picture)));
  return html`${generalNotices(group)}${parts}`;
}

async function methodPart(name: string, group: PictureGroup, picture: number): Promise<Html> {
  const method = methods.find((record) => record.name === name);
  const shown = group.entries.flatMap((entry) =>
    entry.explanation.maps.filter((map) => map.method === name).map((map) => ({ entry, map })),
  );
  const own = group.entries.flatMap(({ explanation }) =>
    explanation.warnings.filter(({ code }) => code === method?.warning?.code),
  );
  const targets = new Set(shown.map(({ map }) => map.target.text)).size;
  const columns = Math.min(targets > 1 ? targets : shown.length, MAX_COLUMNS);
  const cards = await Promise.all(shown.map(({ entry, map }) => card(entry, map, group, picture)));
  return html`<section class="method">
<header>
<h2>${method?.title ?? name}</h2>
${method && html`<p class="paper small quiet">${method.paper.title}</p>`}
</header>
${notices(own)}
<div class="${columns === 1 ? 'cards single' : 'cards'}" style="--columns:${columns}">${cards}</div>
</section>`;
}

async function card(
  { explanation }: ReportEntry,
  map: ExplanationMap,
  { name, picture, entries }: PictureGroup,
  index: number,
): Promise<Html> {
  const heat = heatOf(map);
  const [height, width] = map.shape;
  const share = relative(map, explanation);
  const place = strongestPlace(map.data, map.shape);
  const description = `${map.method} map of ${explanation.model} for ${targetInWords(map.target)} over ${name}: strongest ${place}.`;
  const cells = heat.cells
    ? `${heat.cells.height} × ${heat.cells.width} cells`
    : `${height} × ${width} values, one for each pixel of the input`;
  return html`<figure class="card">
<div class="stage${heat.cells ? '' : ' fine'}" role="img" aria-label="${description}" style="aspect-ratio:${picture.width}/${picture.height}">
<div class="photo photo-${index}"></div>
<div class="seen" style="${placed(explanation.region, picture)}">
<img class="smooth" alt="" src="${await pngUrl(heat.smooth)}">${heat.cells && html`<img class="cells" alt="" src="${await pngUrl(heat.cells)}">`}
</div>
</div>
<figcaption>
<div class="target"><b>${targetInWords(map.target)}</b><span class="small quiet numbers">${scoreOf(map, explanation)}</span></div>
${entries.length > 1 && html`<p class="small">${[explanation.model, ...Object.values(explanation.texts ?? {})].join(': ')}</p>`}
${legend(map, heat)}
<p class="facts small quiet">${map.layer.name}, ${cells}${share !== undefined && share < 0.995 && html`, peak is ${percent(share)} of the strongest beside it`}</p>
</figcaption>
</figure>`;
}

/** Where the map lies on the photograph: all of it if nothing else is known. */
function placed(region: Rectangle | undefined, picture: { readonly width: number; readonly height: number }): string {
  const { x, y, width, height } = region ?? { x: 0, y: 0, width: picture.width, height: picture.height };
  const share = (value: number, of: number): string => `${((100 * value) / of).toFixed(4)}%`;
  return `left:${share(x, picture.width)};top:${share(y, picture.height)};width:${share(width, picture.width)};height:${share(height, picture.height)}`;
}

function scoreOf({ target }: ExplanationMap, { predictions, caption }: Explanation): string {
  const near = (logit: number) => Math.abs(logit - target.value) <= 1e-4 * Math.abs(logit);
  const word = caption?.words.find(({ id, logit }) => id === target.index && near(logit));
  if (word) return `${percent(word.probability)}, logit ${number(word.logit)}`;
  const predicted = predictions.find(({ index, logit }) => index === target.index && logit === target.value);
  if (predicted?.probability !== undefined)
    return `${percent(predicted.probability)}, logit ${number(predicted.logit)}`;
  return `score ${number(target.value)}`;
}

function legend(map: ExplanationMap, { ends, ramp, clipped }: Heat): Html {
  if (ends[0] === ends[1]) return html`<p class="small">Blank: the map is ${number(ends[0])} everywhere.</p>`;
  const [less, more] = clipped ? ['\u2264\u00a0', '\u2265\u00a0'] : ['', ''];
  const [low, high] = map.signed
    ? [`against ${less}${number(ends[0])}`, `for ${more}${number(ends[1])}`]
    : [number(ends[0]), `${more}${number(ends[1])}`];
  return html`<div class="legend">
<div class="ramp" aria-hidden="true" style="background:linear-gradient(90deg,${ramp.join(',')})"></div>
<div class="ends small quiet numbers"><span><span class="visually-hidden">Values from </span>${low}</span><span><span class="visually-hidden">to </span>${high}</span></div>
</div>`;
}

/** Each map has its own scale: how strong it is beside those of the same method and layer of the model. */
function relative(map: ExplanationMap, { maps }: Explanation): number | undefined {
  const strength = ({ range }: ExplanationMap): number => Math.max(Math.abs(range[0]), Math.abs(range[1]));
  const beside = maps.filter(({ method, layer }) => method === map.method && layer.tensor === map.layer.tensor);
  const strongest = Math.max(...beside.map(strength));
  return beside.length > 1 && strongest > 0 ? strength(map) / strongest : undefined;
}

/** Warnings that belong to no single method. */
function generalNotices({ entries }: PictureGroup): Html {
  const ofMethods = new Set(methods.map(({ warning }) => warning?.code));
  const several = entries.length > 1;
  return notices(
    entries.flatMap(({ explanation }) =>
      explanation.warnings
        .filter(({ code }) => !ofMethods.has(code))
        .map(({ code, message }) => ({ code, message: several ? `${explanation.model}: ${message}` : message })),
    ),
  );
}

function notices(warnings: readonly Warning[]): Html {
  const messages = [...new Set(warnings.map(({ message }) => message))];
  if (messages.length === 0) return html``;
  return html`<ul class="notices" aria-label="${plural(messages.length, 'warning')}">${messages.map((message) => html`<li>${message}</li>`)}</ul>`;
}
