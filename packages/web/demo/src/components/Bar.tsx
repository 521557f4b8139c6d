import type { Signal } from '@preact/signals';
import type { Prediction } from '@saywhy/core';
import { number, percent } from '@saywhy/core/words';
import { useBarDrag } from './useBarDrag.js';

/** One answer: a button that asks why. Dragged onto another bar, or by the button at its end, it asks why this rather than that. */
export function Bar({
  prediction: { index, logit, probability },
  name,
  unit,
  length,
  role,
  asked,
  askedName,
  dragged,
  onAsk,
  onVersus,
}: {
  readonly prediction: Prediction;
  readonly name: string;
  /** What its number is. */
  readonly unit: string;
  /** Of the bar, from 0 to 1. */
  readonly length: number;
  readonly role: 'asked' | 'other' | 'free' | 'shown';
  readonly asked: number | undefined;
  readonly askedName: string;
  readonly dragged: Signal<number | undefined> | undefined;
  readonly onAsk: () => void;
  /** Asks why one class rather than another. */
  readonly onVersus: (index: number, other: number) => void;
}) {
  const drag = useBarDrag(index, dragged, (other) => onVersus(index, other));
  const content = (
    <>
      <span class="bar-name">
        {role === 'other' && <span class="bar-hint">rather than </span>}
        {name}
      </span>
      <span class="bar-values numbers">
        <span class="bar-logit">
          {unit} {number(logit)}
        </span>{' '}
        {probability !== undefined && <b>{percent(probability)}</b>}
      </span>
      <span class="bar-track" aria-hidden="true">
        <i style={{ width: `${(length * 100).toFixed(2)}%` }} />
      </span>
    </>
  );
  if (role === 'shown')
    return (
      <li>
        <div class="bar">{content}</div>
      </li>
    );
  const isTarget = dragged?.value !== undefined && dragged.value !== index;
  return (
    <li
      class={`bar-row bar-${role}${isTarget ? ' bar-target' : ''}${drag.style ? ' bar-dragged' : ''}`}
      data-class={index}
      style={drag.style}
    >
      <button
        type="button"
        class="bar"
        aria-pressed={role === 'asked'}
        onClick={drag.clicked(onAsk)}
        {...drag.handlers}
      >
        {content}
      </button>
      {role === 'free' && asked !== undefined && (
        <button
          type="button"
          class="bar-versus"
          aria-label={`vs ${name}: why ${askedName} rather than that?`}
          title={`Why ${askedName} rather than ${name}?`}
          onClick={() => onVersus(asked, index)}
        >
          vs
        </button>
      )}
    </li>
  );
}
