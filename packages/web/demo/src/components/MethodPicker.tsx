import { chooseMethod } from '../state/actions.js';
import { allowedMethods, askedMethod } from '../state/desk.js';
import { costOf, families, familyOf, lineOf, recordOf } from '../state/methods.js';
import { jumpTo } from './jump.js';
import { MethodWarning } from './MethodWarning.js';
import { ProblemNote } from './ProblemNote.js';

/** How the model is asked: one method, what it means and what it costs. */
export function MethodPicker() {
  const { value: names } = allowedMethods;
  const asked = askedMethod.value;
  const record = asked === undefined ? undefined : recordOf(asked);
  return (
    <section class="card" aria-labelledby="method-title">
      <div class="card-head">
        <h2 id="method-title">Method</h2>
        <button type="button" class="link" onClick={() => jumpTo('methods')} disabled={!asked}>
          {asked ? `All ${names.length} side by side` : 'All side by side'}
        </button>
      </div>
      <select
        class="select"
        aria-labelledby="method-title"
        disabled={!asked}
        value={asked}
        onChange={({ currentTarget }) => chooseMethod(currentTarget.value)}
      >
        {families.map(({ name, title }) => {
          const within = names.map(recordOf).filter((one) => familyOf(one) === name);
          return within.length === 0 ? null : (
            <optgroup key={name} label={title}>
              {within.map((one) => (
                <option key={one.name} value={one.name}>
                  {one.title}
                </option>
              ))}
            </optgroup>
          );
        })}
      </select>
      {record && (
        <>
          <p class="small">{lineOf(record)}</p>
          <p class="small quiet">Costs {costOf(record)}.</p>
          <MethodWarning method={record} />
        </>
      )}
      <ProblemNote place="method" />
    </section>
  );
}
