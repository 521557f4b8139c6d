import { useRef } from 'preact/hooks';
import { ProblemNote } from '../components/ProblemNote.js';
import { ask, question, suggestions, words } from './asking.js';
import { completions, goOnWith } from './vocabulary.js';

/** Where the question is typed, with questions to begin with and the words that the model knows. */
export function QuestionForm() {
  const field = useRef<HTMLInputElement>(null);
  const known = words.value;
  const near = completions(question.value, known);
  const add = (word: string): void => {
    ask(goOnWith(question.peek(), word), false);
    field.current!.focus();
  };
  return (
    <section class="card" aria-labelledby="question-title">
      <h2 id="question-title">
        <label for="question">Your question</label>
      </h2>
      <form
        class="ask"
        onSubmit={(event) => {
          event.preventDefault();
          ask(field.current!.value, true);
        }}
      >
        <input
          ref={field}
          id="question"
          type="text"
          autoComplete="off"
          spellcheck={false}
          value={question.value}
          onInput={({ currentTarget }) => ask(currentTarget.value, false)}
        />
        <button type="submit" class="button button-small">
          Ask
        </button>
      </form>
      <ProblemNote place="question" />
      {near.length > 0 && <Words label="Go on with" words={near} onChoose={add} />}
      {suggestions.value.length > 0 && (
        <Words label="Try" words={suggestions.value} onChoose={(text) => ask(text, true)} />
      )}
      {known.length > 0 && (
        <details class="small">
          <summary>The {known.length} words that it knows</summary>
          <Words label="Words" words={known} onChoose={add} />
        </details>
      )}
    </section>
  );
}

function Words({
  label,
  words,
  onChoose,
}: {
  readonly label: string;
  readonly words: readonly string[];
  readonly onChoose: (word: string) => void;
}) {
  return (
    <ul class="words" aria-label={label}>
      {words.map((word) => (
        <li key={word}>
          <button type="button" class="word" onClick={() => onChoose(word)}>
            {word}
          </button>
        </li>
      ))}
    </ul>
  );
}
