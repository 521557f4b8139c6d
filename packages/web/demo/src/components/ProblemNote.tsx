import { useEffect, useRef } from 'preact/hooks';
import { type Place, type Problem, problemAt, settle } from '../state/problem.js';

/** A problem in the library's own words, where the user acted. */
export function ProblemNote({
  place,
  onDismiss = () => settle(place),
}: {
  readonly place: Place;
  readonly onDismiss?: () => void;
}) {
  const problem = problemAt(place);
  return problem ? <ProblemText key={problem.message} problem={problem} onDismiss={onDismiss} /> : null;
}

export function ProblemText({ problem, onDismiss }: { readonly problem: Problem; readonly onDismiss?: () => void }) {
  const note = useRef<HTMLDivElement>(null);
  // Whoever has scrolled away should see it too.
  useEffect(() => note.current?.scrollIntoView({ block: 'nearest' }), []);
  return (
    <div class="problem" role="alert" ref={note}>
      <p>{problem.message}</p>
      <p class="problem-foot">
        <code>{problem.code}</code>
        {onDismiss && (
          <button type="button" class="link" onClick={onDismiss}>
            Dismiss
          </button>
        )}
      </p>
    </div>
  );
}
