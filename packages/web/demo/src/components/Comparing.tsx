import { chooseCompare, keep } from '../state/actions.js';
import { arrangement, compare, kept, main } from '../state/desk.js';
import type { Compare } from '../state/link.js';
import { model, models } from '../state/models.js';
import { captionOf } from '../state/shown.js';
import { Segments } from './Segments.js';

/** What the map is shown beside, and how. */
export function Comparing() {
  const { value } = compare;
  const others = models.value.filter((entry) => entry !== model.value);
  return (
    <div class="toolbar">
      <label class="field">
        <span class="caption">Compare with</span>
        <select
          class="select"
          value={value.kind === 'model' ? `model:${value.model}` : value.kind}
          onChange={({ currentTarget }) => chooseCompare(compareOf(currentTarget.value))}
        >
          <option value="none">nothing</option>
          <option value="photo">the photograph</option>
          <option value="random">random weights</option>
          {kept.value && <option value="kept">kept: {captionOf(kept.value)}</option>}
          <optgroup label="another model">
            {others.map(({ name, title }) => (
              <option key={name} value={`model:${name}`}>
                {title}
              </option>
            ))}
          </optgroup>
        </select>
      </label>
      {value.kind !== 'none' && (
        <Segments
          legend="View"
          name="arrangement"
          value={arrangement.value}
          onChoose={(to) => {
            arrangement.value = to;
          }}
          options={[
            { value: 'split', text: 'split' },
            { value: 'beside', text: 'side by side' },
          ]}
        />
      )}
      <button type="button" class="button button-small" disabled={!main.answer.value} onClick={keep}>
        Keep this map
      </button>
    </div>
  );
}

function compareOf(text: string): Compare {
  if (text.startsWith('model:')) return { kind: 'model', model: text.slice(6) };
  const known = (['photo', 'random', 'kept'] as const).find((kind) => kind === text);
  return { kind: known ?? 'none' };
}
