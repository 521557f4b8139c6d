import { useSignal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { type Problem, problemOf } from '../state/problem.js';
import { ProblemText } from './ProblemNote.js';

/** A part of the page whose code is loaded when it is first shown. */
export function Later({ load }: { readonly load: () => Promise<ComponentType> }) {
  const state = useSignal<{ readonly Part?: ComponentType; readonly problem?: Problem }>({});
  const get = (): void => {
    state.value = {};
    load().then(
      (Part) => {
        state.value = { Part };
      },
      (error: unknown) => {
        state.value = { problem: problemOf(error) };
      },
    );
  };
  useEffect(get, []);
  const { Part, problem } = state.value;
  if (Part) return <Part />;
  if (!problem) return <p class="later quiet">Loading…</p>;
  return (
    <div class="later">
      <ProblemText problem={problem} />
      <button type="button" class="button" onClick={get}>
        Try again
      </button>
    </div>
  );
}
