import type { Signal } from '@preact/signals';
import { MethodWarning } from '../components/MethodWarning.js';
import { lineOf, recordOf } from '../state/methods.js';
import { explainerOf, type ModelEntry } from '../state/models.js';

/** How the model is asked. */
export function MethodChoice({ entry, method }: { readonly entry: ModelEntry; readonly method: Signal<string> }) {
  const methods = explainerOf(entry)?.model.methods ?? [method.value];
  const record = recordOf(method.value);
  return (
    <section class="card" aria-labelledby="method-title">
      <h2 id="method-title">Method</h2>
      <select
        class="select"
        aria-labelledby="method-title"
        value={method.value}
        onChange={({ currentTarget }) => {
          method.value = currentTarget.value;
        }}
      >
        {methods.map((name) => (
          <option key={name} value={name}>
            {recordOf(name).title}
          </option>
        ))}
      </select>
      <p class="small">{lineOf(record)}</p>
      <MethodWarning method={record} />
    </section>
  );
}
