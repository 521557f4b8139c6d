import type { Signal } from '@preact/signals';
import { MethodWarning } from '../components/MethodWarning.js';
import { ProblemNote } from '../components/ProblemNote.js';
import { act } from '../state/desk.js';
import { lineOf, methodFor, recordOf } from '../state/methods.js';
import { explainerOf, type ModelEntry } from '../state/models.js';

/** How the model is asked. */
export function MethodChoice({
  entry,
  method,
}: {
  readonly entry: ModelEntry | undefined;
  readonly method: Signal<string>;
}) {
  const methods = explainerOf(entry)?.model.methods ?? [method.value];
  const used = methodFor(method.value, methods);
  return (
    <section class="card" aria-labelledby="method-title">
      <h2 id="method-title">Method</h2>
      <select
        class="select"
        aria-labelledby="method-title"
        value={used}
        onChange={({ currentTarget }) => {
          act('method');
          method.value = currentTarget.value;
        }}
      >
        {methods.map((name) => (
          <option key={name} value={name}>
            {recordOf(name).title}
          </option>
        ))}
      </select>
      <p class="small">{lineOf(recordOf(used))}</p>
      <MethodWarning method={recordOf(used)} />
      <ProblemNote place="method" />
    </section>
  );
}
