import { megabytes } from '@saywhy/core/words';
import { type ModelEntry, openNow } from '../state/models.js';
import { ProblemText } from './ProblemNote.js';

/** A model that is not there: it failed, was stopped, or is so large that one should know before it is opened. */
export function ModelTrouble({ entry }: { readonly entry: ModelEntry }) {
  const { value } = entry.state;
  if (value.kind !== 'failed' && value.kind !== 'held') return null;
  const again = (
    <button type="button" class="button button-small" onClick={() => void openNow(entry)}>
      {value.kind === 'failed' ? 'Try again' : `Open it: ${megabytes(entry.bytes)} MB`}
    </button>
  );
  if (value.kind === 'failed')
    return (
      <>
        <ProblemText problem={value.problem} />
        <p>{again}</p>
      </>
    );
  return (
    <>
      {value.isLarge && (
        <p class="note">
          {entry.title} is large. A browser gives a page two to four gigabytes, a phone less, and a model takes about
          twice its file: it may fail.
        </p>
      )}
      <p>{again}</p>
    </>
  );
}
