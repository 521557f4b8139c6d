import { useSignal } from '@preact/signals';
import { gridOf, isFine } from '../drawing/heat.js';
import { chooseEvidence, draw } from '../state/actions.js';
import { askedMethod, choice, evidence, main, view } from '../state/desk.js';
import { recordOf } from '../state/methods.js';
import { hasSides } from '../state/question.js';
import { Drawing } from './Drawing.js';
import { Segments } from './Segments.js';

/** How the map is looked at: which side of the evidence, how fine, how strong; and, one step away, in which colours. */
export function Toolbar() {
  const more = useSignal(false);
  const map = main.answer.value?.map;
  const fine = map !== undefined && isFine(map);
  const grid = map && gridOf(map).join(' × ');
  const sides = askedMethod.value ? hasSides(recordOf(askedMethod.value)) : true;
  const versus = choice.value.kind === 'versus';
  return (
    <>
      <div class="toolbar">
        {sides && (
          <Segments
            legend="Evidence"
            name="evidence"
            value={evidence.value}
            onChoose={chooseEvidence}
            options={[
              { value: 'for', text: versus ? 'for the first' : 'for it' },
              { value: 'against', text: versus ? 'for the other' : 'against it' },
              { value: 'both', text: 'both' },
            ]}
          />
        )}
        {!fine && (
          <Segments
            legend="Detail"
            name="detail"
            value={view.value.smooth ? 'smooth' : 'cells'}
            onChoose={(value) => draw({ smooth: value === 'smooth' })}
            options={[
              { value: 'smooth', text: 'smooth' },
              { value: 'cells', text: grid ? `${grid} cells` : 'cells' },
            ]}
          />
        )}
        <label class="field">
          <span class="caption">Strength</span>
          <input
            type="range"
            class="slider"
            min={0}
            max={100}
            value={Math.round(view.value.opacity * 100)}
            aria-valuetext={`${Math.round(view.value.opacity * 100)} %`}
            onInput={({ currentTarget }) => draw({ opacity: Number(currentTarget.value) / 100 })}
          />
        </label>
        <button
          type="button"
          class="button button-small"
          aria-expanded={more.value}
          aria-controls="drawing"
          onClick={() => {
            more.value = !more.value;
          }}
        >
          Colours and lines
        </button>
      </div>
      <div id="drawing" class="toolbar" hidden={!more.value}>
        <Drawing />
      </div>
    </>
  );
}
