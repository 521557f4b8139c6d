import { main } from '../state/desk.js';
import { recordOf } from '../state/methods.js';

/** Told elsewhere: over the picture, and where the device is named. */
const told: ReadonlySet<string> = new Set(['constant-map', 'device-skipped']);

/** What one should know about the answer: the library's warnings, but for the method's own, which stands with the method. */
export function Notes() {
  const answer = main.answer.value;
  if (!answer) return null;
  const own = recordOf(answer.question.method).warning?.code;
  const warnings = answer.explanation.warnings.filter(({ code }) => code !== own && !told.has(code));
  if (warnings.length === 0) return null;
  return (
    <details class="notes">
      <summary>{warnings.length === 1 ? '1 note on this answer' : `${warnings.length} notes on this answer`}</summary>
      <ul>
        {warnings.map(({ code, message }) => (
          <li key={`${code} ${message}`}>{message}</li>
        ))}
      </ul>
    </details>
  );
}
