import type { CaptionWord, Prediction } from '@saywhy/core';
import { boxInWords, number, percent } from '@saywhy/core/words';
import { type Html, html } from './html.js';
import type { ReportEntry } from './index.js';

/** What a model says about a picture: its top classes as bars, with probability and logit. */
export function answersOf({ explanation }: ReportEntry, several: boolean): Html {
  const { predictions, texts, caption } = explanation;
  const largest = Math.max(...predictions.map(({ logit }) => Math.abs(logit)));
  const heading = several ? explanation.model : 'The model says';
  const asked = Object.values(texts ?? {});
  return html`<section>
<h2>${asked.length > 0 ? asked.join(' ') : heading}</h2>
${asked.length > 0 && several && html`<p class="small quiet">${explanation.model}</p>`}
${caption && html`<p>“${caption.text}”</p>`}
<ol class="bars">${caption ? caption.words.map(wordBar) : predictions.map((prediction) => bar(prediction, largest))}</ol>
</section>`;
}

/** How sure the model was of a word, given those before it. */
function wordBar({ token, probability, logit }: CaptionWord): Html {
  return html`<li>
<span class="label">${token}</span>
<span class="small numbers"><b>${percent(probability)}</b> <span class="quiet">logit ${number(logit)}</span></span>
<span class="track" aria-hidden="true"><i style="width:${(probability * 100).toFixed(1)}%"></i></span>
</li>`;
}

function bar({ index, label, logit, probability, share, box }: Prediction, largest: number): Html {
  const part = probability ?? share;
  const length = part ?? (largest > 0 ? Math.abs(logit) / largest : 0);
  const value = box
    ? `box ${boxInWords(box)}`
    : share !== undefined
      ? 'of the picture'
      : probability === undefined
        ? number(logit)
        : `logit ${number(logit)}`;
  return html`<li>
<span class="label">${label ?? `class ${index}`}</span>
<span class="small numbers">${part !== undefined && html`<b>${percent(part)}</b> `}<span class="quiet">${value}</span></span>
<span class="track" aria-hidden="true"><i style="width:${(length * 100).toFixed(1)}%"></i></span>
</li>`;
}
