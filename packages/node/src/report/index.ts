import { createHash } from 'node:crypto';
import type { Explanation, ModelInfo, Picture } from '@saywhy/core';
import { percent, targetInWords } from '@saywhy/core/words';
import { photoUrl } from '../pictures/encode.js';
import { answersOf } from './answers.js';
import { cardsOf } from './cards.js';
import { detailsOf } from './details.js';
import { Html, html } from './html.js';
import { script, style } from './style.js';

/** One picture explained with one model. */
export interface ReportEntry {
  readonly name: string;
  readonly picture: Picture;
  /** What is known of the model, for the page's last part. */
  readonly model?: ModelInfo;
  readonly explanation: Explanation;
}

/** The entries of one picture, whose photograph is embedded once. */
export interface PictureGroup {
  readonly name: string;
  readonly picture: Picture;
  readonly entries: readonly ReportEntry[];
}

/**
 * One HTML file that needs nothing else: pictures are embedded, nothing is loaded from anywhere, and but for the slider
 * it works without scripts. Entries with the same picture come under one heading, side by side.
 */
export async function reportHtml(
  entries: readonly ReportEntry[],
  options: { readonly command?: string } = {},
): Promise<string> {
  const groups = groupByPicture(entries);
  const photos = await Promise.all(groups.map(({ picture }) => photoUrl(picture)));
  const pictures = await Promise.all(groups.map((group, i) => pictureSection(group, i, photos[i]!)));
  const title = titleOf(groups);
  // The photographs are custom properties, so that many maps share one copy of each.
  const backgrounds = photos.map((url, i) => `.photo-${i}{background-image:url(${url})}`).join('\n');
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-${hashOf(script)}'">
<meta name="generator" content="saywhy">
<title>${title}</title>
<style>${new Html(style)}${new Html(backgrounds)}</style>
</head>
<body>
<header class="page">
<h1>${title}</h1>
${leadOf(groups)}
${groups.length > 1 && navigation(groups)}
</header>
<main>
${controls}
${pictures}
</main>
<footer>
${detailsOf(groups, options.command)}
</footer>
<script>${new Html(script)}</script>
</body>
</html>
`;
  return page.text;
}

function groupByPicture(entries: readonly ReportEntry[]): PictureGroup[] {
  const groups = new Map<Picture, ReportEntry[]>();
  for (const entry of entries) groups.set(entry.picture, [...(groups.get(entry.picture) ?? []), entry]);
  return [...groups].map(([picture, group]) => ({ name: group[0]!.name, picture, entries: group }));
}

async function pictureSection(group: PictureGroup, index: number, photo: string): Promise<Html> {
  const { name, picture } = group;
  return html`<section class="picture" id="picture-${index}" aria-label="${name}">
<div class="hero">
<figure style="--ratio:${(picture.width / picture.height).toFixed(4)}">
<img src="${photo}" alt="The picture ${name}" width="${picture.width}" height="${picture.height}">
<figcaption class="small quiet">${name}, ${picture.width} × ${picture.height} pixels</figcaption>
</figure>
<div class="answers">
${group.entries.map((entry) => answersOf(entry, group.entries.length > 1))}
</div>
</div>
${await cardsOf(group, index)}
</section>`;
}

function titleOf(groups: readonly PictureGroup[]): string {
  const maps = groups.flatMap(({ entries }) => entries.flatMap(({ explanation }) => explanation.maps));
  const targets = [...new Set(maps.map(({ target }) => targetInWords(target)))];
  if (targets.length === 0 || targets.length > 2) return 'Why did it say that?';
  return `Why ${targets.map((target) => `“${target}”`).join(' and ')}?`;
}

function leadOf(groups: readonly PictureGroup[]): Html {
  const [group] = groups;
  if (groups.length > 1) {
    const models = new Set(groups.flatMap(({ entries }) => entries.map(({ explanation }) => explanation.model)));
    return html`<p class="lead">What ${[...models].join(' and ')} looked at in ${groups.length} pictures.</p>`;
  }
  const sentences = group!.entries.map(({ explanation }) => {
    const { texts, caption, predictions } = explanation;
    const [top] = predictions;
    const asked = Object.values(texts ?? {}).map((text) => html`Asked “${text}”, `);
    if (caption) return html`${asked}<b>${explanation.model}</b> says <b>“${caption.text}”</b>. `;
    if (!top) return html`${explanation.model}. `;
    const share = top.probability === undefined ? '' : ` (${percent(top.probability)})`;
    return html`${asked}<b>${explanation.model}</b> ${asked.length > 0 ? 'says' : 'sees'} <b>${top.label ?? `class ${top.index}`}</b>${share}. `;
  });
  return html`<p class="lead">${sentences}The colours show which parts of ${group!.name} spoke for each answer.</p>`;
}

function navigation(groups: readonly PictureGroup[]): Html {
  return html`<nav aria-label="Pictures"><ul>${groups.map(({ name }, i) => html`<li><a href="#picture-${i}">${name}</a></li>`)}</ul></nav>`;
}

const controls = html`<form class="controls" aria-label="How maps are shown">
<fieldset><legend>Map</legend>
<label><input type="radio" name="detail" id="smooth" checked> smooth</label>
<label><input type="radio" name="detail" id="cells"> cells as the model has them</label>
</fieldset>
<fieldset><legend>Photograph</legend>
<label><input type="radio" name="photo" id="colour" checked> colour</label>
<label><input type="radio" name="photo" id="grey"> grey</label>
<label><input type="radio" name="photo" id="hidden"> hidden</label>
</fieldset>
<label class="heat-slider">Strength <input type="range" id="opacity" min="0" max="100" value="85"> <output id="opacity-value" for="opacity"></output></label>
</form>`;

const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64');
