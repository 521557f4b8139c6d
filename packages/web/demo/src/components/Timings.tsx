import { milliseconds } from '@saywhy/core/words';
import { main } from '../state/desk.js';
import { onScreen } from '../state/latency.js';

/** How long the last answer took, and what of it was the model's work. */
export function Timings() {
  const answer = main.answer.value;
  if (!answer) return null;
  const { preprocess, forward, backward, map } = answer.explanation.timings;
  const parts = [
    ['picture', preprocess],
    ['forward', forward],
    ['backward', backward],
    ['map', map],
  ] as const;
  return (
    <p class="timings small quiet numbers">
      {onScreen.value !== undefined && (
        <>
          <b>{milliseconds(onScreen.value)}</b>{' '}
          {answer.askedAt === 0 ? 'from opening the page' : 'from click to screen'} on {answer.explanation.device}:{' '}
        </>
      )}
      {parts.map(([name, value]) => `${name} ${value < 0.05 ? '0' : milliseconds(value)}`).join(', ')}
    </p>
  );
}
