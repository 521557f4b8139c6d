import type { CaptionWord } from '@saywhy/core';
import { useRef } from 'preact/hooks';
import { choosePart, chosen, nameOf, pointed, shownPart } from './captioning.js';

/** The caption as words to point at. One of them is a stop of the tab key; the arrow keys go on from there. */
export function CaptionWords({ words }: { readonly words: readonly CaptionWord[] }) {
  const row = useRef<HTMLSpanElement>(null);
  const stop = chosen.value === 'whole' ? 0 : chosen.value;
  const go = (to: number): void => {
    const at = Math.max(0, Math.min(words.length - 1, to));
    row.current!.querySelectorAll('button')[at]!.focus();
  };
  return (
    <span class="caption-words" ref={row}>
      {words.map((word, i) => (
        <button
          key={i}
          type="button"
          class={shownPart.value === i ? 'caption-word caption-word-on' : 'caption-word'}
          style={{ '--at': String(i) }}
          tabIndex={i === stop ? 0 : -1}
          aria-pressed={chosen.value === i}
          onFocus={() => choosePart(i)}
          onClick={() => choosePart(i)}
          onPointerEnter={() => {
            pointed.value = i;
          }}
          onPointerLeave={() => {
            pointed.value = undefined;
          }}
          onKeyDown={(event) => {
            const steps: Readonly<Record<string, number>> = {
              ArrowLeft: i - 1,
              ArrowRight: i + 1,
              Home: 0,
              End: words.length - 1,
            };
            const to = steps[event.key];
            if (event.key === 'Escape') choosePart('whole');
            if (to === undefined) return;
            event.preventDefault();
            go(to);
          }}
        >
          {nameOf(word)}
        </button>
      ))}
    </span>
  );
}
