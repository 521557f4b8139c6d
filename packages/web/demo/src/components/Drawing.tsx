import { type ColormapName, colormapNames } from '@saywhy/core';
import { draw } from '../state/actions.js';
import { main, view } from '../state/desk.js';
import type { Base } from '../state/link.js';
import { Segments } from './Segments.js';

const names: Readonly<Partial<Record<ColormapName, string>>> = {
  jet: 'jet (makes edges that are not there)',
  gray: 'grey',
};

/** What is set once: colours, lines, the photograph below. */
export function Drawing() {
  const { colormap, contours, base, stretch } = view.value;
  const signed = main.answer.value?.map.signed ?? false;
  return (
    <details class="drawing">
      <summary class="button button-small">Colours and lines</summary>
      <div class="drawing-body">
        <label class="field">
          <span class="caption">Colours</span>
          <select
            class="select"
            value={signed ? 'diverging' : colormap}
            disabled={signed}
            onChange={({ currentTarget }) => draw({ colormap: currentTarget.value as ColormapName })}
          >
            {colormapNames
              .filter((name) => name !== 'diverging' || signed)
              .map((name) => (
                <option key={name} value={name}>
                  {names[name] ?? name}
                </option>
              ))}
          </select>
        </label>
        <Segments<Base>
          legend="Photograph"
          name="base"
          value={base}
          onChoose={(to) => draw({ base: to })}
          options={[
            { value: 'color', text: 'colour' },
            { value: 'gray', text: 'grey' },
            { value: 'hidden', text: 'hidden' },
          ]}
        />
        <label class="check">
          <input
            type="checkbox"
            checked={contours}
            onChange={({ currentTarget }) => draw({ contours: currentTarget.checked })}
          />
          Lines at a quarter, half and three quarters
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={stretch}
            onChange={({ currentTarget }) => draw({ stretch: currentTarget.checked })}
          />
          Stretch maps that are near zero
        </label>
      </div>
    </details>
  );
}
