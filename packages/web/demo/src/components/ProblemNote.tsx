import { type Place, type Problem, problemAt, settle } from '../state/problem.js';

/** A problem in the library's own words, where the user acted. */
export function ProblemNote({ place }: { readonly place: Place }) {
  const problem = problemAt(place);
  return problem ? <ProblemText problem={problem} onDismiss={() => settle(place)} /> : null;
}

export function ProblemText({ problem, onDismiss }: { readonly problem: Problem; readonly onDismiss?: () => void }) {
  return (
    <div class="problem" role="alert">
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
