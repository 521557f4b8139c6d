import { megabytes } from '@saywhy/core/words';
import { type ModelEntry, openNow } from '../state/models.js';
import { FileButton } from './FileButton.js';
import { ProblemText } from './ProblemNote.js';

/** A model that is not there: it failed, was stopped, or is so large that one should know before it is opened. */
export function ModelTrouble({
  entry,
  onDismiss,
}: {
  readonly entry: ModelEntry;
  /** For a model that can be gone without. */
  readonly onDismiss?: () => void;
}) {
  const { value } = entry.state;
  if (value.kind !== 'failed' && value.kind !== 'held') return null;
  if (value.kind === 'failed')
    return (
      <>
        <ProblemText problem={value.problem} {...(onDismiss && { onDismiss })} />
        <p>
          {value.problem.code === 'no-tokenizer' ? (
            <FileButton place="model" accept=".json" className="button button-small">
              Give its words…
            </FileButton>
          ) : (
            <button type="button" class="button button-small" onClick={() => void openNow(entry)}>
              Try again
            </button>
          )}
        </p>
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
      <p class="row">
        <button type="button" class="button button-small" onClick={() => void openNow(entry)}>
          Open it: {megabytes(entry.bytes)} MB
        </button>
        {onDismiss && (
          <button type="button" class="link" onClick={onDismiss}>
            Dismiss
          </button>
        )}
      </p>
    </>
  );
}
