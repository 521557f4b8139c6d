import { computed } from '@preact/signals';
import type { LayerInfo } from '@saywhy/core';
import { chooseLayer } from '../state/actions.js';
import { askedMethod, layer } from '../state/desk.js';
import { ofLayer, recordOf } from '../state/methods.js';
import { explainerOf, model } from '../state/models.js';
import { layerStages, sizeText } from './layerStages.js';
import { ProblemNote } from './ProblemNote.js';

const info = computed(() => explainerOf(model.value)?.model);

/** Which layer is looked at: all of them from the first to the last, by their names in PyTorch. */
export function Layers() {
  const { layers = [], layer: auto } = info.value ?? {};
  const chosen = layer.value === 'auto' ? auto : layers.find(({ name }) => name === layer.value);
  const at = chosen ? layers.findIndex(({ name }) => name === chosen.name) : layers.length - 1;
  const matters = !askedMethod.value || usesLayer(askedMethod.value);
  if (info.value && layers.length === 0) return null;
  return (
    <section class={matters ? 'card' : 'card card-idle'} aria-labelledby="layer-title">
      <div class="card-head">
        <h2 id="layer-title">Layer</h2>
        {layer.value !== 'auto' && auto && (
          <button type="button" class="link" onClick={() => chooseLayer('auto')}>
            Back to the last, {auto.name}
          </button>
        )}
      </div>
      {matters ? null : <p class="quiet small">This method works on the picture’s pixels; it needs no layer.</p>}
      <input
        type="range"
        class="slider"
        min={0}
        max={Math.max(0, layers.length - 1)}
        step={1}
        value={Math.max(0, at)}
        disabled={layers.length === 0 || !matters}
        aria-labelledby="layer-title"
        aria-valuetext={chosen ? `${chosen.name}, ${sizeText(chosen)}, ${at + 1} of ${layers.length}` : 'loading'}
        onInput={({ currentTarget }) => {
          const next = layers[Number(currentTarget.value)];
          if (next) chooseLayer(next.name === auto?.name ? 'auto' : next.name);
        }}
      />
      <Stages layers={layers} at={at} />
      <p class="layer-name">
        {chosen ? (
          <>
            <code>{chosen.name}</code>{' '}
            <span class="quiet numbers">
              {sizeText(chosen)} · {at + 1} of {layers.length}
            </span>
          </>
        ) : (
          <span class="quiet">…</span>
        )}
      </p>
      <ProblemNote place="layer" />
    </section>
  );
}

const usesLayer = (name: string): boolean => {
  const record = recordOf(name);
  return ofLayer(record) || record.needs.includes('activations');
};

/** Where the grid gets coarser along the slider. */
function Stages({ layers, at }: { readonly layers: readonly LayerInfo[]; readonly at: number }) {
  return (
    <ol class="stages" aria-hidden="true">
      {layerStages(layers).map(({ from, count, text }) => (
        <li
          key={from}
          class={at >= from && at < from + count ? 'stage-on' : undefined}
          style={{ flexGrow: String(count) }}
        >
          {text}
        </li>
      ))}
    </ol>
  );
}
