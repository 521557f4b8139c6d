import type { Explanation } from '@saywhy/core';
import { inWords } from '@saywhy/core/words';
import { recordOf } from '../state/methods.js';
import { jumpTo } from './jump.js';

/** Told elsewhere: over the picture, and where the device is named. */
const told: ReadonlySet<string> = new Set(['constant-map', 'device-skipped']);

/** What one should know about the answer: the library's warnings, but for the method's own, which stands with the method. */
export function Notes({ explanation, method }: { readonly explanation: Explanation; readonly method: string }) {
  const own = recordOf(method).warning?.code;
  const warnings = explanation.warnings.filter(({ code }) => code !== own && !told.has(code));
  if (warnings.length === 0) return null;
  return (
    <details class="notes">
      <summary>Note: {warnings.map(({ code }) => inWords(code)).join(', ')}</summary>
      <ul>
        {warnings.map(({ code, message }) => (
          <li key={`${code} ${message}`}>
            {message}{' '}
            {code === 'preprocess-guessed' && (
              <button type="button" class="link" onClick={() => jumpTo('about-preprocessing')}>
                See the preprocessing
              </button>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}
