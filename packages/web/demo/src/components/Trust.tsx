import { chooseCompare } from '../state/actions.js';
import { compare, main } from '../state/desk.js';
import { ALIKE, checkSanity, sanity } from '../state/trust.js';
import { ProblemNote } from './ProblemNote.js';

/** Whether the map depends on what the model has learned: the same method on random weights, and how alike the two are. */
export function Trust() {
  const { value } = sanity;
  return (
    <section class="card" aria-labelledby="trust-title">
      <div class="card-head">
        <h2 id="trust-title">Can it be trusted?</h2>
        {value.kind !== 'done' && (
          <button
            type="button"
            class="link"
            disabled={!main.answer.value || value.kind === 'running'}
            onClick={() => void checkSanity()}
          >
            {value.kind === 'running' ? 'Checking…' : 'Check it'}
          </button>
        )}
      </div>
      <div role="status">
        {value.kind === 'done' ? (
          <Verdict similarity={value.similarity} />
        ) : (
          <p class="small quiet">
            The same method, once half of this model’s weights are random: a map that stays the same says nothing about
            what was learned.
          </p>
        )}
      </div>
      {value.kind === 'done' && compare.value.kind !== 'random' && (
        <button type="button" class="button button-small" onClick={() => chooseCompare({ kind: 'random' })}>
          Show the two maps together
        </button>
      )}
      <ProblemNote place="trust" />
    </section>
  );
}

function Verdict({ similarity }: { readonly similarity: number }) {
  const alike = Math.abs(similarity) >= ALIKE;
  return (
    <div class={alike ? 'verdict verdict-bad' : 'verdict'}>
      <p>
        <b>{alike ? 'Hardly depends on the weights' : 'Depends on what was learned'}</b>
      </p>
      <p class="small numbers">
        Similarity to the map with random weights: {similarity.toFixed(2).replace('-', '−')} (1 the same, 0 nothing in
        common)
      </p>
      <meter min={0} max={1} low={0.3} high={ALIKE} optimum={0} value={Math.max(0, similarity)} aria-hidden="true" />
    </div>
  );
}
