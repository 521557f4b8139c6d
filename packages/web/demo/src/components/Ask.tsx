import { useRef } from 'preact/hooks';
import { choose, chooseEvidence } from '../state/actions.js';
import { explainerOf, model } from '../state/models.js';
import { report, settle } from '../state/problem.js';
import { readWording } from '../state/wording.js';

/** Any class can be asked about, by its label or index, or one against another. */
export function Ask() {
  const input = useRef<HTMLInputElement>(null);
  const info = explainerOf(model.value)?.model;
  const labels = info?.labels;
  const ask = (): void => {
    const text = input.current!.value;
    if (text.trim() === '') return;
    settle('class');
    try {
      const { choice, evidence } = readWording(text, labels);
      choose(choice);
      if (evidence) chooseEvidence(evidence);
      input.current!.value = '';
    } catch (error) {
      report('class', error);
    }
  };
  return (
    <form
      class="ask"
      onSubmit={(event) => {
        event.preventDefault();
        ask();
      }}
    >
      <label class="visually-hidden" for="ask-class">
        Ask about another class
      </label>
      <input
        ref={input}
        id="ask-class"
        list="labels"
        type="text"
        autoComplete="off"
        spellcheck={false}
        placeholder={labels ? 'Another class, or “A vs B”' : 'The index of another class'}
        disabled={!info}
      />
      <button type="submit" class="button button-small" disabled={!info}>
        Ask
      </button>
      {labels && (
        <datalist id="labels">
          {labels.map((label, i) => (
            <option key={i} value={label} />
          ))}
        </datalist>
      )}
    </form>
  );
}
