import { useEffect, useRef } from 'preact/hooks';
import type { Trial } from './plan.js';
import { judge } from './session.js';

/** The answers that a trial allows: buttons, which the keys 1, 2, ... press, and between which the arrow keys move. */
export function Choices({ trial, isReady }: { readonly trial: Trial; readonly isReady: boolean }) {
  const group = useRef<HTMLFieldSetElement>(null);
  const choices = choicesOf(trial);
  useEffect(() => {
    const abort = new AbortController();
    addEventListener(
      'keydown',
      (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        const buttons = [...group.current!.querySelectorAll('button')];
        const pressed = buttons[Number(event.key) - 1];
        const step = steps[event.key];
        if (pressed) pressed.click();
        else if (step !== undefined) move(buttons, step);
        else return;
        event.preventDefault();
      },
      { signal: abort.signal },
    );
    return () => abort.abort();
  }, []);
  return (
    <fieldset class="judge-choices" ref={group}>
      <legend class="visually-hidden">Answers</legend>
      {choices.map(({ text, answer }, i) => (
        // Not `disabled`: that would take the focus away between two trials.
        <button
          key={i}
          type="button"
          class="button"
          aria-disabled={!isReady}
          aria-keyshortcuts={String(i + 1)}
          onClick={() => judge(answer)}
        >
          <span class="judge-key" aria-hidden="true">
            {i + 1}
          </span>{' '}
          {text}
        </button>
      ))}
    </fieldset>
  );
}

const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };

function move(buttons: readonly HTMLElement[], step: number): void {
  const at = buttons.indexOf(document.activeElement as HTMLElement);
  const to = at < 0 ? (step > 0 ? 0 : buttons.length - 1) : Math.max(0, Math.min(buttons.length - 1, at + step));
  buttons[to]!.focus();
}

function choicesOf(trial: Trial): readonly { readonly text: string; readonly answer: number }[] {
  if (trial.study === 'discrimination')
    return trial.offered.map((thing, answer) => ({ text: trial.things[thing].name, answer }));
  return [
    { text: 'Map 1, clearly', answer: -2 },
    { text: 'Map 1, slightly', answer: -1 },
    { text: 'Both alike', answer: 0 },
    { text: 'Map 2, slightly', answer: 1 },
    { text: 'Map 2, clearly', answer: 2 },
  ];
}
