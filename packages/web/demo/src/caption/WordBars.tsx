import type { Caption } from '@saywhy/core';
import { percent } from '@saywhy/core/words';
import { choosePart, nameOf, shownPart } from './captioning.js';

/** How sure the model was of each word; each, and the whole, can be looked at. */
export function WordBars({ caption: { words, logProbability, ended } }: { readonly caption: Caption }) {
  return (
    <>
      <ul class="bars" aria-label="Words of the caption">
        <li class={shownPart.value === 'whole' ? 'bar-row bar-asked' : 'bar-row'}>
          <button
            type="button"
            class="bar"
            aria-pressed={shownPart.value === 'whole'}
            onClick={() => choosePart('whole')}
          >
            <span class="bar-name">the whole caption</span>
            <span class="bar-values numbers">
              <b>{percent(Math.exp(logProbability))}</b>
            </span>
          </button>
        </li>
        {words.map((word, i) => (
          <li key={i} class={shownPart.value === i ? 'bar-row bar-asked' : 'bar-row'}>
            <button type="button" class="bar" aria-pressed={shownPart.value === i} onClick={() => choosePart(i)}>
              <span class="bar-name">{nameOf(word)}</span>
              <span class="bar-values numbers">
                <b>{percent(word.probability)}</b>
              </span>
              <span class="bar-track" aria-hidden="true">
                <i style={{ width: `${(word.probability * 100).toFixed(2)}%` }} />
              </span>
            </button>
          </li>
        ))}
      </ul>
      {!ended && <p class="note">The model did not come to an end: the caption was cut off.</p>}
    </>
  );
}
