import { useSignal } from '@preact/signals';
import { type ModelInfo, parsePreprocess, preprocessPresets } from '@saywhy/core';
import { fromHuggingFace } from '@saywhy/core/huggingface';
import { act } from '../state/desk.js';
import { type ModelEntry, reopen } from '../state/models.js';
import { report, settle } from '../state/problem.js';
import { ProblemNote } from './ProblemNote.js';
import { preprocessText, stepTexts } from './stepTexts.js';

/** How pictures are made ready for the model: in words, and as JSON that can be changed. */
export function Preprocessing({ entry, info }: { readonly entry: ModelEntry; readonly info: ModelInfo }) {
  const draft = useSignal<string | undefined>(undefined);
  const { preprocess, preprocessFrom } = info;
  const apply = (text: string): void => {
    act('preprocess');
    settle('preprocess');
    try {
      const json = JSON.parse(text) as object;
      const parsed = 'steps' in json ? parsePreprocess(json) : fromHuggingFace(json);
      draft.value = undefined;
      reopen(entry, { ...entry.options.peek(), preprocess: parsed });
    } catch (error) {
      report(
        'preprocess',
        error instanceof SyntaxError ? { code: 'invalid-json', message: `This is not JSON: ${error.message}.` } : error,
      );
    }
  };
  const text = draft.value ?? (preprocess ? preprocessText(preprocess) : '');
  return (
    <div class="preprocessing">
      <h3 id="about-preprocessing" tabIndex={-1}>
        How it sees pictures{' '}
        <span class={preprocessFrom === 'guess' ? 'tag tag-warning' : 'tag'}>
          {preprocessFrom === 'guess' ? 'guessed' : preprocessFrom === 'option' ? 'as you said' : 'from the file'}
        </span>
      </h3>
      <ol class="steps">
        {stepTexts(preprocess).map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <details>
        <summary>Change it</summary>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            apply(text);
          }}
        >
          <label class="field">
            <span class="caption">saywhy’s JSON, or a preprocessor_config.json</span>
            <textarea
              rows={10}
              spellcheck={false}
              value={text}
              onInput={({ currentTarget }) => {
                draft.value = currentTarget.value;
              }}
            />
          </label>
          <p class="row">
            <button type="submit" class="button button-strong">
              Use it
            </button>
            <button
              type="button"
              class="button"
              onClick={() => {
                draft.value = preprocessText(preprocessPresets.imagenet);
              }}
            >
              ImageNet’s usual
            </button>
            <button
              type="button"
              class="button"
              onClick={() => {
                draft.value = undefined;
                settle('preprocess');
                const { preprocess: _, ...others } = entry.options.peek();
                if (entry.options.peek().preprocess) reopen(entry, others);
              }}
            >
              As it was
            </button>
          </p>
          <ProblemNote place="preprocess" />
        </form>
      </details>
    </div>
  );
}
