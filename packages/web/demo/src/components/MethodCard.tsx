import type { Method } from '@saywhy/core';
import { inWords, milliseconds } from '@saywhy/core/words';
import { chooseMethod } from '../state/actions.js';
import { askedMethod, main } from '../state/desk.js';
import { drawMethod, gallery } from '../state/gallery.js';
import { costOf, effortOf, lineOf } from '../state/methods.js';
import { picture, sizes } from '../state/pictures.js';
import type { Pane } from '../state/shown.js';
import { jumpTo } from './jump.js';
import { MapLayer } from './MapLayer.js';

/** One method: its map, a line on what it means, its cost, and what is known against it. */
export function MethodCard({ record }: { readonly record: Method }) {
  const { name, title, warning } = record;
  const drawn = gallery.value.get(name);
  const pane = paneOf(name);
  const current = askedMethod.value === name;
  return (
    <article class={current ? 'method-card method-current' : 'method-card'}>
      <div class="method-stage" style={{ '--ratio': ratioOf(pane).toFixed(4) }}>
        {pane && (
          <div class="frame">
            <MapLayer pane={pane} />
          </div>
        )}
        {drawn?.kind === 'failed' && <p class="method-message">{drawn.problem.message}</p>}
        {!drawn && effortOf(record) === 'many' && (
          <button type="button" class="button method-draw" onClick={() => void drawMethod(name)}>
            Draw it
          </button>
        )}
        {drawn?.kind === 'running' && drawn.progress?.stage === 'run' && drawn.progress.total > 3 && (
          <progress max={drawn.progress.total} value={drawn.progress.loaded} aria-label={`${title}: runs`} />
        )}
      </div>
      <h4>
        <button type="button" class="method-name" aria-pressed={current} onClick={() => lookAt(name)}>
          {title}
        </button>
        {drawn?.kind === 'map' && <span class="small quiet numbers">{milliseconds(drawn.milliseconds)}</span>}
      </h4>
      {warning && (
        <p>
          <span class="tag tag-warning">{inWords(warning.code)}</span>
        </p>
      )}
      <p class="small">{lineOf(record)}</p>
      <p class="small quiet">Costs {costOf(record)}.</p>
    </article>
  );
}

function lookAt(name: string): void {
  chooseMethod(name);
  jumpTo('viewing');
}

function ratioOf(pane: Pane | undefined): number {
  const { width, height } = (pane && sizes.value.get(pane.picture.url)) ?? { width: 4, height: 3 };
  return width / height;
}

function paneOf(name: string): Pane | undefined {
  if (!picture.value) return undefined;
  const drawn = gallery.value.get(name);
  const waiting = drawn?.kind === 'running';
  const base = { picture: picture.value, caption: name, waiting };
  if (drawn?.kind !== 'map') return base;
  const region = main.answer.value?.explanation.region ?? wholeOf(picture.value.url);
  return region ? { ...base, map: drawn.map, region, range: drawn.map.range } : base;
}

function wholeOf(url: string) {
  const size = sizes.value.get(url);
  return size && { x: 0, y: 0, ...size };
}
